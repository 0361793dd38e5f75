"""Warm-up against worked numbers, and in front of schedulers that must not notice it."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from torchwork.engine.schedule import Schedules, Update
from torchwork.engine.warmup import Warmup
from torchwork.errors import TrainingError

from .small import mlp

GROUP = {"betas": (0.9, 0.999)}


@pytest.mark.parametrize(
    ("warmup", "step", "factor"),
    [
        (Warmup("linear", 5), 0, 0.2),
        (Warmup("linear", 5), 3, 0.8),
        (Warmup("linear", 5), 4, 1.0),
        (Warmup("linear", 5), 99, 1.0),
        (Warmup("exponential", 4), 0, 1 - math.exp(-0.25)),
        (Warmup("exponential", 4), 3, 1 - math.exp(-1)),
        (Warmup("constant", 3, start=0.1), 2, 0.1),
        (Warmup("constant", 3, start=0.1), 3, 1.0),
        (Warmup("untuned_linear"), 0, 1 / 2000),
        (Warmup("untuned_linear"), 999, 0.5),
        (Warmup("untuned_exponential"), 0, 1 - math.exp(-1 / 1000)),
        (Warmup("untuned_exponential"), 999, 1 - math.exp(-1)),
    ],
)
def test_factors(warmup: Warmup, step: int, factor: float) -> None:
    assert warmup.factor(step, warmup.length_for(GROUP)) == pytest.approx(factor, rel=1e-9)


def rates(scheduler: Any, warmup: Warmup | None, steps: int, lr: Any = 1.0, every: Any = "step") -> list[float]:
    optimizer = torch.optim.SGD(mlp().parameters(), lr, momentum=0.9)
    schedules = Schedules(Update([optimizer], [scheduler(optimizer)], every=every, warmup=warmup))
    found = []
    for _ in range(steps):
        schedules.before_step()
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedules.after_step()
    return found


SCHEDULERS = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 3, 0.5),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 10),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=20),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, 4),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, 0.1, total_iters=3), lr_scheduler.CosineAnnealingLR(o, 9)], [3]
    ),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o, 0.1, total_iters=4), lr_scheduler.ExponentialLR(o, 0.9)]
    ),
}


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("warmup", [Warmup("linear", 6), Warmup("exponential", 3)], ids=lambda warmup: warmup.kind)
def test_the_schedule_is_only_dampened(name: str, warmup: Warmup) -> None:
    alone, warmed = rates(SCHEDULERS[name], None, 12), rates(SCHEDULERS[name], warmup, 12)
    expected = [rate * warmup.factor(step, warmup.length_for(GROUP)) for step, rate in enumerate(alone)]
    assert warmed == pytest.approx(expected, rel=1e-12)


def test_a_rate_in_a_tensor_stays_the_same_tensor() -> None:
    optimizer = torch.optim.Adam(mlp().parameters(), torch.tensor(0.5), foreach=False, capturable=False)
    held = optimizer.param_groups[0]["lr"]
    schedules = Schedules(Update([optimizer], warmup=Warmup("linear", 2)))
    schedules.before_step()
    assert held.item() == 0.25
    schedules.after_step()
    assert optimizer.param_groups[0]["lr"] is held and held.item() == 0.5


def test_bad_warmups_are_refused() -> None:
    optimizer = torch.optim.SGD(mlp().parameters(), 0.1)
    with pytest.raises(TrainingError, match="needs a length"):
        Schedules(Update([optimizer], warmup=Warmup("linear")))
    with pytest.raises(TrainingError, match="optimizer with betas"):
        Schedules(Update([optimizer], warmup=Warmup("untuned_linear")))
