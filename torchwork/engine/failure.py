"""Errors of torch in the middle of a step, as sentences with what to change."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from torchwork.engine.batches import Batch
from torchwork.engine.nested import shapes_of
from torchwork.errors import OutOfMemoryError, TorchworkError, TrainingError

NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
NO_DETERMINISM = "does not have a deterministic implementation"
NO_DERIVATIVE = r"derivative for '?(?:aten::)?_*(\w+)"
NO_DERIVATIVE_OF = r"'(\w+)' is not differentiable with respect to argument '(\w+)'"
EXPLAINED = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, NameError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip


def explain(
    error: Exception, where: str, device: torch.device, window: Sequence[Batch], sizes: Sequence[int], layer: str = ""
) -> TorchworkError:
    """The error of torchwork that says what `error`, raised at `where` on these batches (in `layer`), means."""
    if isinstance(error, TorchworkError):
        return error
    text = _first_line(error)
    if is_out_of_memory(error):
        return OutOfMemoryError(_no_memory(text, where, device, max(sizes, default=0)))
    if NO_DETERMINISM in str(error):
        return TrainingError(f"{where}: {text.split('. ')[0]}; set train.deterministic: false, or use another layer")
    if match := re.search(NO_DERIVATIVE, text):
        return TrainingError(f"{where}: torch has no derivative of {match[1]}; put `detach` before it")
    if match := re.search(NO_DERIVATIVE_OF, text):
        return TrainingError(f"{where}: {match[1]} takes its {match[2]} as a constant only; put `detach` before it")
    if layer:
        return TrainingError(f"{where}: the layer {layer} does not take what it gets: {text}; change its arguments")
    shapes = f"inputs {shapes_of(window[0][0])} and targets {shapes_of(window[0][1])}" if window else "a batch"
    return TrainingError(
        f"{where}: model and loss do not take {shapes}: {text}; check the layers, the loss and the targets"
    )


def failing_layer(model: nn.Module, forward: Callable[[], Any]) -> str:
    """The innermost module at work when `forward` fails, as `conv1 (Conv2d)`; empty when none is, or when it works."""
    active: list[str] = []

    def enter(name: str, module: nn.Module, _: Any) -> None:
        active.append(f"{name} ({type(module).__name__})")

    named = [(name, module) for name, module in model.named_modules() if name]
    handles = [module.register_forward_pre_hook(partial(enter, name)) for name, module in named]
    handles += [module.register_forward_hook(lambda *_: active.pop() and None) for _, module in named]
    try:
        with torch.no_grad(), warnings.catch_warnings(action="ignore"):
            forward()
    except EXPLAINED:
        return active[-1] if active else ""
    finally:
        for handle in handles:
            handle.remove()
    return ""


def refusal(error: Exception, optimizer: torch.optim.Optimizer) -> Exception:
    """`error`, raised by a step of `optimizer`, as a sentence on it; what `explain` knows better stays what it is."""
    if isinstance(error, TorchworkError) or is_out_of_memory(error) or NO_DETERMINISM in str(error):
        return error
    name = type(optimizer).__name__
    return TrainingError(
        f"the optimizer {name} cannot make a step: {_first_line(error)}; change its settings, or use another optimizer"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the machine had no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(mark in str(error) for mark in NO_MEMORY)


def _no_memory(text: str, where: str, device: torch.device, size: int) -> str:
    smaller = max(1, size // 2)
    return (
        f"{where}: a batch of {size} samples needs more memory than {device} has ({text.rstrip('.')}); "
        f"set data.batch_size: {smaller} with train.accumulate: 2 for the same steps, "
        "train.precision: bf16, or a smaller model or picture"
    )
