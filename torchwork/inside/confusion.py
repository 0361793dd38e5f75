"""Which classes are taken for which. Shapes: N predictions (samples, or pixels), C classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import torch
from torch import Tensor


@dataclass(frozen=True)
class ClassRow:
    """How one class is recognised; NaN where there is nothing that could be right."""

    name: str
    samples: int
    """that are of this class"""
    predicted: int
    """that are taken for it"""
    precision: float
    """the share of these that are right; NaN where nothing is taken for it"""
    recall: float
    """the share of its samples that are found; NaN where it has none"""
    f1: float
    """the harmonic mean of both; 0 where a class has samples or predictions, and none is right"""
    iou: float
    """intersection over union: of all that is this class or taken for it, the share that is both"""


def confusion(predicted: Tensor, targets: Tensor, classes: int, ignored: int | None = None) -> Tensor:
    """Counts int64 [C, C], rows the true class, columns the predicted one, of classes of any one shape.

    What has the class `ignored`, or none from 0 to C - 1, as pixels of a mask that are -100, does not count.
    """
    counted = counts(targets, classes, ignored)
    pairs = targets[counted].long() * classes + predicted[counted].long()
    return torch.bincount(pairs.cpu(), minlength=classes**2).view(classes, classes)


def counts(targets: Tensor, classes: int, ignored: int | None = None) -> Tensor:
    """Which targets count, as bool of their shape."""
    known = (targets >= 0) & (targets < classes)
    return known if ignored is None else known & (targets != ignored)


def table(matrix: Tensor, names: Sequence[str]) -> list[ClassRow]:
    """A row for each class of a confusion matrix [C, C]."""
    right = matrix.diagonal().tolist()
    samples, predicted = matrix.sum(1).tolist(), matrix.sum(0).tolist()
    return [_row(*item) for item in zip(names, right, samples, predicted, strict=True)]


def _row(name: str, right: int, samples: int, predicted: int) -> ClassRow:
    return ClassRow(
        name,
        samples,
        predicted,
        precision=_share(right, predicted),
        recall=_share(right, samples),
        f1=_share(2 * right, samples + predicted),
        iou=_share(right, samples + predicted - right),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else nan
