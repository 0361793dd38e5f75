"""Batches to the device, and a whole split measured without learning from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from torchwork.engine.batches import Batch, Batches
from torchwork.engine.failure import EXPLAINED, explain
from torchwork.engine.meter import Meter, Totals
from torchwork.engine.nested import map_tensors
from torchwork.engine.precision import Precision
from torchwork.engine.random_state import kept_random
from torchwork.engine.task import Task
from torchwork.errors import DataError

Place = Callable[[Batch], Batch]


def placement(device: torch.device, *, channels_last: bool = False) -> Place:
    """The function that brings a batch to the device, its pictures [N, C, H, W] in the memory format."""
    if device.type == "cpu" and not channels_last:
        return lambda batch: batch

    def move(tensor: Tensor) -> Tensor:
        return tensor.to(device, non_blocking=True)

    def move_input(tensor: Tensor) -> Tensor:
        if channels_last and tensor.dim() == 4:
            return tensor.to(device, non_blocking=True, memory_format=torch.channels_last)
        return move(tensor)

    return lambda batch: (map_tensors(move_input, batch[0]), map_tensors(move, batch[1]))


class Evaluation:
    """Measures a model on a whole split, in eval mode, without gradients; training goes on as if nothing had been."""

    def __init__(
        self, task: Task, losses: dict[str, str], precision: Precision, device: torch.device, place: Place
    ) -> None:
        """`losses` names the loss of each update: `{"model": "loss"}`."""
        self.task, self.losses, self.device, self.place = task, losses, device, place
        self.forward = precision.forward(task.loss)

    def __call__(
        self, model: nn.Module, batches: Batches, prefix: str, stop: Callable[[], bool] = lambda: False
    ) -> dict[str, float] | None:
        """`prefix/loss` and the task's metrics; None when `stop` became true in between."""
        modes = {module: module.training for module in model.modules()}
        model.eval()
        try:
            with torch.no_grad(), kept_random():
                totals = self._totals(model, batches, prefix, stop)
        finally:
            for module, mode in modes.items():
                module.training = mode
        return None if totals is None else totals.metrics(self.task.summarize, prefix)

    def _totals(self, model: nn.Module, batches: Batches, prefix: str, stop: Callable[[], bool]) -> Totals | None:
        means = self.losses.values() if self.task.reduction == "mean" else ()
        meter, totals = Meter(self.device, frozenset(means)), Totals()
        for number, batch in enumerate(map(self.place, batches.epoch(0))):
            self._measure(model, batch, f"{prefix} batch {number + 1}", meter)
            if meter.full(1):
                _drain(meter, totals)
            if stop():
                return None
        _drain(meter, totals)
        if totals.sums is None:
            raise DataError(f"the {prefix} data has no batch; check data.split and data.limit")
        return totals

    def _measure(self, model: nn.Module, batch: Batch, where: str, meter: Meter) -> None:
        size = self.task.size(batch)
        try:
            values: dict[str, Tensor] = {}
            for update, name in self.losses.items():
                values[name], outputs = self.forward(model, batch, update)
                values |= self.task.measure(outputs, batch)
        except EXPLAINED as error:
            raise explain(error, where, self.device, [batch], [size]) from error
        meter.add(0, size, values)


def _drain(meter: Meter, totals: Totals) -> None:
    window = meter.read()
    if window is not None and meter.columns is not None:
        totals.add(window, meter.columns)


def loss_names(updates: Sequence[str]) -> dict[str, str]:
    """What each update's loss is called: `loss` when there is one, else `<update>_loss`."""
    return {name: "loss" if len(updates) == 1 else f"{name}_loss" for name in updates}
