"""Trainings of torchwork, by the document and through the public API, with the times that they recorded themselves."""

from __future__ import annotations

import contextlib
import io
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torchwork
from benchmarks.measure import ROOT, arguments
from benchmarks.process import peak_memory

LENET = ROOT / "examples" / "fashion-lenet.yaml"
CROP_AND_FLIP = "[{RandomCrop: {size: 28, padding: 4}}, RandomHorizontalFlip]"


@dataclass(frozen=True)
class Epochs:
    """Seconds of each epoch after the first, from the end of one to the end of the next.

    Everything is in `whole`: training, recording, histograms, the checkpoint, validation. `training` leaves out
    validation, for what it is compared with validates nothing.
    """

    whole: list[float]
    training: list[float]


@contextlib.contextmanager
def trained(document: Path, settings: Mapping[str, Any]) -> Iterator[torchwork.Run]:
    """A finished training of `document` in a temporary folder; says nothing in the terminal."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        experiment = torchwork.Experiment.load(document, arguments(settings))
        yield torchwork.train(experiment, runs=folder)


def fashion(root: Path, **settings: Any) -> dict[str, Any]:
    """Settings of the LeNet example: where its data lie, and others with `__` for a dot."""
    others = {name.replace("__", "."): value for name, value in settings.items()}
    return {"data.source.FashionMNIST.root": root, **others}


def epochs_of(settings: Mapping[str, Any], document: Path = LENET) -> Epochs:
    """Trains and times its epochs by what the run recorded."""
    with trained(document, settings) as run:
        log = run.metrics
        ends, seconds, rates = log["epoch"].wall_times, log["time/epoch"].values, log["time/rate"].values
        samples = run.spec.samples["train"]
    whole = (ends[1:] - ends[:-1]).tolist()
    # time/epoch is training and validation, time/rate the samples per second of training alone.
    validation = (seconds - samples / rates)[1:].tolist()
    return Epochs(whole, [total - part for total, part in zip(whole, validation, strict=True)])


def epoch_seconds(settings: Mapping[str, Any], document: Path = LENET) -> float:
    """Seconds of an epoch in the steady state, recorded, without validation: the mean of all but the first."""
    return statistics.mean(epochs_of(settings, document).training)


def losses(settings: Mapping[str, Any], document: Path = LENET) -> list[float]:
    """The loss of every step."""
    with trained(document, settings) as run:
        return [float(value) for value in run.metrics["step/loss"].values]


def peak(settings: Mapping[str, Any], document: Path = LENET) -> float:
    """Bytes that this process needs at most, to train and record."""
    with trained(document, settings):
        return peak_memory()
