"""Finds where the first value that is not finite came from, by watching steps that are made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.engine.batches import Batch
from torchwork.engine.nested import tensors_of
from torchwork.engine.restore import not_finite
from torchwork.errors import NotFiniteError

ADVICE = "lower the learning rate, add train.clip or a warm-up"
IN_THE_BATCH = "the batch itself holds values that are not finite"


class Watch:
    """Watches a model step by step: inputs, the outputs of every module in call order, gradients, parameters."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.forward = self.backward = ""
        self.handles = [
            module.register_forward_hook(partial(self._output, name or "the model"))
            for name, module in model.named_modules()
        ]

    def close(self) -> None:
        for handle in self.handles:
            handle.remove()

    def begin(self, window: Sequence[Batch]) -> None:
        """A step begins with these batches."""
        self.forward = self.backward = ""
        if any(not is_finite(tensor) for batch in window for tensor in tensors_of(batch)):
            self.forward = IN_THE_BATCH

    def _output(self, name: str, module: nn.Module, _: Any, output: Any) -> None:
        if not self.forward and any(not is_finite(tensor) for tensor in tensors_of(output)):
            self.forward = f"the first layer whose output is not finite is {name} ({type(module).__name__})"

    def gradients(self) -> None:
        """Backward is done: the last parameter in forward order is the first that backward reaches."""
        for name, parameter in reversed(list(self.model.named_parameters())):
            if not self.backward and parameter.grad is not None and not is_finite(parameter.grad):
                self.backward = f"the first gradient that is not finite is that of {name}"

    def end(self, measured: Sequence[Mapping[str, Tensor]], losses: Sequence[str]) -> str:
        """The step is done and measured its `losses`; where it went wrong, or an empty text when all is finite."""
        if not all(is_finite(values[name]) for values in measured for name in losses):
            return self.forward or "the model's outputs are finite and the loss of them is not; check loss and targets"
        name = not_finite(self.model)
        if name is None:
            return ""
        return self.backward or f"the optimizer made {name} infinite or NaN with finite gradients"


def is_finite(tensor: Tensor) -> bool:
    """Whether all values of a tensor are finite; what is no floating-point number is."""
    if not tensor.is_floating_point() and not tensor.is_complex():
        return True
    values = tensor.coalesce().values() if tensor.is_sparse else tensor
    return bool(torch.isfinite(values.detach()).all())


def error_at(step: int, epoch: int, where: str) -> NotFiniteError:
    """The error for a loss that stopped being finite at `step` (from 1) of `epoch` (from 1)."""
    advice = "check the data and data.normalize" if where == IN_THE_BATCH else ADVICE
    return NotFiniteError(f"training stopped being finite at step {step} (epoch {epoch}): {where}; {advice}")
