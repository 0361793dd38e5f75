"""The loop: what it computes, reports and refuses."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from torchwork.engine import Classification, Listener, Update, as_batches
from torchwork.errors import DataError, NotFiniteError, OutOfMemoryError, TrainingError

from .small import Log, adam, convolutional, differences, make_trainer, mlp, pictures, points


def gradient_of_everything(loss: str = "mean") -> dict[str, Tensor]:
    """What one SGD step with rate 1 on all 70 points together makes of the network."""
    model = mlp(0.0)
    x, y = points()
    nn.functional.cross_entropy(model(x), y, reduction=loss).backward()
    return {name: p.detach() - p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("reduction", ["mean", "none", "sum"])
@pytest.mark.parametrize(("batch_size", "accumulate"), [(70, 1), (10, 7), (16, 5), (33, 3)])
def test_accumulated_batches_make_one_large_step(reduction: str, batch_size: int, accumulate: int) -> None:
    log = Log()
    task = Classification(nn.CrossEntropyLoss(reduction=reduction))
    trainer = make_trainer(
        mlp(0.0),
        lambda model: Update([torch.optim.SGD(model.parameters(), 1.0)]),
        as_batches(points(), batch_size),
        task=task,
        epochs=1,
        accumulate=accumulate,
        listeners=[log],
    )
    trainer.fit()
    expected = gradient_of_everything("sum" if reduction == "sum" else "mean")
    for name, parameter in trainer.model.named_parameters():
        torch.testing.assert_close(parameter.detach(), expected[name])
    assert list(log.rows) == [1]
    x, y = points()
    expected_loss = nn.functional.cross_entropy(mlp(0.0)(x), y).item()
    assert log.column("step/loss")[0] == pytest.approx(expected_loss, rel=1e-6)


def test_a_partial_last_window_counts_by_its_samples() -> None:
    model = mlp(0.0)
    trainer = make_trainer(
        model,
        lambda m: Update([torch.optim.SGD(m.parameters(), 0.5)]),
        as_batches(points(), 20),
        epochs=1,
        accumulate=3,
    )
    trainer.fit()
    plain = mlp(0.0)
    optimizer = torch.optim.SGD(plain.parameters(), 0.5)
    batches = list(as_batches(points(), 60).epoch(0))
    assert [len(y) for _, y in batches] == [60, 10]
    for x, y in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(plain(x), y).backward()
        optimizer.step()
    for one, two in zip(model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, two)


def test_metrics_are_means_over_samples_not_batches() -> None:
    log = Log()
    trainer = make_trainer(mlp(0.0), train=as_batches(points(), 64), listeners=[log], epochs=1)
    trainer.updates[0].optimizers[0].param_groups[0]["lr"] = 0.0
    outcome = trainer.fit()
    x, y = points()
    out = mlp(0.0)(x)
    assert outcome.metrics["train/accuracy"] == pytest.approx(float((out.argmax(1) == y).float().mean()))
    assert outcome.metrics["train/loss"] == pytest.approx(nn.functional.cross_entropy(out, y).item(), rel=1e-6)
    vx, vy = points(30, seed=9)
    assert outcome.metrics["valid/loss"] == pytest.approx(
        nn.functional.cross_entropy(mlp(0.0)(vx), vy).item(), rel=1e-6
    )
    assert list(outcome.metrics) == ["train/loss", "train/accuracy", "valid/loss", "valid/accuracy"]


def test_what_is_reported() -> None:
    log = Log()
    outcome = make_trainer(listeners=[log], epochs=3).fit()
    info = log.infos[0]
    assert (info.epochs, info.steps_per_epoch, info.samples, info.step, info.resumed) == (3, 7, 70, 0, False)
    assert info.parameters == 6 * 16 + 16 + 16 * 3 + 3
    assert log.names == ["step/loss", "step/accuracy", "step/lr"]
    assert sorted(log.rows) == list(range(1, 22)) and log.windows < 21
    assert [(report.epoch, report.step) for report in log.reports] == [(1, 7), (2, 14), (3, 21)]
    assert all(report.seconds > 0 and report.rate > 0 for report in log.reports)
    assert outcome == log.outcomes[0] and outcome.status == "done" and outcome.metrics == log.reports[-1].metrics


def test_listeners_find_the_gradients_of_the_last_step() -> None:
    found = []

    class Gradients(Listener):
        def on_epoch(self, report: Any) -> None:
            found.append([p.grad is not None and bool(p.grad.any()) for p in model.parameters()])

    model = mlp()
    make_trainer(model, listeners=[Gradients()]).fit()
    assert found == [[True] * 4] * 2


def test_validation_changes_nothing() -> None:
    class Restless(Classification):
        def loss(self, model: nn.Module, batch: Any, update: str) -> Any:
            torch.rand(1), random.random(), np.random.rand()
            return super().loss(model, batch, update)

    with_valid = make_trainer(task=Restless(nn.CrossEntropyLoss()))
    without = make_trainer(task=Restless(nn.CrossEntropyLoss()), valid=False)
    with_valid.fit(), without.fit()
    assert differences(dict(with_valid.model.state_dict()), dict(without.model.state_dict())) == []


def test_a_seed_repeats_a_training() -> None:
    rows = []
    for seed in (1, 1, 2):
        log = Log()
        make_trainer(mlp(0.5), listeners=[log], seed=seed).fit()
        rows.append(log.rows)
    assert rows[0] == rows[1] != rows[2]


def test_the_average_is_what_is_validated() -> None:
    trainer = make_trainer(mlp(0.0), ema=0.5, epochs=1)
    weights = [mlp(0.0)[0].weight.detach().clone()]  # type: ignore[index]

    class Weights(Listener):
        def on_steps(self, *_: Any) -> None:
            weights.append(trainer.model[0].weight.detach().clone())  # type: ignore[index]

    outcome = trainer.fit()
    assert trainer.average is not None
    model = trainer.average.module
    x, y = points(30, seed=9)
    assert outcome.metrics["valid/loss"] == pytest.approx(nn.functional.cross_entropy(model(x), y).item(), rel=1e-6)
    assert differences(dict(model.state_dict()), dict(trainer.model.state_dict())) != []


def test_early_stopping_waits_and_says_so() -> None:
    log = Log()
    trainer = make_trainer(
        mlp(0.0),
        lambda model: Update([torch.optim.SGD(model.parameters(), 1e-12)]),
        listeners=[log],
        epochs=50,
        early_stop={"monitor": "valid/loss", "patience": 3, "min_delta": 0.001},
    )
    outcome = trainer.fit()
    assert outcome.status == "early_stopped" and outcome.epoch == 4 and len(log.reports) == 4


def test_accuracy_counts_upwards() -> None:
    outcome = make_trainer(epochs=8, checkpoint={"best": "valid/accuracy"}).fit()
    assert outcome.best is not None and outcome.best.value >= outcome.metrics["valid/accuracy"]
    assert outcome.best.value > 0.4


def test_two_updates_lower_their_own_losses() -> None:
    class Pair(Classification):
        """The first update wants small weights, the last one right classes."""

        def loss(self, model: Any, batch: Any, update: str) -> tuple[Tensor, Any]:
            if update == "first":
                return model[0].weight.square().mean() + 0 * model(batch[0]).sum(), model(batch[0])
            return super().loss(model, batch, update)

    def updates(model: Any) -> list[Update]:
        first = Update([torch.optim.SGD(model[0].parameters(), 1.0)], name="first")
        return [first, Update([torch.optim.SGD(model[3].parameters(), 0.0)], name="last")]

    log = Log()
    trainer = make_trainer(mlp(0.0), updates, task=Pair(nn.CrossEntropyLoss()), listeners=[log], epochs=1)
    outcome = trainer.fit()
    weight = mlp(0.0)[0].weight  # type: ignore[index]
    for _ in range(7):
        weight = weight - 2 * weight / weight.numel()
    torch.testing.assert_close(trainer.model[0].weight, weight)  # type: ignore[index]
    assert log.names == ["step/first_loss", "step/accuracy", "step/last_loss", "step/lr", "step/lr/1"]
    assert outcome.best is not None and outcome.best.monitor == "valid/first_loss"


def test_channels_last_and_bf16_and_threads() -> None:
    before = torch.get_num_threads()
    seen: list[Any] = []

    class Spy(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append((x.is_contiguous(memory_format=torch.channels_last), torch.get_num_threads()))
            return x

    model = nn.Sequential(Spy(), nn.Conv2d(2, 4, 3), nn.Flatten(), nn.Linear(144, 2))
    x, y = pictures()
    data = as_batches((x.repeat(1, 2, 1, 1), y), 20)
    trainer = make_trainer(model, train=data, valid=False, memory_format="channels_last", precision="bf16", threads=2)
    outcome = trainer.fit()
    assert seen[0] == (True, 2) and torch.get_num_threads() == before
    assert model[1].weight.is_contiguous(memory_format=torch.channels_last)  # type: ignore[union-attr,operator]
    assert math.isfinite(outcome.metrics["train/loss"])


def test_deterministic_mode_is_put_back() -> None:
    inside = []

    class Look(Listener):
        def on_epoch(self, report: Any) -> None:
            inside.append(torch.are_deterministic_algorithms_enabled())

    make_trainer(deterministic=True, listeners=[Look()]).fit()
    assert inside == [True, True] and not torch.are_deterministic_algorithms_enabled()


class Breaking(nn.Module):
    """Becomes infinite in a certain call; counts on a buffer, so that a resume counts on."""

    def __init__(self, call: int, forward: bool = True) -> None:
        super().__init__()
        self.call, self.in_forward = call, forward
        self.register_buffer("calls", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.calls += 1
        if int(self.calls) == self.call and self.training:
            return x / 0.0 if self.in_forward else (x.abs() + 1e-30).sqrt() * 0 + Explode.apply(x)
        return x


class Explode(torch.autograd.Function):
    """The identity, with infinite gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient * math.inf


def breaking(call: int, forward: bool = True) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), Breaking(call, forward), nn.Linear(8, 3))


@pytest.mark.parametrize("every", ["1 epochs", "2 steps", "5 epochs"])
def test_a_loss_that_is_not_finite_is_traced_to_step_and_layer(every: str, tmp_path: Path) -> None:
    log = Log()
    trainer = make_trainer(breaking(11), checkpoints=tmp_path, checkpoint={"every": every}, listeners=[log])
    with pytest.raises(NotFiniteError, match=r"step 11 \(epoch 2\): the first layer .* is 2 \(Breaking\)"):
        trainer.fit()
    assert log.outcomes[0].status == "failed"
    assert not any(module._forward_hooks for module in trainer.model.modules())


def test_gradients_that_are_not_finite_are_traced(tmp_path: Path) -> None:
    trainer = make_trainer(breaking(9, forward=False), checkpoints=tmp_path)
    with pytest.raises(NotFiniteError, match=r"step 9 \(epoch 2\): the first gradient .* is that of 0\.bias"):
        trainer.fit()
    good = sorted(path.name for path in tmp_path.glob("step-*"))
    assert good == ["step-0", "step-7"]


def test_not_finite_without_checkpoints_names_the_step() -> None:
    with pytest.raises(NotFiniteError, match=r"step 11 \(epoch 2\).*pass a folder for checkpoints"):
        make_trainer(breaking(11)).fit()


def test_not_finite_data_is_named(tmp_path: Path) -> None:
    x, y = points()
    x[5, 2] = math.nan
    with pytest.raises(NotFiniteError, match="the batch itself"):
        make_trainer(train=as_batches((x, y), 10, shuffle=False), checkpoints=tmp_path).fit()


def test_out_of_memory_says_what_to_change() -> None:
    class Huge(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + torch.empty(1 << 50)

    with pytest.raises(
        OutOfMemoryError, match=r"step 1: a batch of 10 samples .*cpu.* set data.batch_size: 5 with train.accumulate: 2"
    ):
        make_trainer(nn.Sequential(nn.Linear(6, 3), Huge())).fit()


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (
            nn.Linear(5, 3),
            r"step 1: model and loss do not take inputs \[10, 6\] float32 and targets \[10\] int64: mat1",
        ),
        (nn.Linear(6, 2), r"step 1: .*Target 2 is out of bounds"),
    ],
)
def test_shapes_that_do_not_fit_are_a_sentence(model: nn.Module, problem: str) -> None:
    with pytest.raises(TrainingError, match=problem):
        make_trainer(model).fit()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"early_stop": {"monitor": "valid/acuracy"}},
            "early_stop.monitor is valid/acuracy.*did you mean valid/accuracy",
        ),
        ({"checkpoint": {"best": "valid/iou"}}, "checkpoint.best is valid/iou, but each epoch measures train/loss"),
        ({"early_stop": {"monitor": "valid/loss"}, "valid": False}, "there is no validation data"),
        ({"device": "cuda:9"}, "device is cuda:9, but torch finds"),
    ],
)
def test_settings_that_do_not_fit_are_a_sentence(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(TrainingError, match=problem):
        make_trainer(**settings).fit()


def test_no_batch_is_a_sentence() -> None:
    class Empty:
        samples = 0

        def __len__(self) -> int:
            return 0

    with pytest.raises(DataError, match="no batch"):
        make_trainer(train=Empty())  # type: ignore[arg-type]


def test_without_validation_the_training_loss_decides(tmp_path: Path) -> None:
    outcome = make_trainer(convolutional(), adam, as_batches(pictures(), 8), valid=False, checkpoints=tmp_path).fit()
    assert outcome.best is not None and outcome.best.monitor == "train/loss"
