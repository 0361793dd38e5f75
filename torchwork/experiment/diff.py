"""What changed between two documents, in words: settings first, then the model node by node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from torchwork.experiment.change import Change, subject, value_changes
from torchwork.experiment.document import Experiment, ModelDocument
from torchwork.experiment.model_diff import model_changes
from torchwork.experiment.values import listed

SETTINGS = ("task", "data", "loss", "optimizer", "schedule", "parameters", "train", "seed")
LABELS = ("name", "notes")
NAMES = 4
"""so many nodes are named in one line"""


def diff(before: Experiment | ModelDocument, after: Experiment | ModelDocument) -> list[Change]:
    """What changed from one document to another, most important first; empty for documents that say the same."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        *_sections(old, new, SETTINGS),
        *model_changes(before.model, after.model),
        *_sections(old, new, LABELS),
    ]


def _sections(before: dict[str, Any], after: dict[str, Any], names: tuple[str, ...]) -> Iterator[Change]:
    for name in names:
        yield from value_changes(before.get(name), after.get(name), (name,))


@dataclass(frozen=True)
class Line:
    """One line for a reader: where, what happened, and the kind of it."""

    where: str
    text: str
    kind: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def told(changes: Iterable[Change]) -> list[Line]:
    """The changes as a reader wants them: those of one node in one line, and the same change of several nodes too."""
    nodes = [list(group) for _, group in groupby(changes, _node)]
    together: dict[object, list[list[Change]]] = {}
    for number, group in enumerate(nodes):
        key = (group[0].where, tuple(change.alike for change in group)) if group[0].alike else number
        together.setdefault(key, []).append(group)
    seen: set[str] = set()
    return [_line(groups, seen) for groups in together.values()]


def _node(change: Change) -> object:
    return (change.where, change.name, change.part) if change.part else (id(change),)


def _line(groups: list[list[Change]], seen: set[str]) -> Line:
    """One line; what uses a definition is said in its first one."""
    first = groups[0][0]
    where = (first.where or first.path) + (first.used if first.where not in seen else "")
    seen.add(first.where)
    names = [group[0].name for group in groups]
    texts = ", ".join(change.text for change in groups[0])
    if len(groups) > 1 and not first.part:
        texts = f"{first.alike}, {len(groups)} times: {_some([f'`{name}`' for name in names])}"
    elif len(groups) > 1:
        texts = f"{_some([f'`{name}`' for name in names])} {first.part} {texts}"
    else:
        texts = subject(names, first.part) + texts
    return Line(where, texts, first.kind if len(groups[0]) == 1 else "set")


def _some(names: list[str]) -> str:
    rest = len(names) - NAMES
    return listed(names if rest <= 1 else [*names[:NAMES], f"{rest} others"])
