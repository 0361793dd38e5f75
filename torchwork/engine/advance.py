"""One step of one update over a window of batches: forward, backward, clip, step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from torchwork.engine.batches import Batch
from torchwork.engine.nested import map_tensors
from torchwork.engine.precision import Precision
from torchwork.engine.report import Probe
from torchwork.engine.schedule import Schedules
from torchwork.engine.task import Task
from torchwork.errors import TrainingError

Values = dict[str, Tensor]
"""What one batch measured: the loss (a mean or sum, as the task reduces) and sums over its samples."""


class Advance:
    """Makes the steps of one update.

    `watch`, when set, is called before the optimizers step; `probes` look into this step, before gradients are clipped.
    """

    def __init__(
        self,
        schedules: Schedules,
        task: Task,
        precision: Precision,
        clip: Callable[[Sequence[Tensor]], None] | None,
        loss_name: str,
        parameters: list[Tensor],
    ) -> None:
        self.schedules, self.task, self.precision, self.clip = schedules, task, precision, clip
        self.name, self.loss_name = schedules.update.name, loss_name
        self.forward = precision.forward(task.loss)
        self.parameters = parameters
        """of all updates: what one update's backward leaves in another's parameters must not be stepped with"""
        self.own = [
            p for optimizer in schedules.update.optimizers for group in optimizer.param_groups for p in group["params"]
        ]
        self.plain = [item for item in schedules.update.optimizers if not _needs_closure(item)]
        self.closing = [item for item in schedules.update.optimizers if _needs_closure(item)]
        self.watch: Callable[[], None] | None = None
        self.probes: Sequence[Probe] = ()
        self.rates: list[Any] = []
        """the learning rates that the last step used, one for each parameter group"""
        for optimizer in self.closing:
            precision.refuse_closure(optimizer)

    def __call__(self, model: nn.Module, window: Sequence[Batch], sizes: Sequence[int]) -> list[Values]:
        """One step; returns what each batch measured, before the step."""
        self.schedules.before_step()
        self.rates = self.schedules.rates()
        gradients = self._close if self.closing else self._differentiate
        values = gradients(model, window, sizes)
        if self.plain:
            self.precision.step(self.plain)
        self.schedules.after_step()
        return values

    def _close(self, model: nn.Module, window: Sequence[Batch], sizes: Sequence[int]) -> list[Values]:
        """Steps the optimizers that evaluate the loss themselves (LBFGS); the first evaluation is what is reported."""
        evaluations: list[list[Values]] = []

        def closure() -> float:
            values = self._differentiate(model, window, sizes)
            evaluations.append(values)
            return sum(
                float(row[self.loss_name]) * share for row, share in zip(values, self._shares(sizes), strict=True)
            )

        for optimizer in self.closing:
            optimizer.step(closure)
        return evaluations[0]

    def _differentiate(self, model: nn.Module, window: Sequence[Batch], sizes: Sequence[int]) -> list[Values]:
        """Gradients of the window's loss, clipped; each batch counts by its samples."""
        for parameter in self.parameters:
            parameter.grad = None
        values = []
        for batch, share in zip(window, self._shares(sizes), strict=True):
            loss, outputs = self.forward(model, batch, self.name)
            self.precision.backward(loss if share == 1.0 else loss * share)
            values.append(
                {self.loss_name: loss.detach(), **self.task.measure(map_tensors(Tensor.detach, outputs), batch)}
            )
        if self.clip or self.probes:
            self.precision.unscale(self.plain)
        for probe in self.probes:
            probe.after_backward(self.own)
        if self.clip:
            self.clip(self.own)
        if self.watch:
            self.watch()
        return values

    def _shares(self, sizes: Sequence[int]) -> list[float]:
        """What each batch's loss is multiplied with, so that the window's loss is that of all its samples."""
        if self.task.reduction == "sum" or len(sizes) == 1:
            return [1.0] * len(sizes)
        total = sum(sizes)
        return [size / total for size in sizes]


def _needs_closure(optimizer: Optimizer) -> bool:
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    return closure is not None and closure.default is inspect.Parameter.empty


def trained_parameters(model: nn.Module, optimizers: Sequence[Optimizer]) -> list[Tensor]:
    """Every parameter that gets a gradient, each once.

    Raises:
        TrainingError: the optimizers hold none of them, so that nothing would be learned.
    """
    held = {id(p): p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]}
    if not any(parameter.requires_grad for parameter in held.values()):
        raise TrainingError("nothing to train: every parameter is frozen; unfreeze some under parameters")
    found: dict[int, Any] = {id(p): p for p in model.parameters()} | held
    return [parameter for parameter in found.values() if parameter.requires_grad]
