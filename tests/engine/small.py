"""Small real things to train: data, models, trainers, and a complete comparison of states."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.engine import Batches, Classification, EpochReport, Info, Listener, Outcome, Trainer, Update, as_batches
from torchwork.experiment import Train

SAMPLES, FEATURES, CLASSES = 70, 6, 3


def points(samples: int = SAMPLES, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Inputs [N, 6] and classes [N] that a small network can learn."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(samples, FEATURES, generator=generator)
    return x, x[:, :CLASSES].argmax(1)


def pictures(samples: int = 40) -> tuple[Tensor, Tensor]:
    """Inputs [N, 1, 8, 8] and classes [N]."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(samples, 1, 8, 8, generator=generator)
    return x, (x.mean((1, 2, 3)) > 0).long()


def mlp(dropout: float = 0.2) -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(FEATURES, 16), nn.Tanh(), nn.Dropout(dropout), nn.Linear(16, CLASSES))


def convolutional() -> nn.Module:
    torch.manual_seed(3)
    layers = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(64, 2))


class Log(Listener):
    """Keeps everything it hears."""

    def __init__(self) -> None:
        self.infos: list[Info] = []
        self.names: list[str] = []
        self.rows: dict[int, list[float]] = {}
        self.reports: list[EpochReport] = []
        self.notes: list[str] = []
        self.saved: list[Path] = []
        self.outcomes: list[Outcome] = []
        self.windows = 0

    def on_start(self, info: Info) -> None:
        self.infos.append(info)

    def on_steps(
        self, first_step: int, names: Sequence[str], rows: Sequence[Sequence[float]], wall_times: Sequence[float]
    ) -> None:
        assert len(rows) == len(wall_times)
        self.windows += 1
        self.names = list(names)
        self.rows |= {first_step + index: list(row) for index, row in enumerate(rows)}

    def on_epoch(self, report: EpochReport) -> None:
        self.reports.append(report)

    def on_note(self, text: str) -> None:
        self.notes.append(text)

    def on_checkpoint(self, path: Path) -> None:
        self.saved.append(path)

    def on_end(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def column(self, name: str) -> list[float]:
        index = self.names.index(name)
        return [self.rows[step][index] for step in sorted(self.rows)]


def adam(model: nn.Module) -> Update:
    return Update([torch.optim.Adam(model.parameters(), 0.01)])


def make_trainer(
    model: nn.Module | None = None,
    update: Callable[[nn.Module], Update | list[Update]] = adam,
    train: Batches | None = None,
    *,
    valid: bool = True,
    listeners: Sequence[Listener] = (),
    checkpoints: Path | None = None,
    seed: int | None = 5,
    task: Any = None,
    **settings: Any,
) -> Trainer:
    """A trainer on `points` with batches of 10 (7 an epoch), two epochs, in float32 on the CPU."""
    model = model or mlp()
    return Trainer(
        model,
        task or Classification(nn.CrossEntropyLoss()),
        update(model),
        as_batches(points(), 10, seed=2) if train is None else train,
        as_batches(points(30, seed=9), 16, shuffle=False) if valid else None,
        settings=Train.model_validate({"epochs": 2, "device": "cpu", "memory_format": "contiguous", **settings}),
        seed=seed,
        listeners=listeners,
        checkpoints=checkpoints,
    )


def differences(one: Any, two: Any, path: str = "") -> list[str]:
    """Where two state trees differ, bit for bit; NaN equals NaN."""
    if isinstance(one, Tensor) and isinstance(two, Tensor):
        same = one.dtype == two.dtype and one.shape == two.shape and torch.equal(one.nan_to_num(7), two.nan_to_num(7))
        return [] if same else [path]
    if type(one) is not type(two):
        return [f"{path}: {type(one)} {type(two)}"]
    if isinstance(one, Mapping):
        if list(one) != list(two):
            return [f"{path}: keys {list(one)} {list(two)}"]
        return [found for key in one for found in differences(one[key], two[key], f"{path}/{key}")]
    if isinstance(one, list | tuple):
        if len(one) != len(two):
            return [f"{path}: {len(one)} and {len(two)} items"]
        return [
            found for i, (a, b) in enumerate(zip(one, two, strict=True)) for found in differences(a, b, f"{path}/{i}")
        ]
    same = one == two or (isinstance(one, float) and math.isnan(one) and math.isnan(two))
    return [] if same else [f"{path}: {one} {two}"]
