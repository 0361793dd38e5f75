"""What torch refuses in the middle of training, told as what to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR

from torchwork.engine import Update
from torchwork.engine.failure import failing_layer
from torchwork.engine.stop import is_better
from torchwork.errors import CheckpointError, TrainingError

from .small import CLASSES, FEATURES, Log, make_trainer


class Stubborn(torch.optim.SGD):
    """Refuses its second step."""

    steps = 0

    def step(self, closure: Any = None) -> Any:
        self.steps += 1
        if self.steps == 2:
            raise RuntimeError("no more\nand a second line")
        return super().step(closure)


def test_an_optimizer_that_refuses_is_named() -> None:
    trainer = make_trainer(update=lambda model: Update([Stubborn(model.parameters(), 0.1)]))
    with pytest.raises(
        TrainingError, match=r"^the optimizer Stubborn cannot make a step: no more; change its settings"
    ):
        trainer.fit()


def test_a_schedule_that_refuses_is_named() -> None:
    def update(model: nn.Module) -> Update:
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        return Update([optimizer], [LambdaLR(optimizer, lambda step: 1 / (3 - step))], every="step")

    with pytest.raises(TrainingError, match=r"^the schedule LambdaLR cannot make its step 3: division by zero; ch"):
        make_trainer(update=update).fit()


def test_a_schedule_that_ends_early_is_refused_before_the_first_step(tmp_path: Path) -> None:
    def update(model: nn.Module) -> Update:
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        return Update([optimizer], [OneCycleLR(optimizer, 0.1, total_steps=14)], every="step")

    make_trainer(update=update, checkpoints=tmp_path, epochs=2).fit()
    log = Log()
    with pytest.raises(TrainingError, match="its total_steps is 14, and training makes 21 steps; train fewer epochs"):
        make_trainer(update=update, checkpoints=tmp_path, epochs=3, listeners=[log]).fit()
    assert log.rows == {}


class Narrow(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.shape[-1] == 1, "one column only"
        return x


def test_the_layer_that_fails_is_named() -> None:
    model = nn.Sequential(nn.Linear(FEATURES, 4), nn.Sequential(nn.ReLU(), Narrow()), nn.Linear(4, CLASSES))
    x = torch.zeros(2, FEATURES)
    assert failing_layer(model, lambda: model(x)) == "1.1 (Narrow)"
    assert failing_layer(model, lambda: None) == ""
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    with pytest.raises(TrainingError, match=r"^step 1: the layer 1.1 \(Narrow\) does not take .*: one column only; ch"):
        make_trainer(model).fit()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_never_the_best(value: float) -> None:
    assert not is_better(value, None, maximize=True) and not is_better(value, 1.0, maximize=False)
    assert is_better(1.0, None, maximize=True)


def test_damaged_checkpoints_alone_are_not_begun_anew(tmp_path: Path) -> None:
    make_trainer(checkpoints=tmp_path).fit()
    for path in tmp_path.glob("step-*/state.json"):
        path.write_text("{}")
    with pytest.raises(CheckpointError, match=r"none of the \d checkpoints in .* can be used \(step-14: state.json is"):
        make_trainer(checkpoints=tmp_path, epochs=3).fit()


def test_nothing_left_to_train_is_said(tmp_path: Path) -> None:
    make_trainer(checkpoints=tmp_path).fit()
    log = Log()
    assert make_trainer(checkpoints=tmp_path, listeners=[log]).fit().status == "done"
    assert log.notes == ["nothing is left to train: 2 epochs are done"]
