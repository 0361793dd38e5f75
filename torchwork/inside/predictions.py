"""What a network says of a whole split, and how right it is.

Shapes: n samples, C classes, ... places (pixels, time steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from torchwork.inside.calibration import Bin, calibration_error
from torchwork.inside.confusion import ClassRow, table
from torchwork.inside.embedding import pca
from torchwork.inside.mistakes import largest_losses, most_certain
from torchwork.inside.tsne import tsne

Kind = Literal["classes", "places", "values", "other"]
Projection = Literal["pca", "t-sne"]
NOTHING = torch.empty(0)


@dataclass(frozen=True)
class Errors:
    """How far predicted numbers are off."""

    mean_absolute: float
    root_mean_square: float
    r2: float
    """1 - squared errors / squared deviations from the mean, averaged over outputs; NaN where none varies"""


@dataclass(frozen=True)
class Mistake:
    """A sample that is taken for something else; of masks, the two classes that are mixed up most in it."""

    index: int
    truth: str
    predicted: str
    confidence: float
    """the probability of the predicted class; of masks the mean over those pixels; NaN of numbers"""
    loss: float


@dataclass(frozen=True)
class Hidden:
    """What the last layer with weights got of some samples."""

    layer: str
    rows: Tensor
    """float32 [m, F]"""
    places: Tensor
    """int64 [m]: which of the predicted samples they are"""


@dataclass(frozen=True)
class Predictions:
    """What a network says of a split. All tensors are on the CPU; which are empty, depends on `kind`.

    `classes`: one for each sample. `places`: one for each pixel or position. `values`: numbers. `other`: what no table
    of classes fits, such as read sequences.
    """

    kind: Kind
    indices: Tensor
    """of the samples in their split, int64 [n]"""
    classes: list[str] = field(default_factory=list)
    scores: Tensor = NOTHING
    """probabilities float32 [n, C] of `classes`; what is said [n, ...] of `values` that are few"""
    targets: Tensor = NOTHING
    """the true class int64 [n], of `places` the most frequent one; the true numbers of `values`"""
    predicted: Tensor = NOTHING
    """the class with the highest score, int64 [n]"""
    losses: Tensor = NOTHING
    """of each sample, float64 [n]: -log of the true class's probability; the squared error of `values`"""
    right: Tensor = NOTHING
    """the share that is right, float64 [n]: 0 or 1, of `places` any; NaN where the target is no class"""
    confusion: Tensor = NOTHING
    """int64 [C, C], rows the true class; of `places` they are counted one by one"""
    confused: Tensor = NOTHING
    """int64 [n, 2]: of each sample the true class, and what it is mostly taken for; -1 where nothing is wrong"""
    confidences: Tensor = NOTHING
    """float64 [n]: how sure the network is of the latter, else of what it says"""
    bins: list[Bin] = field(default_factory=list)
    errors: Errors | None = None
    hidden: Hidden | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def samples(self) -> int:
        """How many were predicted."""
        return len(self.indices)

    @property
    def accuracy(self) -> float | None:
        """The share that is right, averaged over samples; None without classes."""
        return float(self.right.nanmean()) if len(self.right) else None

    @property
    def rows(self) -> list[ClassRow]:
        """A row for each class."""
        return table(self.confusion, self.classes) if self.confusion.numel() else []

    @property
    def calibration_error(self) -> float | None:
        """The expected calibration error over 15 bins; None without classes."""
        return calibration_error(self.bins) if self.bins else None

    def mistakes(self, count: int | None = 20, by: Literal["loss", "confidence"] = "loss") -> list[Mistake]:
        """Samples that are taken for something else: the largest losses first, or those it was surest of.

        Of numbers the largest errors.
        """
        if self.kind == "values":
            return [self._off(place) for place in largest_losses(self.losses, None, count)] if len(self.scores) else []
        if not len(self.confused):
            return []
        wrong = self.confused[:, 1] >= 0
        if by == "confidence":
            return [self._mistake(place) for place in most_certain(self.confidences, wrong, count)]
        return [self._mistake(place) for place in largest_losses(self.losses, wrong, count)]

    def _mistake(self, place: int) -> Mistake:
        truth, taken = (self.classes[number] for number in self.confused[place].tolist())
        return Mistake(
            int(self.indices[place]), truth, taken, float(self.confidences[place]), float(self.losses[place])
        )

    def _off(self, place: int) -> Mistake:
        truth, said = (numbers_as_text(values[place]) for values in (self.targets, self.scores))
        return Mistake(int(self.indices[place]), truth, said, float("nan"), float(self.losses[place]))

    def points(self, projection: Projection = "pca", most: int | None = None) -> tuple[Tensor, Tensor]:
        """At most `most` samples in two dimensions, float32 [m, 2], by what the last layer got, and which they are.

        The latter are places in `indices`, int64 [m]. Both are empty where that layer could not be read.
        """
        if self.hidden is None:
            return torch.empty(0, 2), torch.empty(0, dtype=torch.int64)
        rows, places = self.hidden.rows, self.hidden.places
        if most is not None and len(rows) > most:
            some = torch.linspace(0, len(rows) - 1, most, dtype=torch.float64).round().long()
            rows, places = rows[some], places[some]
        return (tsne(rows) if projection == "t-sne" else pca(rows)), places

    def as_dict(self, count: int | None = 20) -> dict[str, Any]:
        """As JSON: tables, not the scores of each sample; what is not known is left out or None."""
        found: dict[str, Any] = {"samples": self.samples, "notes": self.notes}
        if self.confusion.numel():
            found |= {
                "accuracy": self.accuracy,
                "classes": [_plain(vars(row)) for row in self.rows],
                "confusion": self.confusion.tolist(),
                "calibration_error": _known(self.calibration_error),
                "bins": [_plain(vars(item)) for item in self.bins],
            }
        if self.errors is not None:
            found |= _plain(vars(self.errors))
        return found | {"mistakes": [_plain(vars(item)) for item in self.mistakes(count)]}


def numbers_as_text(values: Tensor) -> str:
    """The numbers of one sample, as a person reads them."""
    return ", ".join(f"{number:.6g}" for number in values.flatten().tolist())


def _known(value: Any) -> Any:
    """None for NaN, which JSON has not."""
    return None if isinstance(value, float) and value != value else value


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _known(value) for name, value in fields.items()}


def named(classes: Sequence[str], count: int) -> list[str]:
    """Names of at least `count` classes: those that are known, then numbers."""
    return [*classes, *map(str, range(len(classes), count))]
