"""The way of a document: read, written, built twice, trained one epoch; and what must hold on that way."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.build import Built, build
from torchwork.engine import Listener, Trainer
from torchwork.experiment import Experiment

BATCH = 5
"""samples of a batch, and of the training split: an epoch is one step"""
FEATURES = 6
NUMBERS: dict[str, Any] = {"source": {"Arrays": {"path": "numbers.npz"}}, "normalize": "none", "batch_size": BATCH}
"""samples of 6 features, targets are 3 numbers"""
CLASSES: dict[str, Any] = {"source": {"Arrays": {"path": "classes.npz"}}, "normalize": "none", "batch_size": BATCH}
"""samples of 6 features, targets are one of 3 classes"""
PICTURES: dict[str, Any] = {"source": {"Arrays": {"path": "pictures.npz"}}, "normalize": "none", "batch_size": BATCH}
"""colour pictures of 12 x 10, targets are one of 3 classes"""
PERCEPTRON: dict[str, Any] = {"layers": [{"Linear": {"out_features": 8}}, "Tanh", {"Linear": {"out_features": 3}}]}


def document(**sections: Any) -> dict[str, Any]:
    """A small document with sections of one's own; those of `train` are added."""
    train = {"epochs": 1, "device": "cpu", "memory_format": "contiguous", **sections.pop("train", {})}
    standard = {"data": NUMBERS, "model": PERCEPTRON, "loss": "MSELoss", "optimizer": {"Adam": {"lr": 0.05}}, "seed": 3}
    return {**standard, **sections, "train": train}


class Rates(Listener):
    """The learning rate of every step."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def on_steps(self, first_step: int, names: Any, rows: Any, wall_times: Any) -> None:
        self.rates += [row[names.index("step/lr")] for row in rows]


def trained(written: dict[str, Any], base: Path, *listeners: Listener, trust: bool = False) -> Built:
    """What `written` describes, after its training; asserts what holds for every document.

    It survives YAML, gives equal weights when built again, trains to a finite loss, and moves what had a gradient.
    """
    experiment = Experiment.parse(written)
    assert Experiment.loads(experiment.dumps()) == experiment
    built, again = (build(experiment, base=base, trust=trust) for _ in range(2))
    before, twins = weights(built.model), weights(again.model)
    assert before.keys() == twins.keys() and all(torch.equal(before[name], twins[name]) for name in before)
    outcome = trainer(built, *listeners).fit()
    assert outcome.status == "done"
    assert math.isfinite(outcome.metrics["train/loss"])
    moved = {name for name, parameter in weights(built.model).items() if not torch.equal(parameter, before[name])}
    assert moved
    assert {name for name, parameter in built.model.named_parameters() if has_gradient(parameter)} <= moved
    return built


def trainer(built: Built, *listeners: Listener) -> Trainer:
    """What trains it, as in `run.py`, without a run folder."""
    model, settings, seed = built.model, built.settings, built.seed
    return Trainer(
        model, built.task, built.updates, built.train, built.valid, settings=settings, seed=seed, listeners=listeners
    )


def weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of every parameter by name."""
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def has_gradient(parameter: nn.Parameter) -> bool:
    """Whether the last step gave it a gradient other than zero."""
    return parameter.grad is not None and bool(parameter.grad.to_dense().any())


def without_gradient(model: nn.Module) -> set[str]:
    """The parameters that the last step did not reach at all."""
    return {name for name, parameter in model.named_parameters() if parameter.grad is None}
