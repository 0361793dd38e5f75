"""What resolving has found, by level and node: rows, sums over modules, instances of definitions, values on wires."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torchwork.draw import Sheet, SheetNode
from torchwork.graph import Resolved, Row, TensorSpec, Unknown, Value
from torchwork.graph.item import Block, Code
from torchwork.graph.wiring import REFERENCE

NOTHING = Unknown()
"""What a wire carries that leads nowhere, or lies behind a mistake."""


@dataclass
class Sums:
    """Counts of a call with all that it holds, for the batch."""

    parameters: int = 0
    trained: int = 0
    flop: int = 0
    memory: int = 0
    unknown: bool = False

    def add(self, row: Row) -> None:
        """Counts one more call."""
        self.parameters += row.parameters
        self.trained += row.trainable
        self.flop += row.flop
        self.memory += row.memory
        self.unknown = self.unknown or row.unknown


class Found:
    """A resolved model (None: there is none) by names; `wanted` says which instance of a definition is shown."""

    def __init__(self, resolved: Resolved | None, wanted: Mapping[str, str]) -> None:
        self.resolved, self._wanted = resolved, wanted
        self.rows: dict[str, Row] = {}
        self.sums: dict[str, Sums] = {}
        self.instances: dict[str, list[Block | Code]] = {}
        if resolved is not None and resolved.root is not None:
            self._count(resolved)
            for title, item in _instances(resolved.root):
                self.instances.setdefault(title, []).append(item)
        first = resolved.inputs[0] if resolved and resolved.inputs else None
        self.batch = first.shape[0] if isinstance(first, TensorSpec) and first.shape else 0

    def _count(self, resolved: Resolved) -> None:
        around: list[tuple[int, Sums]] = []
        for row in resolved.rows:
            around = [(depth, sums) for depth, sums in around if depth < row.depth]
            around.append((row.depth, Sums()))
            for _, sums in around:
                sums.add(row)
            self.rows.setdefault(row.name, row)
            self.sums.setdefault(row.name, around[-1][1])

    def block(self, level: str) -> Block | Code | None:
        """The instance of a level that is shown: the asked one, else the first."""
        if not level:
            return self.resolved.root if self.resolved else None
        known = self.instances.get(level, [])
        return next((item for item in known if item.name == self._wanted.get(level)), next(iter(known), None))

    def blocks(self, level: str) -> list[Block]:
        """All instances of a level that consist of nodes, the shown one first."""
        shown = self.block(level)
        others = self.instances.get(level, []) if level else []
        return [item for item in (shown, *(item for item in others if item is not shown)) if isinstance(item, Block)]


def _instances(block: Block) -> Iterator[tuple[str, Block | Code]]:
    """All instances of definitions in a block, each with the name of its definition."""
    for name, item in block.items.items():
        step = block.wiring.steps.get(name)
        if not isinstance(item, Block | Code) or step is None:
            continue
        if step.node.repeat == 1:
            yield step.node.name, item
        if isinstance(item, Block):
            yield from _instances(item)


class Seen:
    """A sheet with what one of its instances has found: rows of nodes, and what comes along each wire."""

    def __init__(self, sheet: Sheet, found: Found, block: Block | Code | None) -> None:
        self.sheet, self.found, self.block = sheet, found, block
        self.nodes = {node.name: node for node in sheet.nodes}
        given = self._given()
        self.inputs: dict[str, Value] = {
            name: given[place] if place < len(given) else NOTHING for place, name in enumerate(sheet.inputs)
        }

    def _given(self) -> Sequence[Value]:
        if self.block is None or self.found.resolved is None:
            return ()
        if not self.sheet.name:
            return self.found.resolved.inputs
        row = self.found.rows.get(self.block.name)
        return row.inputs if row else ()

    def name(self, node: str) -> str:
        """The name of a node's call in the whole model."""
        return f"{self.block.name}.{node}".lstrip(".") if self.block else node

    def row(self, node: str) -> Row | None:
        """The call of a node; None where there is none."""
        return self.found.rows.get(self.name(node)) if self.block else None

    def output(self, node: SheetNode, deep: int = 0) -> Value:
        """What a node gives; a bypassed one what its first input brings."""
        if node.bypass:
            return self.value(node.sources[0], deep + 1) if node.sources and deep <= len(self.nodes) else NOTHING
        row = self.row(node.name)
        return row.output if row else NOTHING

    def value(self, source: str, deep: int = 0) -> Value:
        """What comes from a source as it is written: `stem`, `input`, `lstm[1][0]`."""
        name, index = parts_of(source)
        value: Value = self.inputs.get(name, NOTHING)
        if name in self.nodes:
            value = self.output(self.nodes[name], deep)
        for place in index:
            inside = isinstance(value, tuple) and -len(value) <= place < len(value)
            value = value[place] if isinstance(value, tuple) and inside else NOTHING
        return value


def parts_of(source: str) -> tuple[str, list[int]]:
    """A source as the name of its node, and the places to take in tuples."""
    match = REFERENCE.fullmatch(source.strip())
    return (match[1], [int(place) for place in re.findall(r"-?\d+", match[2])]) if match else (source, [])


def shape_text(value: Value, batch: int) -> str:
    """`B×64×112×112`, of a tuple `(B×7×20, 1×B×20)`; empty where it is not known."""
    if isinstance(value, tuple):
        return f"({', '.join(shape_text(item, batch) for item in value)})"
    if not isinstance(value, TensorSpec):
        return ""
    sizes = ["B" if place == _batch_place(value, batch) else str(size) for place, size in enumerate(value.shape)]
    dtype = "" if value.dtype == "float32" else f" {value.dtype}"
    return ("×".join(sizes) or "scalar") + dtype


def _batch_place(value: TensorSpec, batch: int) -> int | None:
    """Which dimension counts the samples: the first, of a state of an LSTM the second."""
    shape = value.shape
    if shape and shape[0] == batch:
        return 0
    return 1 if len(shape) > 1 and batch > 1 and shape[1] == batch else None


def inferred(row: Row) -> dict[str, Any]:
    """What was filled in of a call's arguments, by name; inside a nested layer `encoder_layer.d_model`."""
    return {name: _inside(row.args, name.split(".")) for name in row.inferred}


def _inside(args: Any, path: Sequence[str]) -> Any:
    for name in path:
        if isinstance(args, Mapping) and name not in args and len(args) == 1:
            args = next(iter(args.values()))  # the arguments of a nested layer, below its name
        args = args.get(name) if isinstance(args, Mapping) else None
    return args
