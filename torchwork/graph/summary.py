"""What a model consists of and costs, one row for each call, as plain data and as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torchwork.graph.value import Value, as_json, text


@dataclass(frozen=True)
class Row:
    """One call. Counts are the node's own: a module of nodes has zeros, a shared weight counts where it is first used.

    `path` is the place in the document, `name` the attribute (`layer1.0.conv`), `kind` is layer, operation, tensor,
    module or code, `args` all arguments that differ from the defaults, of which `inferred` were not written. `flop`
    counts the forward pass of the batch, two for each multiplication with its addition. `memory` bounds what the node
    keeps for the backward pass, in bytes: its output, and what autograd saves inside. `shared` names the node whose
    module is called again. `unknown` says that the counts are not known, because code would have to run for them.
    """

    path: str
    name: str
    kind: str
    type: str
    depth: int = 0
    args: Mapping[str, Any] = field(default_factory=dict)
    inferred: tuple[str, ...] = ()
    inputs: tuple[Value, ...] = ()
    output: Value = None
    parameters: int = 0
    trainable: int = 0
    parameter_bytes: int = 0
    gradient_bytes: int = 0
    flop: int = 0
    memory: int = 0
    shared: str = ""
    unknown: bool = False

    @property
    def mac(self) -> int:
        """Multiplications with their additions, in the forward pass of the batch."""
        return self.flop // 2

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON."""
        return {
            "path": self.path, "name": self.name, "kind": self.kind, "type": self.type, "depth": self.depth,
            "args": dict(self.args), "inferred": list(self.inferred), "shared": self.shared,
            "inputs": [as_json(value) for value in self.inputs], "output": as_json(self.output),
            "output_text": text(self.output), "parameters": self.parameters, "trainable": self.trainable,
            "mac": self.mac, "flop": self.flop, "memory": self.memory, "unknown": self.unknown,
        }  # fmt: skip


@dataclass(frozen=True)
class Totals:
    """Sums over all rows; `gradient_bytes` are those of the trainable parameters, `activation_bytes` bound one batch's.

    An optimizer's state comes on top: Adam and its relatives keep two more tensors for each trainable parameter.
    """

    parameters: int
    trainable: int
    flop: int
    parameter_bytes: int
    gradient_bytes: int
    activation_bytes: int

    @property
    def mac(self) -> int:
        """Multiplications with their additions, in the forward pass of the batch."""
        return self.flop // 2

    def as_dict(self) -> dict[str, int]:
        """The sums as JSON."""
        return {
            "parameters": self.parameters, "trainable": self.trainable, "mac": self.mac, "flop": self.flop,
            "parameter_bytes": self.parameter_bytes, "gradient_bytes": self.gradient_bytes,
            "activation_bytes": self.activation_bytes,
        }  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """The calls of a model in order, what it takes and what it returns."""

    rows: tuple[Row, ...]
    inputs: tuple[Value, ...]
    output: Value

    @property
    def complete(self) -> bool:
        """Whether all counts are known; else the totals are those of what is known."""
        return not any(row.unknown for row in self.rows)

    @property
    def totals(self) -> Totals:
        """The sums over all rows."""
        names = ("parameters", "trainable", "flop", "parameter_bytes", "gradient_bytes", "memory")
        return Totals(*(sum(getattr(row, name) for row in self.rows) for name in names))

    def as_dict(self, depth: int | None = None) -> dict[str, Any]:
        """Rows and totals as JSON; `depth` folds what lies deeper into its module (0: the top level only)."""
        return {
            "rows": [row.as_dict() for row in folded(self.rows, depth)],
            "inputs": [as_json(value) for value in self.inputs],
            "output": as_json(self.output),
            "totals": self.totals.as_dict(),
        }

    @property
    def labels(self) -> list[str]:
        """What each row is called inside the row that it lies in: `convs.0` of `block.convs.0` in `block`."""
        return list(_labels(self.rows))

    def table(self, depth: int | None = None) -> list[tuple[str, ...]]:
        """The cells of a printed table, the first row its head."""
        rows = folded(self.rows, depth)
        return [HEAD, *map(_cells, rows, _labels(rows))]

    def __str__(self) -> str:
        return plain_text(self)


SUMMED = ("parameters", "trainable", "parameter_bytes", "gradient_bytes", "flop", "memory")


def folded(rows: Iterable[Row], depth: int | None) -> list[Row]:
    """The rows down to `depth`; what lies deeper is added to the module that it lies in."""
    found: list[Row] = []
    for row in rows:
        if depth is None or row.depth <= depth:
            found.append(row)
        else:
            found[-1] = replace(found[-1], **{name: getattr(found[-1], name) + getattr(row, name) for name in SUMMED})
    return found


HEAD = ("layer", "type", "output", "parameters", "MAC", "FLOP", "memory")


def _labels(rows: Iterable[Row]) -> Iterator[str]:
    outer: dict[int, str] = {}
    for row in rows:
        outer[row.depth] = f"{row.name}."
        yield row.name.removeprefix(outer.get(row.depth - 1, ""))


def _cells(row: Row, label: str) -> tuple[str, ...]:
    name = "  " * row.depth + label
    kind = f"{row.type} = {row.shared}" if row.shared else row.type
    counts = (
        "?" if row.unknown and not count else f"{count:,}" if count else ""
        for count in (row.parameters, row.mac, row.flop)
    )
    return (name, kind, text(row.output), *counts, size_text(row.memory) if row.memory else "")


def plain_text(summary: Summary, depth: int | None = None) -> str:
    """The table and the totals as lines of text."""
    lines = _aligned(summary.table(depth))
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], "", *totals_text(summary)])


def _aligned(cells: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numbers = len(HEAD) - 4
    return [
        "  ".join(
            cell.rjust(width) if place >= numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]


def totals_text(summary: Summary) -> list[str]:
    """The totals as lines for people, with units and what they mean."""
    totals = summary.totals
    trainable = "all trainable" if totals.trainable == totals.parameters else f"{totals.trainable:,} trainable"
    gradients, kept = size_text(totals.gradient_bytes), size_text(totals.activation_bytes)
    cost = f"{count_text(totals.mac)}MAC = {count_text(totals.flop)}FLOP"
    at_least = "" if summary.complete else "; at least, because code did not run (--trust runs it)"
    return [
        f"parameters   {totals.parameters:,} ({trainable}), {size_text(totals.parameter_bytes)}{at_least}",
        f"forward      {cost} for the batch {', '.join(map(text, summary.inputs))}",
        f"memory       at most {kept} of activations, {gradients} of gradients, and the optimizer's state",
    ]


def size_text(count: float) -> str:
    """Bytes as `1.2 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def count_text(count: float) -> str:
    """A count with its SI prefix: `1.814 G`, to stand before its unit."""
    for prefix in ("", "k", "M", "G", "T"):
        if count < 1000:
            return f"{count:.0f} " if not prefix else f"{count:.3f} {prefix}"
        count /= 1000
    return f"{count:.3f} P"
