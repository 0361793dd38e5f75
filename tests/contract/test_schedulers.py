"""Every scheduler of torch.optim.lr_scheduler: by epoch, by step, and behind a warm-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from torchwork.build import build
from torchwork.catalog import catalog
from torchwork.errors import TorchworkError
from torchwork.experiment import Experiment

from .flow import NUMBERS, Rates, document, trained, trainer

ARGUMENTS: dict[str, dict[str, Any]] = {
    "ChainedScheduler": {"schedulers": ["ConstantLR", {"ExponentialLR": {"gamma": 0.9}}]},
    "CosineAnnealingLR": {"T_max": "epochs"},
    "CosineAnnealingWarmRestarts": {"T_0": 2},
    "CyclicLR": {"base_lr": 0.01, "max_lr": 0.1, "cycle_momentum": False},  # Adam has no momentum
    "ExponentialLR": {"gamma": 0.9},
    "LambdaLR": {"lr_lambda": "0.9 ** epoch"},
    "MultiStepLR": {"milestones": [1]},
    "MultiplicativeLR": {"lr_lambda": "1 - epoch / 100"},
    "OneCycleLR": {"max_lr": 0.1, "total_steps": "steps"},
    "SWALR": {"swa_lr": 0.01},
    "SequentialLR": {"schedulers": ["ConstantLR", {"StepLR": {"step_size": 1}}], "milestones": [1]},
    "StepLR": {"step_size": 1},
}
"""the required arguments"""
CONSTANT = ("ReduceLROnPlateau",)
"""does nothing for ten epochs"""
ENTRIES = catalog().entries("scheduler")
STEPS, LENGTH = 6, 4


def rates(base: Path, **schedule: Any) -> list[float]:
    """The learning rates of 2 epochs of 3 steps each."""
    listener = Rates()
    data, train = {**NUMBERS, "batch_size": 2}, {"epochs": 2}
    built = trained(document(data=data, schedule=schedule, train=train), base, listener)
    scheduler = built.updates[0].schedules[0]
    assert type(scheduler).__name__ == next(iter(schedule))
    return listener.rates


def by_step(name: str) -> dict[str, Any]:
    return {} if name == "ReduceLROnPlateau" else {"every": "step"}


@pytest.mark.parametrize("name", ENTRIES)
def test_scheduler(name: str, base: Path) -> None:
    found = rates(base, **{name: ARGUMENTS.get(name, {})}, **by_step(name))
    assert len(found) == STEPS
    assert (len(set(found)) == 1) == (name in CONSTANT)


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in ("OneCycleLR", "CyclicLR")])
def test_scheduler_by_epoch(name: str, base: Path) -> None:
    found = rates(base, **{name: ARGUMENTS.get(name, {})})
    assert found[0] == found[1] == found[2] and found[3] == found[4] == found[5]


@pytest.mark.parametrize("name", ENTRIES)
def test_scheduler_behind_a_warmup(name: str, base: Path) -> None:
    schedule = {name: ARGUMENTS.get(name, {}), **by_step(name)}
    bare = rates(base, **schedule)
    warm = rates(base, **schedule, warmup={"linear": {"length": f"{LENGTH} steps"}})
    assert warm == pytest.approx([rate * min(1, (step + 1) / LENGTH) for step, rate in enumerate(bare)])


@pytest.mark.parametrize(
    "warmup",
    [
        {"constant": {"length": "4 steps", "factor": 0.1}},
        {"linear": {"length": "1 epochs"}},
        {"exponential": {"length": "4 steps"}},
        "untuned_linear",
        "untuned_exponential",
    ],
    ids=str,
)
def test_warmup(warmup: Any, base: Path) -> None:
    found = rates(base, ExponentialLR={"gamma": 1.0}, warmup=warmup)
    assert 0 < found[0] < 0.05
    assert found == sorted(found)


def test_a_metric_of_the_epoch_cannot_decide_each_step(base: Path) -> None:
    written = document(schedule={"ReduceLROnPlateau": {}, "every": "step"})
    with pytest.raises(TorchworkError, match=r"^[^\n]*cannot step every step; set every: epoch[^\n]*$"):
        trainer(build(Experiment.parse(written), base=base))


def test_nothing_is_left_out() -> None:
    assert {*ARGUMENTS, *CONSTANT} <= ENTRIES.keys()
    assert len(ENTRIES) == 16
