"""What the nodes of a sheet are: layers, operations, tensors, definitions; and the inputs that they take."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from torchwork.catalog import Entry, catalog
from torchwork.draw import Sheet, SheetNode
from torchwork.graph.wiring import TENSORS


@dataclass(frozen=True)
class Input:
    """One tensor that a part takes."""

    name: str
    needed: bool = True


@dataclass(frozen=True)
class Meaning:
    """What a node is: `kind` as `DrawnNode` has it, its type's name, and the entry or sheet behind it."""

    kind: str
    type: str
    entry: Entry | None = None
    sheet: Sheet | None = None

    def inputs(self, args: Mapping[str, object]) -> list[Input]:
        """What it takes, in order; of an operation that takes any number none is named."""
        if self.sheet is not None:
            return [Input(name) for name in self.sheet.inputs]
        if self.entry is None or self.entry.kind == "tensor":
            return []
        if self.entry.kind == "operation":
            return [] if self.grows else operation_inputs(self.entry, args)
        return list(layer_inputs(self.entry))

    @property
    def grows(self) -> bool:
        """Whether it takes any number of tensors."""
        return self.entry is not None and (self.entry.listed or self.entry.spread)


class Meanings:
    """What the names of a document mean, by its sheets."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self.sheets = {sheet.name: sheet for sheet in sheets}

    def of(self, node: SheetNode, sheet: Sheet) -> Meaning:
        """What a node is; of one that calls another's module, what that one is."""
        if not node.use:
            return self.named(node.part)
        nodes, seen = {item.name: item for item in sheet.nodes}, {node.name}
        at = nodes.get(node.use)
        while at is not None and at.use and at.name not in seen:
            seen.add(at.name)
            at = nodes.get(at.use)
        found = self.named(at.part) if at is not None and not at.use else Meaning("unknown", node.use)
        return Meaning("use", found.type, found.entry, found.sheet)

    def named(self, name: str) -> Meaning:
        """What a part's name means, in the order in which `graph` looks it up."""
        if name in TENSORS:
            return Meaning("tensor", name, catalog().find("tensor", name))
        if name and name in self.sheets:
            sheet = self.sheets[name]
            return Meaning("code" if sheet.code else "module", name, sheet=sheet)
        for kind in ("layer", "operation"):
            entry = catalog().entries(kind).get(name)
            if entry is not None:
                return Meaning(kind, name, entry)
        return Meaning("unknown", name)


@cache
def layer_inputs(entry: Entry) -> tuple[Input, ...]:
    """The tensors that a layer's `forward` takes: what must be given, and what is None by default."""
    parameters = list(inspect.signature(entry.target.forward).parameters.values())[1:]
    places = [found for found in parameters if found.kind in (found.POSITIONAL_ONLY, found.POSITIONAL_OR_KEYWORD)]
    return tuple(
        Input(found.name, found.default is found.empty) for found in places if found.default in (found.empty, None)
    )


def operation_inputs(entry: Entry, args: Mapping[str, object]) -> list[Input]:
    """The tensors of an operation that its arguments leave open."""
    return [Input(name, name in entry.needed) for name in entry.tensors if name not in args]
