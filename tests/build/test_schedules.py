"""Schedules of the document to schedulers of torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from torchwork.build.schedules import cadence, make_schedules, make_warmup, schedule_scope
from torchwork.errors import DocumentError
from torchwork.experiment import Schedule

SCOPE = schedule_scope(epochs=4, steps_per_epoch=25)


def optimizer(kind: type[torch.optim.Optimizer] = torch.optim.SGD) -> torch.optim.Optimizer:
    return kind([nn.Parameter(torch.zeros(2))], lr=1.0)  # type: ignore[call-arg]


def schedule(value: Any) -> Schedule:
    return Schedule.model_validate(value)


def rates(value: Any, epochs: int) -> list[float]:
    made = optimizer()
    [scheduler] = make_schedules(schedule(value), [made], SCOPE)
    found = []
    for _ in range(epochs):
        found.append(made.param_groups[0]["lr"])
        made.step()
        scheduler.step()
    return [round(rate, 6) for rate in found]


HALF, TENTH = {"ConstantLR": {"factor": 0.5, "total_iters": 9}}, {"ExponentialLR": {"gamma": 0.1}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"StepLR": {"step_size": 2}}, [1, 1, 0.1, 0.1]),
        ({"LambdaLR": {"lr_lambda": "0.5 ** epoch"}}, [1, 0.5, 0.25, 0.125]),
        ({"LambdaLR": {"lr_lambda": "1 - epoch / epochs"}}, [1, 0.75, 0.5, 0.25]),
        ({"CosineAnnealingLR": {"T_max": "epochs"}}, [1, 0.853553, 0.5, 0.146447]),
        ({"SequentialLR": {"schedulers": [HALF, TENTH], "milestones": [2]}}, [0.5, 0.5, 1, 0.1]),
        ({"ChainedScheduler": {"schedulers": [HALF, TENTH]}}, [0.5, 0.05, 0.005, 0.0005]),
    ],
)  # fmt: skip
def test_rates_are_those_of_the_formula(value: Any, expected: list[float]) -> None:
    assert rates(value, 4) == pytest.approx(expected)


def test_the_length_of_the_run_can_be_named() -> None:
    [scheduler] = make_schedules(
        schedule({"OneCycleLR": {"max_lr": 1.0, "total_steps": "steps"}}), [optimizer()], SCOPE
    )
    assert scheduler.total_steps == 100


def test_schedulers_of_batches_step_each_step_unless_told_otherwise() -> None:
    assert cadence(schedule({"OneCycleLR": {}})) == "step"
    assert cadence(schedule({"OneCycleLR": {}, "every": "epoch"})) == "epoch"
    assert cadence(schedule("StepLR")) == "epoch"


def test_a_length_of_warm_up_in_epochs_becomes_steps() -> None:
    made = make_warmup(schedule({"warmup": {"linear": {"length": "2 epochs"}}}), 25, [optimizer()])
    assert made is not None
    assert made.length == 50


@pytest.mark.parametrize(
    ("warmup", "message"),
    [
        ({"liner": {"length": "5 steps"}}, "did you mean linear?"),
        ({"linear": {"lenght": "5 steps"}}, "did you mean length?"),
        ("linear", "length"),
        ({"linear": {"length": "5"}}, "500 steps"),
        ({"linear": {"length": "5 minutes"}}, "minutes"),
        ("untuned_linear", "betas"),
    ],
)
def test_a_warm_up_that_cannot_be_is_refused_in_words(warmup: Any, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        make_warmup(schedule({"warmup": warmup}), 25, [optimizer()])
    assert message in str(caught.value)
    assert str(caught.value).startswith("schedule.warmup")
