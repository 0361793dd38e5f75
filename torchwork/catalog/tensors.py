"""Tensors that a module owns without a layer: parameters and buffers, by their sizes and how they begin."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.catalog.describe import made, signature_text
from torchwork.catalog.entry import Argument, Entry
from torchwork.catalog.forms import Bool, DType, Float, Int, Items, Nothing, Part

Named = tuple[str, Entry]
SIZE = made("size", (Items(((Int(),),)),), None, True, help="its dimensions, such as [1, 197, 768]")
FILL = made("fill", (Float(),), 0.0, False, help="the number that it begins with everywhere")
DTYPE = made("dtype", (DType(),), torch.float32, False, help="the type of its numbers")


def tensors() -> Iterator[Named]:
    """The entries: each makes a tensor that an nn.Module registers when it becomes one of its attributes."""
    init = made(
        "init",
        (Part("initializer", ()), Nothing()),
        None,
        False,
        help="how it is drawn, as `trunc_normal_: {std: 0.02}`",
    )
    grad = made("requires_grad", (Bool(),), True, False, help="whether it is trained")
    yield _entry("Parameter", _parameter, (SIZE, FILL, init, DTYPE, grad), "A parameter of its own, without a layer.")
    value = made(
        "value",
        (Items(((Float(), Bool()),)), Nothing()),
        None,
        False,
        help="all its numbers in a row, in place of fill",
    )
    persistent = made("persistent", (Bool(),), True, False, help="whether it is saved with the weights")
    summary = "A tensor of its own that is not trained, and moves and is saved with the module."
    yield _entry("Buffer", _buffer, (SIZE, FILL, value, DTYPE, persistent), summary)


def _entry(name: str, make: Callable[..., Tensor], arguments: tuple[Argument, ...], summary: str) -> Named:
    return name, Entry(
        name, "tensor", make, arguments, summary, f"torch.nn.{name}", signature_text(name, arguments), ()
    )


def _parameter(
    size: Sequence[int],
    fill: float = 0.0,
    init: Callable[[Tensor], Any] | None = None,
    dtype: torch.dtype = torch.float32,
    requires_grad: bool = True,
) -> nn.Parameter:
    found = nn.Parameter(torch.full(tuple(size), fill, dtype=dtype), requires_grad)
    if init is not None:
        init(found)
    return found


def _buffer(
    size: Sequence[int],
    fill: float = 0.0,
    value: Sequence[float] | None = None,
    dtype: torch.dtype = torch.float32,
    persistent: bool = True,
) -> Tensor:
    if value is None:
        return nn.Buffer(torch.full(tuple(size), fill, dtype=dtype), persistent=persistent)
    if len(value) != math.prod(size):
        raise ValueError(f"value has {len(value)} numbers, but size {list(size)} holds {math.prod(size)}")
    return nn.Buffer(torch.tensor(value, dtype=dtype).reshape(tuple(size)), persistent=persistent)
