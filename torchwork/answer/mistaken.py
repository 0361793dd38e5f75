"""The samples of a split that a run mistakes, or those of one cell of its confusions, a page at a time.

Shapes: n samples of the split.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from torchwork.answer.looking import drawn_samples
from torchwork.answer.masks import masks_of
from torchwork.answer.predictions import opened_split
from torchwork.data.still import split_of
from torchwork.errors import DataError
from torchwork.inside import Predictions
from torchwork.inside.mistakes import largest_losses, most_certain
from torchwork.inside.predictions import numbers_as_text

Order = Literal["loss", "confidence"]


def mistakes(
    run: str,
    split: str = "valid",
    label: int | None = None,
    predicted: int | None = None,
    order: Order = "loss",
    first: int = 0,
    count: int = 24,
) -> dict[str, Any]:
    """The message `Mistakes`: `count` samples from `first` on, the largest losses first, or what it was surest of.

    Those of class `label` that are taken for `predicted`, right ones too where both may be the same; without either,
    all that is wrong. Of masks the two classes are those that are mixed up most in a sample.

    Raises:
        DataError: the data are gone, or there is no such split or class.
    """
    opened, bundle, made = opened_split(run, split)
    for number in (label, predicted):
        if number is not None and not 0 <= number < len(made.classes):
            raise DataError(f"expected the number of a class, 0 to {len(made.classes) - 1}, got {number}")
    places = _places(made, label, predicted, order)
    shown = places[first : first + count]
    indices = [int(made.indices[place]) for place in shown]
    pictures = drawn_samples(split_of(bundle, split), bundle.spec, indices)
    masks = masks_of(opened, bundle, split, indices) if made.kind == "places" else [{}] * len(indices)
    rows = zip(shown, indices, pictures, masks, strict=True)
    return {
        "total": len(places),
        "mistakes": [
            {"index": index, "picture": drawn["picture"], **_told(made, place), **over}
            for place, index, drawn, over in rows
        ],
    }


def _places(made: Predictions, label: int | None, predicted: int | None, order: Order) -> list[int]:
    """Which samples are meant, in their order: places in `made.indices`."""
    if made.kind == "values":
        return largest_losses(made.losses) if len(made.scores) else []
    if made.kind == "other":
        return []
    among = _meant(made, label, predicted)
    return largest_losses(made.losses, among) if order == "loss" else most_certain(made.confidences, among)


def _meant(made: Predictions, label: int | None, predicted: int | None) -> Tensor:
    """bool [n]."""
    if label is None and predicted is None:
        return made.confused[:, 1] >= 0
    truth, taken = _pairs(made)
    meant = torch.ones_like(truth, dtype=torch.bool)
    for asked, numbers in ((label, truth), (predicted, taken)):
        meant = meant if asked is None else meant & (numbers == asked)
    return meant


def _pairs(made: Predictions) -> tuple[Tensor, Tensor]:
    """The true class and the one that is said, int64 [n] each; what is all right is said to be what it is."""
    truth, taken = made.confused.unbind(1)
    return truth, taken.where(taken >= 0, truth)


def _told(made: Predictions, place: int) -> dict[str, Any]:
    if made.kind == "values":
        truth, said = (numbers_as_text(values[place]) for values in (made.targets, made.scores))
        return {"label": truth, "predicted": said, "confidence": None, "loss": float(made.losses[place])}
    truth, said = (made.classes[int(numbers[place])] for numbers in _pairs(made))
    return {
        "label": truth,
        "predicted": said,
        "confidence": float(made.confidences[place]),
        "loss": float(made.losses[place]),
    }
