"""The network of a document as classes of PyTorch: one class for each definition, and the expression that makes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from symtable import SymbolTable, symtable

from torchwork.code.network.drawing import Drawing
from torchwork.code.network.places import Places, height
from torchwork.code.network.scope import BUILTINS, TAKEN
from torchwork.code.network.verbatim import defined, joined_imports, sources
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Model
from torchwork.graph import Resolved
from torchwork.graph.item import Block

IMPORTS = {
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "nn": "from torch import nn",
    "Tensor": "from torch import Tensor",
    "math": "import math",
    "partial": "from functools import partial",
}
"""by the name that a text uses, the line that brings it"""

GAP = 2
"""empty lines between classes"""


@dataclass(frozen=True)
class Printed:
    """`classes`: all class definitions, empty for a plain chain; `make`: the expression that makes the model."""

    classes: str
    make: str
    imports: frozenset[str]
    places: Mapping[str, Places] = field(default_factory=dict)
    """by definition (empty: the model), the lines of `classes` that its nodes are; of a plain chain those of `make`"""


def print_network(model: Model, resolved: Resolved, name: str) -> Printed:
    """The classes of a model that was resolved without problems; `name` is what the class of the whole is called.

    The module that `make` makes has the keys of `resolved.build()`, draws the same random numbers in the same order,
    and computes the same bit for bit.

    Raises:
        DocumentError: the model has problems, or code that was not trusted, or names in its code that contradict.
    """
    if resolved.problems or resolved.root is None:
        raise DocumentError(resolved.problems)
    if resolved.not_run:
        place = resolved.not_run[0]
        words = f"{place.rpartition('.')[2]} is code, and what follows it can be printed only when it has run"
        raise DocumentError(Problem(place, words, "look at it, and run it with --trust"))
    names = class_names(model, name)
    drawing = Drawing(model, resolved, names)
    drawn = {title: drawing.definition(title) for title in _bottom_up(model, resolved.root)}
    root = drawing.root(resolved.ties)
    code = {found.text for title in sources(model) if (found := drawing.drawn(title))}
    texts = list(
        dict.fromkeys(filter(None, [*(found.text for found in drawn.values()), root.text if root.name else ""]))
    )
    make = f"{names['']}()" if root.name else root.text
    lines = _imports("\n\n\n".join([*(text for text in texts if text not in code), make]))
    starts = {text: height(texts[:place]) + GAP * place for place, text in enumerate(texts)}
    places = {title: found.places.below(starts.get(found.text, 0)) for title, found in {**drawn, "": root}.items()}
    return Printed(("\n" * (GAP + 1)).join(texts), make, joined_imports(model, lines), places)


def _bottom_up(model: Model, root: Block) -> list[str]:
    """The definitions that the model uses, each behind those that it uses itself."""
    found: dict[str, None] = {}

    def visit(nodes: Iterator[str]) -> None:
        for name in nodes:
            if name in model.modules and name not in found:
                visit(_used(model.modules[name]))
                found[name] = None

    visit(_used(model))
    return list(found)


def _used(definition: object) -> Iterator[str]:
    nodes: Mapping[str, object] | Sequence[object] = getattr(definition, "nodes", None) or {}
    listed = [*nodes.values()] if isinstance(nodes, Mapping) else []
    return (node.name for node in [*listed, *(getattr(definition, "layers", None) or [])])


def class_names(model: Model, name: str) -> dict[str, str]:
    """The class of every definition, and under the empty name that of the whole model.

    `FashionLenet` of fashion-lenet; what can be a class's name stays, and with `Net` behind it where it is taken.
    """
    found = {title: model.modules[title].class_name or title for title in sources(model)}
    foreign = {name for text in sources(model).values() for name in defined(text)}
    for title in ["", *(title for title in model.modules if title not in found)]:
        wanted = _capitalised(title) if title else _capitalised(name, always=True)
        while wanted in {*found.values(), *foreign, *TAKEN, *BUILTINS} or (not title and wanted in model.modules):
            wanted += "Net"
        found[title] = wanted
    return found


def _capitalised(name: str, *, always: bool = False) -> str:
    """`MyBlock` of my-block; a name that Python takes stays as it is."""
    if name.isidentifier() and name not in {*TAKEN, *BUILTINS} and (name[0].isupper() or not always):
        return name
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return joined if joined[:1].isalpha() else f"Net{joined}"


def _imports(text: str) -> frozenset[str]:
    """The import lines for the names that a text uses."""
    names = (symbol for table in _tables(symtable(text, "network", "exec")) for symbol in table.get_symbols())
    used = {symbol.get_name() for symbol in names if symbol.is_referenced() or symbol.is_assigned()}
    return frozenset(line for name, line in IMPORTS.items() if name in used)


def _tables(table: SymbolTable) -> Iterator[SymbolTable]:
    """The scopes of a text, which Python finds in a third of the time that walking its tree takes."""
    yield table
    for inner in table.get_children():
        yield from _tables(inner)
