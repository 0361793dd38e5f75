"""What rules look at: the curves of a run, its document, and facts of its data; each may be missing."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from torchwork.doctor.network import Layer, last_layer, layers
from torchwork.experiment import Experiment
from torchwork.record import Log

LOSSES = ("step/loss", "train/loss", "Loss/train", "Loss/Train", "loss/train", "train_loss", "train/loss_step",
          "loss_metrics/global_avg_loss", "epoch_loss", "Train/Loss", "Metrics/Loss", "Loss", "loss")  # fmt: skip
VALID_LOSSES = ("valid/loss", "val/loss", "val_loss", "Loss/valid", "Loss/val", "Loss/Validation", "valid_loss",
                "Loss/test", "validation/loss", "eval/loss", "test/loss")  # fmt: skip
ACCURACIES = ("train/accuracy", "train/acc", "train_acc", "Accuracy/train", "train_accuracy", "acc", "epoch_accuracy")
VALID_ACCURACIES = ("valid/accuracy", "val/accuracy", "val/acc", "val_acc", "Accuracy/val", "Accuracy/valid",
                    "Accuracy/test", "val_accuracy", "eval/accuracy")  # fmt: skip
RATES = ("step/lr", "lr", "learning_rate", "train/lr", "train/learning_rate", "Learning Rate", "lr-Adam", "lr-SGD")
"""Tags of ours first, then those that others use; per step before per epoch."""
WAITING_PERCENT = ("time_metrics/data_loading(%)",)
CROSS_ENTROPIES = ("CrossEntropyLoss", "NLLLoss", "LinearCrossEntropyLoss")
DEFAULT_RATES = {"SGD": 1e-3, "RMSprop": 1e-2, "Adagrad": 1e-2, "Adadelta": 1.0, "NAdam": 2e-3, "Adamax": 2e-3,
                 "ASGD": 1e-2, "Rprop": 1e-2, "Adafactor": 1e-2, "LBFGS": 1.0}  # fmt: skip
"""of torch; of all others it is 0.001"""


def _spelt(tag: str) -> str:
    """A tag as people spell it: `Loss/Train`, `loss-train` and `loss train` are one."""
    return re.sub(r"[^a-z0-9]+", "_", tag.lower())


Matrix = tuple[list[str], NDArray[np.int64], NDArray[np.float64]]
"""Names [p], steps [n] and values [p, n]."""


@dataclass(frozen=True)
class Curve:
    """Values by step, both [n]."""

    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def finite(self) -> NDArray[np.float64]:
        """The values that are numbers."""
        return self.values[np.isfinite(self.values)]

    @property
    def last(self) -> float:
        """The last value."""
        return float(self.values[-1])


class Evidence:
    """All that is known of a training; `until` leaves out what came after that step, as if it were now.

    `broke` is what a training said that could not go on. `data` is what `run.json` says of the data: `spec`, `facts`
    and `steps_per_epoch`. `beside` is what was recorded of validation in a folder of its own.
    """

    def __init__(
        self,
        log: Log | None = None,
        document: Experiment | None = None,
        data: Mapping[str, Any] | None = None,
        until: int | None = None,
        broke: str = "",
        beside: Log | None = None,
    ) -> None:
        self._log, self.document, self.data, self.until = log or Log([]), document, dict(data or {}), until
        self.broke = broke
        self.trials: Mapping[str, Mapping[str, float]] = {}
        self.untried: Mapping[str, str] = {}
        self._tags = {_spelt(tag): tag for tag in reversed(self._log.tags)} | {tag: tag for tag in self._log.tags}
        self._beside = Evidence(beside, until=until) if beside is not None else None
        self._curves: dict[str, Curve | None] = {}

    def with_trials(self, found: Mapping[str, Mapping[str, float]], untried: Mapping[str, str]) -> Evidence:
        """A copy with the numbers of short trials by their names, and why others could not be made."""
        made = copy.copy(self)
        made.trials, made.untried = dict(found), dict(untried)
        return made

    # Curves.

    def curve(self, *tags: str) -> Curve | None:
        """The first of these curves that has points, however its tag is spelt."""
        return next((found for tag in tags if (found := self._curve(tag)) is not None), None)

    def _curve(self, tag: str) -> Curve | None:
        tag = self._tags.get(tag) or self._tags.get(_spelt(tag), "")
        if not tag:
            return None
        if tag not in self._curves:
            found = self._log[tag]
            kept = slice(None) if self.until is None else found.steps <= self.until
            steps, values = found.steps[kept], found.values[kept]
            self._curves[tag] = Curve(steps, values) if len(steps) else None
        return self._curves[tag]

    def group(self, prefix: str) -> dict[str, Curve]:
        """The curves `<prefix>/<name>` by name, in the order of the network."""
        tags = (tag for tag in self._ordered if tag.startswith(f"{prefix}/"))
        found = ((tag.partition("/")[2], self._curve(tag)) for tag in tags)
        return {name: curve for name, curve in found if curve is not None}

    @cached_property
    def _ordered(self) -> list[str]:
        """Tags as they were written: statistics go through the network from front to back."""
        return self._log.written

    @property
    def notes(self) -> list[str]:
        """What a person should know of the files: what is damaged in them."""
        return self._log.notes

    @property
    def kinds(self) -> dict[str, str]:
        """The tags of histograms and pictures, with their kind."""
        return self._log.kinds

    def matrix(self, prefix: str, *, weights: bool = False) -> Matrix:
        """The curves of a group that share their steps; `weights` without biases."""
        found = self.group(prefix)
        if weights:
            found = {name: item for name, item in found.items() if not name.endswith("bias")} or found
        steps = next(iter(found.values())).steps if found else np.zeros(0, np.int64)
        same = {name: item for name, item in found.items() if len(item) == len(steps)}
        return [*same], steps, np.array([item.values for item in same.values()]).reshape(len(same), len(steps))

    @cached_property
    def loss(self) -> Curve | None:
        """The training loss, by step where it is known."""
        return self.curve(*LOSSES)

    @cached_property
    def gradient(self) -> Curve | None:
        """The norm of all gradients."""
        return self.curve("step/gradient_norm")

    @cached_property
    def rate(self) -> Curve | None:
        """The learning rate."""
        return self.curve(*RATES)

    @cached_property
    def train_loss(self) -> Curve | None:
        """The training loss by epoch."""
        return self.curve(*LOSSES[1:])

    @cached_property
    def valid_loss(self) -> Curve | None:
        """The validation loss by epoch."""
        found = self.curve(*VALID_LOSSES)
        return self._beside.curve(*LOSSES) if found is None and self._beside is not None else found

    @cached_property
    def train_accuracy(self) -> Curve | None:
        """The training accuracy by epoch, 0 to 1."""
        return self.curve(*ACCURACIES)

    @cached_property
    def valid_accuracy(self) -> Curve | None:
        """The validation accuracy by epoch, 0 to 1."""
        found = self.curve(*VALID_ACCURACIES)
        return self._beside.curve(*ACCURACIES) if found is None and self._beside is not None else found

    @cached_property
    def waiting(self) -> Curve | None:
        """The share of training that went by waiting for data, by epoch or step, 0 to 1."""
        found = self.curve("time/waiting")
        percent = self.curve(*WAITING_PERCENT) if found is None else None
        return Curve(percent.steps, percent.values / 100) if percent is not None else found

    @cached_property
    def memory(self) -> Curve | None:
        """What the process holds in memory, in MB."""
        return self.curve("system/process_memory")

    @property
    def diverged(self) -> bool:
        """Whether the loss has been no number, or training ended for that reason."""
        return bool(self.broke) or (self.loss is not None and not np.isfinite(self.loss.values).all())

    @property
    def epochs_done(self) -> int:
        """Whole epochs so far."""
        found = self.curve("epoch")
        return int(found.last) if found is not None else len(self.train_loss or ())

    # The document.

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers that the document describes."""
        return layers(self.document.model) if self.document else []

    @cached_property
    def last_layer(self) -> Layer | None:
        """The layer that gives the scores."""
        return last_layer(self.document.model) if self.document else None

    @property
    def loss_name(self) -> str:
        """What the loss is called; empty where it is not known."""
        return self.document.loss.name if self.document else str(self.facts.get("loss", ""))

    @property
    def optimizer_name(self) -> str:
        """What the first optimizer is called; empty where it is not known."""
        return self.document.optimizer.name if self.document else next(iter(self.facts.get("optimizers", ())), "")

    @property
    def written_rate(self) -> float | None:
        """The optimizer's learning rate as the document has it."""
        if self.document is None:
            return None
        name = self.document.optimizer.name
        found = self.document.optimizer.args.get("lr", DEFAULT_RATES.get(name, 1e-3))
        return float(found) if isinstance(found, int | float) else None

    @property
    def written_schedule(self) -> str:
        """What the schedule is called; empty without one."""
        return self.document.schedule.name if self.document and self.document.schedule else ""

    @property
    def epochs(self) -> int | None:
        """Epochs that it is meant to have."""
        return self.document.train.epochs if self.document else None

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps of the optimizer in an epoch."""
        found = self.data.get("steps_per_epoch")
        return int(found) if found else None

    @property
    def planned(self) -> int | None:
        """Steps of the whole training."""
        return self.epochs * self.steps_per_epoch if self.epochs and self.steps_per_epoch else None

    # The data.

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was looked up in the data; empty where nothing was."""
        return self.data.get("facts") or {}

    @property
    def spec(self) -> Mapping[str, Any]:
        """What a sample is."""
        return self.data.get("spec") or {}

    def counts(self, split: str) -> list[int]:
        """Samples of each class; empty where there are no classes."""
        return [int(count) for count in (self.spec.get("class_counts") or {}).get(split, ())]

    @property
    def classes(self) -> int | None:
        """How many classes there are."""
        return len(self.spec["classes"]) if self.spec.get("classes") else None

    def samples(self, split: str) -> int:
        """Samples of a split; 0 where there is none."""
        return int((self.facts.get("samples") or self.spec.get("samples") or {}).get(split, 0))

    @cached_property
    def chance(self) -> float | None:
        """The loss of who knows nothing but how often each class comes (cross entropy); None for other losses."""
        weighted = self.document is not None and "weight" in self.document.loss.args
        if self.loss_name not in CROSS_ENTROPIES or not self.classes or weighted:
            return None
        counts = np.array(self.counts("train"), float)
        if not counts.sum():
            return math.log(self.classes)
        shares = counts[counts > 0] / counts.sum()
        return float(-(shares * np.log(shares)).sum())

    @property
    def guess(self) -> float | None:
        """The share of the most frequent class of validation: the accuracy of who always says the same."""
        counts = self.counts("valid") or self.counts("train")
        return max(counts) / sum(counts) if sum(counts) else None
