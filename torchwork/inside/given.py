"""What a network is called with: the picture that is explained, and what stands beside it.

Shapes: N pictures, C H W of the picture.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from torchwork.errors import TorchworkError, nearest

Inputs = Tensor | Sequence[Tensor] | Mapping[str, Tensor]
"""One picture, all inputs of a network in the order in which it takes them, or one batch of them by name."""
Run = Callable[[nn.Module, Tensor], object]
"""Runs a network on pictures [N, C, H, W]."""


def alone(model: nn.Module, pictures: Tensor) -> object:
    """A network that takes nothing beside the picture; it may change it in place."""
    return model(pictures.clone())


def given(model: nn.Module, inputs: Inputs, which: int | str | None = None) -> tuple[Tensor, Run]:
    """The picture [1, C, H, W] among the inputs of one sample, and what runs the network on such pictures.

    `which` input that is, by its number or the name that `forward` gives it; else it is the first picture. All have a
    batch dimension of 1, or none has.

    Raises:
        TorchworkError: there is no such input, or it is no picture.
    """
    if isinstance(inputs, Tensor):
        return _picture(inputs), alone
    keys = [*inputs] if isinstance(inputs, Mapping) else []
    inputs = [*inputs.values()] if isinstance(inputs, Mapping) else inputs
    if not inputs or not all(isinstance(item, Tensor) for item in inputs):
        raise TorchworkError("expected the inputs of one sample as tensors, in the order of `forward`")
    place = _place(keys or names_of(model, len(inputs)), inputs, which)
    single = inputs[place].dim() == 3
    picture = _picture(inputs[place])
    beside = [item.detach()[None] if single else item.detach() for item in inputs]
    if any(not item.dim() or len(item) != 1 for item in beside):
        shapes = ", ".join(str(list(item.shape)) for item in inputs)
        raise TorchworkError(
            f"expected one sample, all its inputs with a batch dimension of 1 or all without, got shapes {shapes}"
        )

    def run(network: nn.Module, pictures: Tensor) -> object:
        shared = [item.expand(len(pictures), *item.shape[1:]).clone() for item in beside]
        shared[place] = pictures.clone()
        return called(network, dict(zip(keys, shared, strict=True)) if keys else tuple(shared))

    return picture, run


def called(model: nn.Module, inputs: Any) -> Any:
    """What a network gives for all its inputs; a tuple is taken apart, unless `forward` takes it as one."""
    if not isinstance(inputs, tuple):
        return model(inputs)
    try:
        inspect.signature(model.forward).bind(*inputs)
    except (TypeError, ValueError):
        return model(inputs)
    return model(*inputs)


def _place(names: Sequence[str], inputs: Sequence[Tensor], which: int | str | None) -> int:
    """The number of the input that is explained."""
    if which is None:
        pictures = [place for place, item in enumerate(inputs) if _is_picture(item)]
        return pictures[0] if pictures else 0
    if isinstance(which, int) and 0 <= which < len(inputs):
        return which
    if which in names:
        return names.index(str(which))
    hint = nearest(str(which), names) or f"there are {', '.join(names)}"
    raise TorchworkError(f"this network has no input {which}; {hint}")


def names_of(model: nn.Module, count: int) -> list[str]:
    """How `forward` calls its first inputs; numbers from 0 where it does not say."""
    try:
        parameters = list(inspect.signature(model.forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [item.name for item in parameters if item.kind is not inspect.Parameter.VAR_POSITIONAL]
    return names[:count] if len(names) >= count else [str(place) for place in range(count)]


def _is_picture(item: Tensor) -> bool:
    return item.is_floating_point() and (item.dim() == 3 or (item.dim() == 4 and len(item) == 1))


def _picture(x: Tensor) -> Tensor:
    if not isinstance(x, Tensor) or not _is_picture(x):
        told = f"shape {list(x.shape)} of {x.dtype}" if isinstance(x, Tensor) else type(x).__name__
        raise TorchworkError(
            f"expected one picture [C, H, W] of floating-point numbers, got {told}; what a network "
            "of other inputs looks at cannot be drawn"
        )
    return x[None] if x.dim() == 3 else x
