"""Where a run's network looked: at a validation sample, or at a picture of somebody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor, nn

from torchwork import data
from torchwork.answer.looking import gather, given, labels_of, overlay
from torchwork.answer.masks import legend, mask_said
from torchwork.answer.opened import OpenedRun, opened_run
from torchwork.answer.pictures import data_url
from torchwork.answer.predictions import neighbours
from torchwork.answer.trying import check_index, picture_input, split_batches
from torchwork.data.several import joined
from torchwork.errors import DataError, TorchworkError
from torchwork.explained import SMALLEST_SIDE, Explained, Subject, as_picture, enlarged, explained, scores
from torchwork.inside import Candidate, candidates_for, heat, method_of
from torchwork.inside.chunks import Progress

TOP = 1000
"""Scores that are told: all that a person may ask for."""


def explain(
    run: str,
    sample: int | None = None,
    upload: str = "",
    method: str = "grad-cam",
    layer: str = "",
    target: int | None = None,
    region: tuple[int, int, int, int] | list[int] | None = None,
    split: str = "",
    input: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The message `Explanation` for a sample of a split (empty: validation), or for the picture in the file `upload`.

    Of a network with several inputs `input` names the one that is looked at, else it is the first picture.
    Where the method can say nothing, as CAM of most networks, `why` tells it beside the prediction.

    Raises:
        DataError: there is no such sample, or the file is no picture.
    """
    opened = opened_run(run)
    inputs, name, label = _input(opened, sample, upload, split)
    which = opened.place(input or None)
    picture = as_picture(opened, inputs, which)
    layer = layer if method_of(method).layered else ""  # the page keeps what was chosen for the method before
    place = None if region is None else (region[0], region[1], region[2], region[3])
    beside = _masks(opened, inputs, None if upload else sample, split) | _choice(opened, which)
    try:
        found = explained(opened, name, inputs, method, layer, target, place, which, progress=progress)
    except TorchworkError as error:
        told = _unexplained(opened, inputs, which, picture, str(error))
        return {**told, "method": method, "layer": layer, "label": label, **beside}
    itself = sample if split == "train" and not upload else None
    near = neighbours(opened, opened.preprocess.given(inputs), but=itself)
    return {**_message(found, opened.model), "label": label, "neighbours": near, **beside}


def _choice(subject: Subject, which: int) -> dict[str, Any]:
    """Which input is looked at, and the others that are pictures; empty where there is no choice."""
    shapes = subject.preprocess.spec.inputs
    names = [*subject.inputs] if len(subject.inputs) == len(shapes) else [str(place) for place in range(len(shapes))]
    pictures = [name for name, shape in zip(names, shapes, strict=True) if len(shape) == 3]
    return {"inputs": pictures, "input": names[which]} if len(pictures) > 1 else {}


def _masks(opened: OpenedRun, inputs: Tensor, sample: int | None, split: str) -> dict[str, Any]:
    """What is said of each pixel, and what is true of it where that is known."""
    said = mask_said(opened, opened.preprocess.given(inputs))
    if said is None:
        return {}
    truth = None
    if sample is not None:
        batches, spec = split_batches(opened.run, split)
        truth = overlay(batches, spec.classes, gather(batches, [sample])[0])
    return {"said": said, "truth": truth, "legend": legend(opened), "places": True}


def _input(opened: OpenedRun, sample: int | None, upload: str, split: str) -> tuple[Tensor, str, str]:
    """One prepared input [C, H, W], several end to end, its name, and its true class where that is known."""
    if upload:
        if opened.run.spec.kind != "picture":
            raise DataError("this run was not trained on pictures; take one of its validation samples instead")
        name = Path(upload).name
        return picture_input(opened, upload, name)[0], name, ""
    if sample is None:
        raise DataError("expected a validation sample or a picture to explain, got neither; choose one")
    return _sample(*split_batches(opened.run, split), sample)


def _sample(batches: data.Batches, spec: data.Spec, index: int) -> tuple[Tensor, str, str]:
    check_index(batches, index)
    inputs = given(batches, [index])
    inputs = inputs if isinstance(inputs, Tensor) else joined(inputs)
    [label] = labels_of(batches, spec.classes, [index])
    return inputs[0].cpu(), f"#{index}", label or ""


def _message(found: Explained, model: nn.Module) -> dict[str, Any]:
    made, verdict = found.explanation, found.explanation.trust
    picture = enlarged(found.picture)
    return {
        "scores": _scores(found.scores),
        "picture": _url(picture),
        "size": found.picture.size,
        "places": made.places,
        "heat": "" if made.flat else _url(heat(made.map, picture.size)),
        "why": verdict.sentence if verdict and made.flat else "",
        "method": made.method,
        "layer": made.layer,
        "layers": _layers(made.candidates, model),
        "target": made.target,
        "trusted": verdict.trusted if verdict else None,
        "correlation": verdict.correlation if verdict else None,
        "notes": [*made.notes, *([verdict.sentence] if verdict and not made.flat else [])],
    }


def _unexplained(subject: Subject, inputs: Tensor, which: int, picture: Image.Image, why: str) -> dict[str, Any]:
    """What can be told without a map: the prediction, and which layers could be looked at."""
    told = scores(subject, inputs)
    found = candidates_for(subject.model, subject.preprocess.given(inputs), input=which, read=subject.read)
    return {
        "scores": _scores(told),
        "picture": _url(enlarged(picture)),
        "size": picture.size,
        "why": why,
        "layers": _layers(found, subject.model),
        "target": told[0][1] if told else 0,
    }


def _scores(found: list[tuple[str, int, float]]) -> list[dict[str, Any]]:
    return [{"name": name, "index": index, "score": score} for name, index, score in found[:TOP]]


def _layers(found: list[Candidate], model: nn.Module) -> list[dict[str, Any]]:
    return [
        {
            "name": item.name,
            "type": item.type,
            "output": item.output,
            "parameters": sum(parameter.numel() for parameter in model.get_submodule(item.name).parameters()),
        }
        for item in found
    ]


def _url(picture: Image.Image) -> str:
    """Large pictures as JPEG, for they would be larger still without loss."""
    photograph = picture.mode == "RGB" and max(picture.size) >= 2 * SMALLEST_SIDE
    return data_url(picture, lossless=not photograph)
