"""The way of a document through its script: trained by the engine, printed, run without torchwork, compared."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
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


def engine(experiment: Experiment, base: Path) -> tuple[list[float], dict[str, Tensor]]:
    """The loss of every step, and the weights that are validated at the end."""
    built, listener = build(experiment, base=base), Losses()
    trainer_ = trainer(built, listener)
    assert trainer_.fit().status in ("done", "early_stopped")
    model = trainer_.average.module if trainer_.average else built.model
    return listener.losses, model.state_dict()


def run(text: str) -> tuple[list[float], dict[str, Tensor]]:
    """What a script's `main()` returns, and the weights that it evaluates last; it cannot import torchwork."""
    if "torchvision" in text:
        vision()
    namespace: dict[str, Any] = {"__name__": "printed", "__builtins__": {**vars(builtins), "__import__": _without}}
    exec(compile(text, "printed.py", "exec"), namespace)
    states: list[dict[str, Tensor]] = []
    evaluate = namespace["evaluate"]

    def remember(model: Any, batches: Any) -> Any:
        states.append({name: value.clone() for name, value in model.state_dict().items()})
        return evaluate(model, batches)

    namespace["evaluate"] = remember
    return namespace["main"](), states[-1]


def _without(name: str, *rest: Any) -> Any:
    if name.split(".")[0] == "torchwork":
        raise ImportError("a script must not need torchwork")
    return builtins.__import__(name, *rest)


def repeated(written: Mapping[str, Any], base: Path) -> str:
    """Asserts that the script of a document repeats its training bit for bit; the text."""
    experiment = Experiment.parse(dict(written))
    losses, weights = engine(experiment, base)
    text = print_script(experiment, base=base)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(base)
        found, state = run(text)
    assert found == losses
    assert state.keys() == weights.keys()
    assert all(torch.equal(state[name], weights[name]) for name in state)
    return text
