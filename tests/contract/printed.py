"""The way of a document through its script: trained by the engine, printed, run without torchwork, compared."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from torchwork.build import build
from torchwork.catalog import vision
from torchwork.code.script import print_script
from torchwork.engine import Listener
from torchwork.experiment import Experiment

from .flow import trainer


class Losses(Listener):
    """The loss of every step."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_steps(self, first_step: int, names: Sequence[str], rows: Any, wall_times: Any) -> None:
        self.losses += [row[names.index("step/loss")] for row in rows]


@dataclass(frozen=True)
class Trained:
    """The loss of every step; the weights that are evaluated at the end, and what is measured of them."""

    losses: list[float]
    weights: dict[str, Tensor]
    measured: dict[str, float]


def engine(experiment: Experiment, base: Path, *, trust: bool = False) -> Trained:
    """The training of a document, as in `run.py`, without a run folder."""
    built, listener = build(experiment, base=base, trust=trust), Losses()
    trainer_ = trainer(built, listener)
    outcome = trainer_.fit()
    assert outcome.status in ("done", "early_stopped")
    model = trainer_.average.module if trainer_.average else built.model
    valid = {tag.removeprefix("valid/"): value for tag, value in outcome.metrics.items() if tag.startswith("valid/")}
    return Trained(listener.losses, model.state_dict(), valid)


def run(text: str) -> Trained:
    """A script's `main()`, for which there is no torchwork to import."""
    if "torchvision" in text:
        vision()
    namespace: dict[str, Any] = {"__name__": "printed", "__builtins__": {**vars(builtins), "__import__": _without}}
    exec(compile(text, "printed.py", "exec"), namespace)
    evaluated: list[tuple[dict[str, Tensor], dict[str, float]]] = []
    evaluate = namespace["evaluate"]

    def remember(model: Any, batches: Any) -> Any:
        state = {name: value.clone() for name, value in model.state_dict().items()}
        evaluated.append((state, evaluate(model, batches)))
        return evaluated[-1][1]

    namespace["evaluate"] = remember
    return Trained(namespace["main"](), *evaluated[-1])


def _without(name: str, *rest: Any) -> Any:
    if name.split(".")[0] == "torchwork":
        raise ImportError("a script must not need torchwork")
    return builtins.__import__(name, *rest)


def repeated(written: Mapping[str, Any], base: Path, *, trust: bool = False) -> str:
    """Asserts that the script of a document repeats its training bit for bit; the text."""
    experiment = Experiment.parse(dict(written))
    text = print_script(experiment, base=base, trust=trust)
    same(text, engine(experiment, base, trust=trust), base)
    return text


def same(text: str, trained: Trained, base: Path) -> None:
    """Asserts that a script, started in `base`, trains just so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(base)
        found = run(text)
    assert found.losses == trained.losses
    assert found.weights.keys() == trained.weights.keys()
    assert all(torch.equal(value, trained.weights[name]) for name, value in found.weights.items())
    assert trained.measured
    if "\n    test = evaluate(" not in text:  # then the last weights are those of the best epoch
        assert {name: found.measured[name] for name in trained.measured} == trained.measured
