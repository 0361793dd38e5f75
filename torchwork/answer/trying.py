"""A run's model tried on one input: a picture of somebody's, or a sample of its data."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from torchwork import data
from torchwork.answer.looking import drawn_samples, given, labels_of
from torchwork.answer.opened import OpenedRun, opened_data, opened_run
from torchwork.data.several import Inputs
from torchwork.data.still import split_of
from torchwork.errors import DataError
from torchwork.result import Run

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Pictures that are only decoded: a PostScript file, for one, would be run."""
MOST_PIXELS = 100_000_000
"""A picture of a few kilobytes may unfold to more memory than there is."""
MOST_NUMBERS = 64
"""Of a predicted picture no numbers are told."""
LARGEST_SIDE = 512
"""Pixels of a sample's picture on the page."""


def predict(run: str, picture: str, name: str) -> dict[str, Any]:
    """What the model of the run in the folder `run` says of the picture in the file `picture`.

    Raises:
        DataError: it is no picture, or the model takes none.
    """
    opened = opened_run(run)
    if opened.run.spec.kind != "picture":
        raise DataError("this run was not trained on pictures; take one of its validation samples instead")
    return _predicted(opened, picture_input(opened, picture, name), name)


def predict_sample(run: str, index: int, split: str = "") -> dict[str, Any]:
    """What the model says of a sample of a split (empty: validation), with what is true of it."""
    opened = opened_run(run)
    batches, spec = split_batches(opened.run, split)
    check_index(batches, index)
    [truth] = labels_of(batches, spec.classes, [index])
    return {**_predicted(opened, given(batches, [index]), f"#{index}"), "truth": truth}


def samples(run: str, number: int, first: int, split: str = "") -> list[dict[str, Any]]:
    """`number` samples of a split (empty: validation) from `first` on: index, picture (or empty), label."""
    batches, spec = split_batches(Run.open(run), split)
    indices = list(range(min(first, len(batches.store)), min(first + number, len(batches.store))))
    return drawn_samples(batches, spec, indices, LARGEST_SIDE)


def picture_input(opened: OpenedRun, picture: str, name: str) -> Tensor:
    """The picture as the model takes it, [1, C, H, W]."""
    Image.init()
    known = [kind for kind in FORMATS if kind in Image.OPEN]  # a Pillow built without WebP has none
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(picture, formats=known) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise DataError(
                    f"{name} has {width:,}×{height:,} pixels, more than {MOST_PIXELS // 10**6} million; make it smaller"
                )
            return opened.preprocess(image).unsqueeze(0)
    except Image.DecompressionBombError:
        raise DataError(f"{name} has more than {MOST_PIXELS // 10**6} million pixels; make it smaller") from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise DataError(
            f"{name} is not a picture that can be read; give a whole PNG, JPEG, WebP, GIF, BMP or TIFF file"
        ) from None


def _predicted(opened: OpenedRun, inputs: Inputs, name: str) -> dict[str, Any]:
    with torch.inference_mode():
        [shown] = opened.task.show(opened.task.predict(opened.model, inputs))
    if not isinstance(shown, dict):
        value = _flat(shown)
        return {"name": name, "scores": [], "value": [float(item) for item in value if len(value) <= MOST_NUMBERS]}
    classes = opened.run.spec.classes or list(map(str, range(len(shown["scores"]))))
    pairs = sorted(zip(classes, shown["scores"], strict=True), key=lambda pair: -pair[1])
    scores = [{"label": label, "score": score} for label, score in pairs]
    return {"name": name, "scores": scores, "places": "of" in shown}


def _flat(shown: Any) -> list[float]:
    """The numbers of a regression, whatever their shape."""
    return [number for item in shown for number in _flat(item)] if isinstance(shown, list) else [shown]


def split_batches(run: Run, split: str = "") -> tuple[data.Batches, data.Spec]:
    """The samples of a split; of validation where none is named."""
    bundle = opened_data(run)
    return split_of(bundle, split or "valid"), bundle.spec


def check_index(batches: data.Batches, index: int) -> None:
    """DataError where there is no such sample."""
    if not 0 <= index < len(batches.store):
        raise DataError(f"expected the number of a sample, 0 to {len(batches.store) - 1}, got {index}")
