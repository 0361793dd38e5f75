"""What flows between nodes, without its numbers: shapes and dtypes, nested as the layers return them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import torch

DATA_DEPENDENT = "depends on the data"


@dataclass(frozen=True)
class TensorSpec:
    """Shape, with the batch dimension, and dtype (`float32`, `int64`) of a tensor."""

    shape: tuple[int, ...]
    dtype: str = "float32"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(self.shape))

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return math.prod(self.shape) * int(getattr(torch, self.dtype).itemsize)

    def __str__(self) -> str:
        shape = shape_text(self.shape)
        return shape if self.dtype == "float32" else f"{shape} {self.dtype}"


def spec_of(text: str) -> TensorSpec:
    """The tensor that `2x16 int64` describes; the dtype is float32 where none is written."""
    shape, _, dtype = text.partition(" ")
    return TensorSpec(() if shape == "scalar" else tuple(map(int, shape.split("x"))), dtype or "float32")


@dataclass(frozen=True)
class Unknown:
    """A value whose shape cannot be known; the reason is empty behind a node that has a problem already."""

    reason: str = ""

    def __str__(self) -> str:
        return self.reason or "unknown"


Value = TensorSpec | Unknown | None | tuple["Value", ...]
"""What a node gets or gives: a tensor, nothing, or a tuple of values."""


def shape_text(shape: Sequence[int]) -> str:
    """`4x3x224x224`; a tensor without dimensions is a `scalar`."""
    return "x".join(map(str, shape)) or "scalar"


def text(value: Value) -> str:
    """A value for people: `4x10`, `(4x7x20, (2x4x20, 2x4x20))`."""
    if isinstance(value, tuple):
        return f"({', '.join(map(text, value))})"
    return "none" if value is None else str(value)


def as_json(value: Value) -> Any:
    """A value as JSON: a mapping with shape and dtype, a list for a tuple, null, or a mapping with `unknown`."""
    match value:
        case TensorSpec():
            return {"shape": list(value.shape), "dtype": value.dtype}
        case Unknown():
            return {"unknown": str(value)}
        case tuple():
            return [as_json(item) for item in value]
    return None


def leaves(value: Value) -> Iterator[TensorSpec | Unknown | None]:
    """The values at the ends of nested tuples."""
    if isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def unknown_in(values: Sequence[Value]) -> Unknown | None:
    """The first unknown among `values`, None when all are known."""
    return next((leaf for value in values for leaf in leaves(value) if isinstance(leaf, Unknown)), None)


def value_of(thing: Any) -> Value:
    """The value that describes what a module returned."""
    if isinstance(thing, torch.Tensor):
        return TensorSpec(tuple(thing.shape), str(thing.dtype).removeprefix("torch."))
    if isinstance(thing, tuple | list):
        return tuple(value_of(item) for item in thing)
    if isinstance(thing, dict):
        return tuple(value_of(item) for item in thing.values())
    if is_dataclass(thing) and not isinstance(thing, type):
        return tuple(value_of(getattr(thing, each.name)) for each in fields(thing))
    return None if thing is None else Unknown(f"{type(thing).__name__}, not a tensor")


def empty_like(value: Value, *, tracked: bool = True, whole: int = 0) -> Any:
    """Zeros as `value` says, in nested tuples; where `tracked`, floating ones get gradients.

    Whole numbers are all `whole`: 0 is an index into every table, 1 the length of every sequence.

    Those are clones, because autograd refuses in-place operations (`ReLU(inplace=True)`) on its leaves.
    """
    if isinstance(value, tuple):
        return tuple(empty_like(item, tracked=tracked, whole=whole) for item in value)
    if not isinstance(value, TensorSpec):
        return None
    tensor = torch.zeros(value.shape, dtype=getattr(torch, value.dtype))
    if whole and not tensor.is_floating_point():
        return torch.full_like(tensor, whole)
    return tensor.requires_grad_().clone() if tracked and tensor.is_floating_point() else tensor


def tensors_in(thing: Any) -> Iterator[torch.Tensor]:
    """The tensors in nested tuples, lists, dicts and dataclasses."""
    if isinstance(thing, torch.Tensor):
        yield thing
    elif isinstance(thing, tuple | list):
        for item in thing:
            yield from tensors_in(item)
    elif isinstance(thing, dict):
        yield from tensors_in(tuple(thing.values()))
    elif is_dataclass(thing) and not isinstance(thing, type):
        yield from tensors_in(tuple(getattr(thing, each.name) for each in fields(thing)))
