"""What a run says of a whole split, its samples as points, and an input's neighbours.

Shapes: F features of the last hidden layer.
"""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from torchwork.answer.looking import drawn_samples
from torchwork.answer.masks import legend
from torchwork.answer.opened import OpenedRun, opened_data, opened_run
from torchwork.data import Bundle
from torchwork.data.several import Inputs
from torchwork.data.still import splits_of, spread, still
from torchwork.errors import DataError
from torchwork.inside import Predictions, untouched
from torchwork.inside.embedding import SAMPLES, LastHidden, nearest
from torchwork.inside.predictions import Hidden, Projection
from torchwork.inside.untouched import mapped
from torchwork.predicted import predicted

SECONDS = 120.0
"""So long may the samples of a split take; of a larger one some are predicted, evenly spread."""
SECONDS_OF_NEIGHBOURS = 15.0
FEWEST = 200
TRIED = 8
"""Samples whose time is taken."""
MOST_POINTS = {"pca": SAMPLES, "t-sne": 1000}
MOST_CLASSES = 200
"""A larger table of confusions can be neither sent nor read."""
MOST_PAIRS = 2000
CLASSES_OF_SAMPLES = ("classes", "places")

_predictions: WeakKeyDictionary[nn.Module, dict[str, Predictions]] = WeakKeyDictionary()
_hidden: WeakKeyDictionary[nn.Module, Hidden] = WeakKeyDictionary()


def predictions(run: str, split: str = "valid", projection: Projection = "pca") -> dict[str, Any]:
    """The message `PredictionsView` for a split of a run.

    Raises:
        DataError: the data are gone, or there is no such split.
    """
    opened, bundle, made = opened_split(run, split)
    points, places = made.points(projection, MOST_POINTS[projection])
    return {
        "split": split,
        "splits": list(splits_of(bundle)),
        "samples": made.samples,
        "classes": made.classes,
        "counted": "places" if made.kind == "places" else "samples",
        "legend": legend(opened) if made.kind == "places" else [],
        "pairs": _pairs(made),
        "points": _points(made, points, places),
        "projection": projection,
        "layer": made.hidden.layer if made.hidden else "",
        **_tables(made),
    }


def neighbours(opened: OpenedRun, inputs: Inputs, count: int = 8, but: int | None = None) -> list[dict[str, Any]]:
    """The message `Neighbour` for the training samples that the network takes for most like one input, nearest first.

    `inputs` are one sample as the model gets it, with a batch dimension; `but` is a training sample that is left out.
    There are none where the last layer cannot be read, or the data of the run are gone.
    """
    try:
        bundle = opened_data(opened.run)
    except DataError:
        return []
    row = _row(opened, inputs)
    hidden = None if row is None else _of_training(opened, bundle)
    if row is None or hidden is None or row.shape[0] != hidden.rows.shape[1]:
        return []
    found = [(int(hidden.places[place]), far) for place, far in nearest(row, hidden.rows, count + 1)]
    found = [(index, far) for index, far in found if index != but][:count]
    shown = drawn_samples(bundle.train, bundle.spec, [index for index, _ in found])
    return [
        {"index": index, "picture": item["picture"], "label": item["label"] or "", "distance": far}
        for (index, far), item in zip(found, shown, strict=True)
    ]


def opened_split(run: str, split: str) -> tuple[OpenedRun, Bundle, Predictions]:
    """A run with its data, and what the model says of a split of them.

    Raises:
        DataError: the data are gone, or there is no such split.
    """
    opened = opened_run(run)
    bundle = opened_data(opened.run)
    return opened, bundle, _predicted(opened, bundle, split)


def _predicted(opened: OpenedRun, bundle: Bundle, split: str) -> Predictions:
    """What the model says; it is kept as long as the model is."""
    kept = _predictions.setdefault(opened.model, {})
    if split not in kept:
        most = _affordable(opened, bundle, split, SECONDS)
        made = predicted(opened.model, opened.task, bundle, split, most)
        kept.clear()
        kept[split] = made
    return kept[split]


def _affordable(opened: OpenedRun, bundle: Bundle, split: str, seconds: float) -> int:
    """So many samples can be read and predicted in this time, as far as a few of them tell."""
    batches, indices = still(bundle, split, TRIED)
    begun = 0.0
    with untouched(opened.model), torch.no_grad():
        for _ in range(2):  # the first time torch prepares itself
            begun = time.perf_counter()
            for inputs, _ in batches.epoch(0):
                opened.task.predict(opened.model, mapped(Tensor.clone, inputs))
    each = (time.perf_counter() - begun) / max(1, len(indices))
    return max(FEWEST, int(seconds / max(each, 1e-9)))


def _of_training(opened: OpenedRun, bundle: Bundle) -> Hidden | None:
    """What the last layer gets of training samples, evenly spread; kept as long as the model is."""
    if opened.model not in _hidden:
        most = min(SAMPLES, _affordable(opened, bundle, "train", SECONDS_OF_NEIGHBOURS))
        made = predicted(opened.model, opened.task, bundle, "train", most)
        if made.hidden is None:
            return None
        _hidden[opened.model] = Hidden(made.hidden.layer, made.hidden.rows, made.indices[made.hidden.places])
    return _hidden[opened.model]


def _row(opened: OpenedRun, inputs: Inputs) -> Tensor | None:
    """What the last layer gets of one input, [F]."""
    with untouched(opened.model), torch.no_grad(), LastHidden(opened.model) as last:
        opened.task.predict(opened.model, mapped(Tensor.clone, inputs))
        last.choose()
        last.expect(1)
        opened.task.predict(opened.model, mapped(Tensor.clone, inputs))
        return None if last.rows is None else last.rows[0]


def _pairs(made: Predictions) -> list[dict[str, Any]]:
    """What is true and what is said, where that is one number; of many samples some, evenly spread."""
    if made.kind != "values" or made.scores.dim() != 2 or made.scores.shape[1] != 1:
        return []
    places = spread(made.samples, MOST_PAIRS).tolist()
    return [
        {"index": int(made.indices[at]), "truth": float(made.targets[at, 0]), "predicted": float(made.scores[at, 0])}
        for at in places
    ]


def _points(made: Predictions, points: Tensor, places: Tensor) -> list[dict[str, Any]]:
    classed = made.kind in CLASSES_OF_SAMPLES
    labels = made.targets[places].tolist() if classed else [0] * len(places)
    said = made.predicted[places].tolist() if classed else [0] * len(places)
    rows = zip(made.indices[places].tolist(), points.tolist(), labels, said, strict=True)
    return [
        {"index": index, "x": round(x, 4), "y": round(y, 4), "label": label, "predicted": predicted}
        for index, (x, y), label, predicted in rows
    ]


def _tables(made: Predictions) -> dict[str, Any]:
    """What was counted; of numbers how far they are off."""
    notes = list(made.notes)
    many = len(made.classes) > MOST_CLASSES
    if many:
        notes.append(f"{len(made.classes)} classes: their confusions are too many to be drawn")
    return {
        "accuracy": made.accuracy,
        "confusion": [] if many else made.confusion.tolist(),
        "rows": [vars(row) | ({} if made.kind == "places" else {"iou": None}) for row in made.rows],
        "bins": [vars(item) for item in made.bins],
        "calibration_error": made.calibration_error,
        "facts": _facts(made),
        "notes": notes,
    }


def _facts(made: Predictions) -> list[tuple[str, str]]:
    if made.errors is None:
        return []
    errors = made.errors
    return [
        ("mean absolute error", f"{errors.mean_absolute:.4g}"),
        ("root mean square error", f"{errors.root_mean_square:.4g}"),
        ("R²", f"{errors.r2:.4g}"),
    ]
