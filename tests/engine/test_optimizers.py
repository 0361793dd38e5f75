"""Every optimizer and every scheduler of torch through the engine gives what torch gives alone."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer, lr_scheduler
from torch.optim.swa_utils import SWALR

from torchwork.engine import Regression, Update, as_batches
from torchwork.engine.schedule import Schedules
from torchwork.errors import TrainingError

from .small import Log, differences, make_trainer, mlp, points

OPTIMIZERS = [
    item
    for _, item in inspect.getmembers(torch.optim, inspect.isclass)
    if issubclass(item, Optimizer) and item is not Optimizer
]


def matrices(model: nn.Module, kind: type[Optimizer]) -> list[Tensor]:
    """The parameters an optimizer takes: Muon wants matrices only."""
    return [p for p in model.parameters() if kind.__name__ != "Muon" or p.dim() == 2]


@pytest.mark.parametrize(
    "kind", [kind for kind in OPTIMIZERS if kind.__name__ != "SparseAdam"], ids=lambda kind: kind.__name__
)
def test_an_optimizer_steps_as_in_a_plain_loop(kind: type[Optimizer]) -> None:
    ours, plain = mlp(0.0), mlp(0.0)
    make_trainer(ours, lambda model: Update([kind(matrices(model, kind), lr=0.01)]), epochs=1).fit()  # type: ignore[call-arg]
    optimizer = kind(matrices(plain, kind), lr=0.01)  # type: ignore[call-arg]
    for x, y in as_batches(points(), 10, seed=2).epoch(0):

        def closure(x: Tensor = x, y: Tensor = y) -> float:
            plain.zero_grad()
            loss = nn.functional.cross_entropy(plain(x), y)
            loss.backward()  # type: ignore[no-untyped-call]
            return loss.item()

        optimizer.step(closure)
    assert differences(dict(ours.state_dict()), dict(plain.state_dict())) == []
    assert differences(dict(ours.state_dict()), dict(mlp(0.0).state_dict())) != []


SCHEDULERS: dict[str, Callable[[Optimizer], Any]] = {
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.9**epoch),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda epoch: 0.9),
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [1, 3]),
    "ConstantLR": lr_scheduler.ConstantLR,
    "LinearLR": lr_scheduler.LinearLR,
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.8),
    "PolynomialLR": lr_scheduler.PolynomialLR,
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 5),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 3),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=30),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o), lr_scheduler.ExponentialLR(o, 0.9)], [2]
    ),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o), lr_scheduler.ExponentialLR(o, 0.9)]
    ),
    "SWALR": lambda o: SWALR(o, 0.05),
}


@pytest.mark.parametrize("every", ["epoch", "step"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_schedule_runs_as_in_a_plain_loop(name: str, every: Any) -> None:
    log = Log()

    def update(model: nn.Module) -> Update:
        optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
        return Update([optimizer], [SCHEDULERS[name](optimizer)], every=every)

    make_trainer(update=update, listeners=[log], epochs=4).fit()
    optimizer = torch.optim.SGD(mlp().parameters(), 0.1, momentum=0.9)
    scheduler, expected = SCHEDULERS[name](optimizer), []
    for step in range(28):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if every == "step" or step % 7 == 6:
            scheduler.step()
    assert log.column("step/lr") == expected


def test_plateau_watches_the_metric_it_was_told() -> None:
    log = Log()

    def update(model: nn.Module) -> Update:
        optimizer = torch.optim.SGD(model.parameters(), 0.0)
        return Update([optimizer], [lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)], monitor="train/accuracy")

    trainer = make_trainer(mlp(0.0), update, listeners=[log], epochs=6)
    trainer.updates[0].optimizers[0].param_groups[0]["lr"] = 1e-12
    trainer.fit()
    alone = torch.optim.SGD(mlp().parameters(), 1e-12)
    scheduler = lr_scheduler.ReduceLROnPlateau(alone, patience=1)
    expected = []
    for report in log.reports:
        expected.append(alone.param_groups[0]["lr"])
        scheduler.step(report.metrics["train/accuracy"])
    assert log.column("step/lr")[::7] == expected


def test_two_groups_and_two_optimizers_each_have_their_rate() -> None:
    log = Log()

    def update(model: nn.Module) -> Update:
        first, last = model[0], model[3]  # type: ignore[index]
        groups = [{"params": [first.weight]}, {"params": [first.bias], "lr": 0.02}]
        return Update([torch.optim.Adam(groups, 0.01), torch.optim.SGD(last.parameters(), 0.3)])

    make_trainer(update=update, listeners=[log]).fit()
    assert log.names[-3:] == ["step/lr", "step/lr/1", "step/lr/2"]
    assert [log.rows[1][-3:], log.rows[14][-3:]] == [[0.01, 0.02, 0.3]] * 2


def test_what_cannot_work_together_is_refused() -> None:
    optimizer = torch.optim.SGD(mlp().parameters(), 0.1)
    with pytest.raises(TrainingError, match="set every: epoch"):
        Schedules(Update([optimizer], [lr_scheduler.ReduceLROnPlateau(optimizer)], every="step"))
    with pytest.raises(TrainingError, match="LBFGS evaluates the loss several times"):
        make_trainer(update=lambda model: Update([torch.optim.LBFGS(model.parameters())]), precision="fp16")
    with pytest.raises(TrainingError, match="a schedule or None for each of 1 optimizers, got 2"):
        Update([optimizer], [None, None])
    frozen = mlp().requires_grad_(False)
    with pytest.raises(TrainingError, match="every parameter is frozen"):
        make_trainer(frozen)


def test_lbfgs_solves_least_squares() -> None:
    x = torch.randn(40, 3, generator=torch.Generator().manual_seed(0)).double()
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]).double() + 3
    model = nn.Linear(3, 1).double()
    update = Update([torch.optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe")])
    trainer = make_trainer(
        model, lambda _: update, as_batches((x, y), 40), valid=False, task=Regression(nn.MSELoss()), epochs=3
    )
    assert math.sqrt(trainer.fit().metrics["train/loss"]) < 1e-3
