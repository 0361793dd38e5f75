"""Live statistics for a loop of one's own, which only says when a batch begins: its optimizers tell the rest."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from torchwork.inside.hooks import is_compiled
from torchwork.inside.statistics import EVERY, Row, Statistics

DUE = 8
"""Looks that wait before they are read, for reading waits for the device."""


class Watching:
    """Statistics of `model`, whatever optimizers step with its parameters.

    A look lasts from the begin of a batch until an optimizer has stepped: over several batches where gradients add up.
    Gradients are seen as the optimizer gets them, so clipped where the loop clips them, and without fp16's scale.
    """

    def __init__(self, model: nn.Module, every: int = EVERY) -> None:
        self.statistics = Statistics(getattr(model, "_orig_mod", model), every, always=is_compiled(model))
        self._handles: list[Any] = []
        self._open = self._stepped = False

    def begin(self, step: int) -> None:
        """Batch `step` (from 1) begins; at the first the hooks are put on, for the model stands where it trains now."""
        if not self._handles:
            self.statistics.attach()
            self._handles = [
                register_optimizer_step_pre_hook(self._before),
                register_optimizer_step_post_hook(self._after),
            ]
        self._end_look()
        if not self._open and self.statistics.wants(step):
            self.statistics.before_step(step)
            self._open = True

    @property
    def due(self) -> bool:
        """Whether so much was seen that it should be read."""
        return self.statistics.waiting >= DUE

    def read(self) -> list[tuple[int, Row]]:
        """What was seen since the last reading."""
        self._end_look()
        return self.statistics.read()

    def close(self) -> None:
        """Takes all hooks off."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self.statistics.close()

    def _end_look(self) -> None:
        if self._open and self._stepped:
            self.statistics.after_step()
            self._open = self._stepped = False

    def _before(self, optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        closing = len(args) > 1 or kwargs.get("closure") is not None  # the gradients of now are old ones
        if self._open and not closing:
            self._look(optimizer)

    def _after(self, optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._open:
            self._look(optimizer)
            self._stepped = self._stepped or self.statistics.holds(_parameters(optimizer))

    def _look(self, optimizer: Optimizer) -> None:
        # A fused optimizer divides by fp16's scale itself, and has it as an attribute meanwhile.
        self.statistics.after_backward(_parameters(optimizer), getattr(optimizer, "grad_scale", None))


def _parameters(optimizer: Optimizer) -> list[Any]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
