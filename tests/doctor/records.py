"""Records of trainings that never were: curves as a healthy run has them, with one thing changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from torchwork.doctor import Evidence
from torchwork.experiment import Experiment
from torchwork.record import EventWriter, read_run

STEPS, EPOCH = 320, 64
LAYERS = ("conv", "hidden", "third", "fourth", "fifth", "head")
LOOKS = [*range(1, 21), *range(30, STEPS + 1, 10)]
DATA: dict[str, Any] = {
    "spec": {
        "classes": [str(number) for number in range(10)], "samples": {"train": 2048, "valid": 256},
        "class_counts": {"train": [205] * 10, "valid": [26] * 10},
    },
    "facts": {
        "samples": {"train": 2048, "valid": 256}, "loss": "CrossEntropyLoss", "optimizers": ["SGD"],
        "inputs": {split: [{"mean": 0.0, "std": 1.0, "min": -2.0, "max": 2.0, "finite": 1.0}]
                   for split in ("train", "valid")},
        "targets": {}, "copies": 0.0, "repeats": 0.0, "sorted": 0.1,
    },
    "steps_per_epoch": EPOCH,
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "data": {"source": "Shapes", "batch_size": 32},
    "model": {"layers": [
        {"Conv2d": {"out_channels": 8, "kernel_size": 3}}, "ReLU", "Flatten",
        {"Linear": {"out_features": 64}}, "ReLU", {"Linear": {"out_features": "classes"}},
    ]},
    "loss": "CrossEntropyLoss", "optimizer": {"SGD": {"lr": 0.05, "momentum": 0.9}}, "train": {"epochs": 5},
}  # fmt: skip

Curves = dict[str, tuple[Sequence[int], Sequence[float]]]
"""By tag the steps and their values."""


def healthy() -> Curves:
    """What a small network records that learns as it should."""
    steps = np.arange(1, STEPS + 1)
    loss = 0.4 + 1.9 * np.exp(-steps / 80)
    curves: Curves = {"step/loss": (steps.tolist(), loss.tolist()), "step/lr": (steps.tolist(), [0.05] * STEPS)}
    curves["step/gradient_norm"] = LOOKS, [1.0 + 0.3 * math.sin(step) for step in LOOKS]
    for name in LAYERS:
        curves[f"gradient_norm/{name}.weight"] = LOOKS, [0.4] * len(LOOKS)
        curves[f"weight_norm/{name}.weight"] = LOOKS, [3.0] * len(LOOKS)
        curves[f"update_ratio/{name}.weight"] = LOOKS, [0.01] * len(LOOKS)
        curves[f"output_mean/{name}"] = LOOKS, [0.05 * math.sin(step) for step in LOOKS]
        curves[f"output_std/{name}"] = LOOKS, [0.8] * len(LOOKS)
    ends = list(range(EPOCH, STEPS + 1, EPOCH))
    curves["epoch"] = ends, [1.0, 2.0, 3.0, 4.0, 5.0]
    curves["train/loss"], curves["valid/loss"] = (ends, [1.6, 1.0, 0.7, 0.6, 0.5]), (ends, [1.4, 1.0, 0.8, 0.7, 0.65])
    curves["train/accuracy"] = ends, [0.4, 0.6, 0.7, 0.75, 0.8]
    curves["valid/accuracy"] = ends, [0.5, 0.6, 0.7, 0.72, 0.75]
    curves["dead_units/act"] = ends, [0.1, 0.1, 0.1, 0.1, 0.1]
    curves["output_saturated/act"] = LOOKS, [0.1] * len(LOOKS)
    return curves


def recorded(folder: Path, curves: Mapping[str, tuple[Sequence[int], Sequence[float]]]) -> Path:
    """The curves in an event file."""
    writer = EventWriter(folder)
    rows: dict[int, dict[str, float]] = {}
    for tag, (steps, values) in curves.items():
        for step, value in zip(steps, values, strict=True):
            rows.setdefault(step, {})[tag] = value
    for step in sorted(rows):
        writer.scalars(step, rows[step])
    writer.close()
    return folder


def evidence(
    folder: Path, curves: Curves, document: Mapping[str, Any] | None = None, data: Mapping[str, Any] | None = None
) -> Evidence:
    """The curves, with a document and data, as the doctor sees them."""
    experiment = Experiment.parse(document) if document is not None else None
    return Evidence(read_run(recorded(folder, curves)), experiment, DATA if data is None else data)
