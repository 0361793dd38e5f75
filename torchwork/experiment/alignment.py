"""Which node of a definition became which: the cheapest way from one list of nodes to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torchwork.experiment.place import Place
from torchwork.experiment.spec import Definition, Node

TENSORS = frozenset({"Parameter", "Buffer"})
"""tensors of the module itself, which take nothing and stand in nobody's way"""
NEVER = 9.0
"""costs more than taking the old node away and adding the new one, which is 2"""


@dataclass(frozen=True)
class Placed:
    """A node by its name, with its place in the document, what it takes its input from, and what stands before it."""

    name: str
    node: Node
    path: Place
    sources: tuple[str, ...]
    behind: str | None

    @property
    def named(self) -> bool:
        """Whether a person named it; the number of a place in a chain is no name."""
        return not self.name.isdecimal()


def placed(definition: Definition, path: Place) -> list[Placed]:
    """The nodes of a definition in the order of the document; a chain's are called by their numbers, or labels."""
    if definition.nodes is not None:
        found = [(name, node, (*path, "nodes", name)) for name, node in definition.nodes.items()]
    else:
        layers = enumerate(definition.layers or ())
        found = [(node.label or str(number), node, (*path, "layers", number)) for number, node in layers]
    items: list[Placed] = []
    before = tuple(definition.inputs)
    for name, node, place in found:
        given = () if node.name in TENSORS else before
        sources = given if node.source is None else (node.source,) if isinstance(node.source, str) else node.source
        items.append(Placed(name, node, place, tuple(sources), items[-1].name if items else None))
        before = before if node.name in TENSORS else (name,)
    return items


@dataclass(frozen=True)
class Alignment:
    """Pairs of numbers in the old and in the new list; `moved` are those that left their place; what it costs."""

    pairs: dict[int, int]
    moved: frozenset[int]
    cost: float


def align(old: Sequence[Placed], new: Sequence[Placed], classes: Mapping[str, str]) -> Alignment:
    """The pairs that make the least changes; `classes` says what renamed definitions are called in the new document."""
    same = _Same(old, new, classes)
    begin = 0
    while begin < min(len(old), len(new)) and same.apart(old[begin], new[begin]) == 0:
        begin += 1
    end = 0
    while end < min(len(old), len(new)) - begin and same.apart(old[-1 - end], new[-1 - end]) == 0:
        end += 1
    inner, cost = _cheapest(old[begin : len(old) - end], new[begin : len(new) - end], same)
    pairs = {place: place for place in range(begin)} | {begin + a: begin + b for a, b in inner}
    pairs |= {len(old) - 1 - step: len(new) - 1 - step for step in range(end)}
    moved = _moved(old, new, pairs, same)
    return Alignment(dict(sorted((pairs | moved).items())), frozenset(moved), cost - len(moved))


class _Same:
    """How far two nodes are from being the same one."""

    def __init__(self, old: Sequence[Placed], new: Sequence[Placed], classes: Mapping[str, str]) -> None:
        self.classes = classes
        self.kept = {item.name for item in old if item.named} & {item.name for item in new if item.named}

    def apart(self, old: Placed, new: Placed) -> float:
        """0 for the same node, above 2 for two that have nothing to do with each other."""
        inside, part = self.arguments(old.node, new.node), self.part(old.node) == (new.node.name or "use")
        if old.name == new.name and old.named:
            return inside if part else 0.6
        if old.name in self.kept or new.name in self.kept:
            return NEVER
        if old.named and new.named:
            return NEVER if not part else 0.7 if inside == 0 else 1.2 + inside
        if old.named or new.named:
            return 0.3 + inside if part else 1.8
        return inside if part else 1.5

    def part(self, node: Node) -> str:
        """What the node is, in the words of the new document."""
        return self.classes.get(node.name, node.name) or "use"

    @staticmethod
    def arguments(old: Node, new: Node) -> float:
        """The share of arguments that differ, at most 0.5."""
        keys: set[str] = old.args.keys() | new.args.keys()
        absent = object()
        differing: list[Any] = [key for key in keys if old.args.get(key, absent) != new.args.get(key, absent)]
        return 0.4 * len(differing) / max(len(keys), 1) + 0.1 * (old.repeat != new.repeat)


def _cheapest(old: Sequence[Placed], new: Sequence[Placed], same: _Same) -> tuple[list[tuple[int, int]], float]:
    """Pairs in order, and the cost of the way: the edit distance, with `same.apart` as what a replacement costs."""
    table = [[float(a + b) for b in range(len(new) + 1)] for a in range(len(old) + 1)]
    for a, one in enumerate(old):
        row, below = table[a], table[a + 1]
        for b, other in enumerate(new):
            below[b + 1] = min(row[b] + same.apart(one, other), row[b + 1] + 1, below[b] + 1)
    pairs, a, b = [], len(old), len(new)
    while a and b:
        # From the end, so that of several equal nodes the first stayed and the last is the new one.
        if table[a][b] == table[a][b - 1] + 1:
            b -= 1
        elif table[a][b] == table[a - 1][b] + 1:
            a -= 1
        else:
            a, b = a - 1, b - 1
            pairs.append((a, b))
    return pairs, table[-1][-1]


def _moved(old: Sequence[Placed], new: Sequence[Placed], pairs: Mapping[int, int], same: _Same) -> dict[int, int]:
    """What was taken away in one place and stands in another: of one name, or the same in every word."""
    found: dict[int, int] = {}
    rest = [b for b in range(len(new)) if b not in pairs.values()]
    for a, item in enumerate(old):
        if a not in pairs:
            near = [b for b in rest if same.apart(item, new[b]) < (0.7 if item.named else 0.01)]
            if near:
                found[a] = near[0]
                rest.remove(near[0])
    return found
