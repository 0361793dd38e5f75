"""Precision of the forward pass: float32, or bf16 and fp16 by autocast; fp16 scales the loss for small gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.amp import GradScaler
from torch.optim import Optimizer

from torchwork.engine.failure import EXPLAINED, refusal
from torchwork.errors import TrainingError

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """Wraps forward, backward and step for one precision; in float32 nothing is wrapped at all."""

    def __init__(self, name: str, device: torch.device) -> None:
        self.device, self.dtype = device, DTYPES.get(name)
        self.scaler = GradScaler(device.type) if name == "fp16" else None

    def forward(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function` under autocast."""
        return torch.autocast(self.device.type, self.dtype)(function) if self.dtype else function

    def backward(self, loss: Tensor) -> None:
        torch.autograd.backward(self.scaler.scale(loss) if self.scaler else loss)

    def unscale(self, optimizers: list[Optimizer]) -> None:
        """Makes gradients what they are without scaling, before they are clipped."""
        if self.scaler:
            for optimizer in optimizers:
                self.scaler.unscale_(optimizer)

    def step(self, optimizers: list[Optimizer]) -> None:
        """Steps each optimizer; with fp16 one whose gradients overflowed is skipped and the scale is lowered."""
        for optimizer in optimizers:
            try:
                self.scaler.step(optimizer) if self.scaler else optimizer.step()
            except EXPLAINED as error:
                raise refusal(error, optimizer) from error
        if self.scaler:
            self.scaler.update()

    def refuse_closure(self, optimizer: Optimizer) -> None:
        """Raises TrainingError for an optimizer that evaluates the loss itself, when gradients are scaled."""
        if self.scaler:
            raise TrainingError(
                f"{type(optimizer).__name__} evaluates the loss several times a step, which fp16 does not allow; "
                "set train.precision: bf16 or float32"
            )
