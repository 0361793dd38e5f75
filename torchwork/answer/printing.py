"""The code beside the drawing: the network as classes, and which of its lines are which node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from torchwork.answer.checking import Document, Looked
from torchwork.answer.keeping import said_of
from torchwork.code import print_network
from torchwork.code.network.places import Places
from torchwork.errors import DocumentError
from torchwork.graph import Resolved
from torchwork.graph.item import Block, Item

K = TypeVar("K")
V = TypeVar("V")
GAP = 2
"""empty lines below imports"""
_last: dict[str, str] = {}
"""by path, the code of the last version that could be printed"""
KEPT = 20
_pages: dict[tuple[str, ...], Page] = {}
"""The last pages, by all that they depend on: the code of a document whose nodes only move stays as it is."""


@dataclass(frozen=True)
class Page:
    """Python of a network, and by level the lines of its nodes."""

    text: str = ""
    places: Mapping[str, Places] = field(default_factory=dict)

    def lines(self, level: str, node: str) -> dict[str, Any]:
        """`lines` and `made` of the message `DrawnNode`; a module of a chain is called where it is made."""
        found = self.places.get(level)
        if found is None:
            return {"lines": None, "made": None}
        made = found.made.get(node)
        return {"lines": found.calls.get(node, made), "made": made and made[0]}


def printed(looked: Looked, resolved: Resolved | None, path: str) -> Page:
    """The code of a document; while it is wrong that of the last version that was not, whose lines nobody knows."""
    document = looked.document
    if document is None or resolved is None or resolved.problems or resolved.not_run or not _is_whole(resolved.root):
        return Page(_last.get(path, ""))
    said = (
        document.name,
        said_of(document.model),
        repr((resolved.root and resolved.root.scope, resolved.inputs)),
    )
    try:
        page = _pages.get(said) or _page(document, resolved)
    except DocumentError:
        return Page(_last.get(path, ""))
    _newest(_pages, said, page)
    _newest(_last, path, page.text)
    return page


def _newest(kept: dict[K, V], key: K, value: V) -> None:
    """Puts a value last, and drops the oldest beyond KEPT."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)))


def _page(document: Document, resolved: Resolved) -> Page:
    network = print_network(document.model, resolved, document.name)
    head = "\n".join(sorted(network.imports, reverse=True)) + "\n" * (GAP + 1)
    single = "model = " + network.make if "" in network.places and not network.make.endswith("()") else ""
    text = head + "\n\n\n".join(filter(None, [network.classes, single])) + "\n"
    above, below = head.count("\n"), network.classes.count("\n") + 1 + GAP if network.classes else 0
    places = {
        level: found.below(above + (below if single and not level else 0)) for level, found in network.places.items()
    }
    return Page(text, places)


def _is_whole(item: Item | None) -> bool:
    """Whether every node is known: where nobody knows the inputs, some are not."""
    return all(map(_is_whole, item.items.values())) if isinstance(item, Block) else item is not None
