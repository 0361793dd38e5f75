"""Loops of one's own with a mistake in each, recorded by `torchwork.runs`."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

import torchwork
import torchwork.sweep
from benchmarks.doctor_data import Arrays
from benchmarks.doctor_faults import EPOCHS

BATCH = 32


def run(loop: str, arrays: Arrays, folder: Path) -> Path:
    """Trains in a new run below `folder` and says where it is."""
    torch.manual_seed(1)
    x, y = torch.from_numpy(arrays["x_train"]).float() / 255, torch.from_numpy(arrays["y_train"])
    x = (x - x.mean()) / x.std()
    last = (nn.Softmax(dim=1),) if loop == "softmax" else ()
    model = _network(x.shape[1], x.shape[2], *last)
    trained = [item for name, item in model.named_parameters() if loop != "forgotten" or not name.startswith("3.")]
    place = folder
    for tracked in torchwork.runs(folder, loop, lr=0.01 if loop == "accumulating" else 0.05):
        optimizer = torch.optim.SGD(trained, lr=tracked.lr, momentum=0.9 if loop != "accumulating" else 0.0)
        tracked.watch(model)
        _train(tracked, model, optimizer, x, y, forgets=loop == "accumulating")
        place = tracked.path
    return place


def _train(
    tracked: torchwork.sweep.Tracker,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x: Tensor,
    y: Tensor,
    forgets: bool,
) -> None:
    for _ in tracked.epochs(EPOCHS):
        order = torch.randperm(len(x)).split(BATCH)
        for inputs, labels in tracked.batches((x[part], y[part]) for part in order):
            loss = nn.functional.cross_entropy(model(inputs), labels)
            if not forgets:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            tracked.log(loss=loss)


def _network(channels: int, size: int, *last: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * (size // 4) ** 2, 64), nn.ReLU(), nn.Linear(64, 10), *last,
    )  # fmt: skip
