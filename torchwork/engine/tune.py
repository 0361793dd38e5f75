"""A short trial decides what is faster here: the memory format of pictures, and the fused form of the optimizer."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

import torch
from torch import nn
from torch.optim import Optimizer

from torchwork.engine.advance import Advance, trained_parameters
from torchwork.engine.allocator import keep_memory
from torchwork.engine.backend import backend, choose_device
from torchwork.engine.batches import Batch
from torchwork.engine.clip import clipper
from torchwork.engine.evaluate import placement
from torchwork.engine.failure import EXPLAINED
from torchwork.engine.nested import tensors_of
from torchwork.engine.precision import Precision
from torchwork.engine.random_state import kept_random
from torchwork.engine.schedule import Schedules, Update
from torchwork.engine.task import Task
from torchwork.errors import TrainingError
from torchwork.experiment import Train

MemoryFormat = Literal["contiguous", "channels_last"]
GAIN = 0.95
"""A change is made when a step takes less than this share of the time."""
STEPS, ROUNDS, SECONDS = 4, 5, 6.0
"""Steps of a candidate in a row, rounds over all candidates, and the time after which no further round begins."""


@dataclass(frozen=True)
class Choice:
    """What the trial chose. `fused` is None where optimizers stay as they are; `times` are median seconds a step."""

    memory_format: MemoryFormat = "contiguous"
    fused: Literal[True] | None = None
    times: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Candidate:
    memory_format: MemoryFormat
    fused: Literal[True] | None

    def __str__(self) -> str:
        return self.memory_format + (", fused" if self.fused else "")


def tune(model: nn.Module, task: Task, updates: Sequence[Update], batch: Batch, settings: Train) -> Choice:
    """Tries a few steps on copies, with one real batch, and chooses what is clearly faster than the default.

    Nothing is changed: neither the model, nor the optimizers, nor the random generators. The copies live on the device
    that `settings` name. There is no trial with `settings.deterministic`, nor where there is nothing to choose.
    """
    candidates = list(_candidates(model, updates, batch, settings))
    if len(candidates) == 1:
        return Choice(candidates[0].memory_format, candidates[0].fused)
    keep_memory()
    with kept_random(), backend(threads=settings.threads, deterministic=False):
        try:
            times = _race([_Trial(candidate, model, task, updates, batch, settings) for candidate in candidates])
        except (*EXPLAINED, TrainingError):
            # What does not run or cannot be copied is no reason to stop: training itself will say what is wrong.
            return Choice(candidates[0].memory_format, candidates[0].fused)
    default, fastest = candidates[0], min(candidates, key=lambda candidate: times[str(candidate)])
    chosen = fastest if times[str(fastest)] < GAIN * times[str(default)] else default
    return Choice(chosen.memory_format, chosen.fused, times)


def _candidates(model: nn.Module, updates: Sequence[Update], batch: Batch, settings: Train) -> Iterator[_Candidate]:
    """The default first."""
    pictures = any(tensor.dim() == 4 for tensor in tensors_of(batch[0])) and any(
        p.dim() == 4 for p in model.parameters()
    )
    formats: list[MemoryFormat] = ["contiguous"]
    if settings.memory_format != "auto":
        formats = [settings.memory_format]
    elif pictures and not settings.deterministic:
        formats.append("channels_last")
    optimizers = [optimizer for update in updates for optimizer in update.optimizers]
    opened = not settings.deterministic and any(can_fuse(optimizer) for optimizer in optimizers)
    forms: list[Literal[True] | None] = [None, True] if opened else [None]
    for memory_format, fused in product(formats, forms):
        yield _Candidate(memory_format, fused)


def can_fuse(optimizer: Optimizer) -> bool:
    """Whether the optimizer has a fused form and nobody decided about it yet."""
    groups = optimizer.param_groups
    decided = any(group.get(name) for group in groups for name in ("fused", "foreach", "differentiable"))
    refused = any(group.get("fused") is False for group in groups)
    if "fused" not in optimizer.defaults or decided or refused:
        return False
    return all(parameter.is_floating_point() for group in groups for parameter in group["params"])


def set_fused(optimizer: Optimizer, fused: bool) -> None:
    """Switches an optimizer that has not stepped yet to its fused form; leaves alone what has none or was decided."""
    if fused and can_fuse(optimizer):
        for settings in (optimizer.defaults, *optimizer.param_groups):
            settings["fused"] = True
        optimizer._step_supports_amp_scaling = True  # type: ignore[attr-defined]  # as its constructor does


class _Trial:
    """One candidate on its own copies."""

    def __init__(
        self,
        candidate: _Candidate,
        model: nn.Module,
        task: Task,
        updates: Sequence[Update],
        batch: Batch,
        settings: Train,
    ) -> None:
        self.name, self.device = str(candidate), choose_device(settings.device)
        self.times: list[float] = []
        # Together, so that the copied optimizers hold the copied parameters.
        self.model, optimizers = copy.deepcopy((model, [list(update.optimizers) for update in updates]))
        channels_last = candidate.memory_format == "channels_last"
        self.model.to(self.device).train()
        if channels_last:
            self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for optimizer in (item for group in optimizers for item in group if candidate.fused):
            set_fused(optimizer, True)
        self.batch = placement(self.device, channels_last=channels_last)(batch)
        self.size = task.size(self.batch)
        self.advances = self._advances(task, updates, optimizers, settings)

    def _advances(
        self, task: Task, updates: Sequence[Update], optimizers: list[list[Optimizer]], settings: Train
    ) -> list[Advance]:
        precision, clip = Precision(settings.precision, self.device), clipper(settings.clip)
        parameters = trained_parameters(self.model, [item for group in optimizers for item in group])
        copies = [Schedules(Update(group, name=update.name)) for update, group in zip(updates, optimizers, strict=True)]
        return [Advance(each, task, precision, clip, "loss", parameters) for each in copies]

    def run(self, steps: int) -> None:
        for _ in range(steps):
            begun = time.perf_counter()
            for advance in self.advances:
                advance(self.model, [self.batch], [self.size])
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            self.times.append(time.perf_counter() - begun)


def _race(trials: list[_Trial]) -> dict[str, float]:
    """Median seconds a step of each trial, in turns, so that a busy moment of the machine meets all of them."""
    for trial in trials:
        trial.run(2)
        trial.times.clear()
    end = time.perf_counter() + SECONDS
    for _ in range(ROUNDS):
        for trial in trials:
            trial.run(STEPS)
        if time.perf_counter() > end:
            break
    return {trial.name: statistics.median(trial.times) for trial in trials}
