"""Where a run's network looked, with the names of its classes and the picture as the network got it.

Shapes: N inputs, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from torchwork.data import Preprocess
from torchwork.engine import LOSS, Classification, Task, class_scores
from torchwork.errors import DataError, nearest
from torchwork.inside import Explanation, Region, explain, over, scores_of
from torchwork.inside.layers import first_tensor

SMALLEST_SIDE = 224
"""Pixels: smaller pictures are enlarged, for a map over 32 pixels could not be read."""


@dataclass(frozen=True)
class Subject:
    """A trained network in eval mode with what its numbers mean."""

    model: nn.Module
    task: Task
    preprocess: Preprocess
    inputs: Sequence[str] = ()
    """names of the model's inputs, where it has several"""

    @property
    def classes(self) -> list[str]:
        """Names by index; empty where numbers are predicted."""
        return list(self.preprocess.spec.classes or ())

    def read(self, output: Any) -> Tensor:
        """Scores [N, K] or [N, K, H, W] of what the model gives; one score of two classes becomes both."""
        if not isinstance(self.task, Classification):
            return scores_of(output)
        scores = scores_of(class_scores(getattr(self.model, LOSS), output) if self.task.weighted else output)
        return torch.cat([-scores, scores], 1) if scores.dim() == 2 and scores.shape[1] == 1 else scores

    def number(self, target: int | str | None) -> int | None:
        """A class by its name or number; DataError with the nearest name."""
        names = self.classes
        if target is None and not isinstance(self.task, Classification):
            return 0
        if target is None or isinstance(target, int):
            return target
        if target in names:
            return names.index(target)
        if target.isdecimal():
            return int(target)
        hint = nearest(target, names) or f"there are {', '.join(names[:10])}{', …' * (len(names) > 10)}"
        raise DataError(f"there is no class {target}; {hint}")

    def place(self, name: int | str | None) -> int:
        """Which input is meant: by its name or number, else the first picture; DataError with the nearest name."""
        shapes = self.preprocess.spec.inputs
        if name is None:
            return next((place for place, shape in enumerate(shapes) if len(shape) == 3), 0)
        names = [*self.inputs][: len(shapes)]
        if name in names:
            return names.index(str(name))
        if str(name).isdecimal() and int(name) < len(shapes):
            return int(name)
        hint = nearest(str(name), names) or f"there are {', '.join(names) or f'0 to {len(shapes) - 1}'}"
        raise DataError(f"this network has no input {name}; {hint}")


@dataclass(frozen=True)
class Explained:
    """What a run's network says of a picture, and where it looked."""

    input: str
    scores: list[tuple[str, int, float]]
    """name, index and score of each class, best first; of numbers their index as name"""
    explanation: Explanation
    picture: Image.Image
    """as the network got it"""
    target: str
    numbers: bool = False
    """whether numbers are predicted, not classes"""

    def words(self, top: int = 3) -> str:
        """`bee 93.1 %, ant 6.9 %`, or the numbers."""
        if self.numbers:
            return ", ".join(f"{value:.6g}" for _, _, value in self.scores)
        return ", ".join(f"{name} {score:.1%}" for name, _, score in self.scores[:top])

    def overlaid(self) -> Image.Image:
        """The picture with the map over it, RGB, at least SMALLEST_SIDE pixels at its longer side."""
        return over(enlarged(self.picture), self.explanation.map)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, without pictures."""
        verdict = self.explanation.trust
        return {
            "input": self.input,
            "scores": {name: score for name, _, score in self.scores},
            "method": self.explanation.method,
            "layer": self.explanation.layer,
            "target": self.target,
            "trusted": verdict.trusted if verdict else None,
            "correlation": verdict.correlation if verdict else None,
            "note": verdict.sentence if verdict else "",
        }


def enlarged(picture: Image.Image) -> Image.Image:
    """A small picture a whole number of times as large, its pixels still seen."""
    times = -(-SMALLEST_SIDE // max(picture.size))
    size = picture.width * times, picture.height * times
    return picture if times <= 1 else picture.resize(size, Image.Resampling.NEAREST)


def explained(
    subject: Subject,
    name: str,
    inputs: Tensor,
    method: str = "grad-cam",
    layer: str = "",
    target: int | str | None = None,
    region: Region | None = None,
    input: int | str | None = None,
    **more: Any,
) -> Explained:
    """Explains one prepared input [C, H, W], or that of several which `input` names; `more` goes to `inside.explain`.

    Raises:
        DataError: it is no picture, or there is no such class or input.
        TorchworkError: there is no such method or layer, or the method cannot say anything here.
    """
    place, wanted = subject.place(input), subject.number(target)
    picture = as_picture(subject, inputs, place)
    given = subject.preprocess.given(inputs)
    found = explain(subject.model, given, method, layer, wanted, region, input=place, read=subject.read, **more)
    names = subject.classes
    title = names[found.target] if found.target < len(names) else str(found.target)
    numbers = not isinstance(subject.task, Classification)
    return Explained(name, scores(subject, inputs, found), found, picture, title, numbers)


def as_picture(subject: Subject, inputs: Tensor, place: int = 0) -> Image.Image:
    """A prepared input as the network gets it, of several that at `place`, grey or RGB.

    Raises:
        DataError: it is none.
    """
    spec = subject.preprocess.spec
    if len(spec.inputs[place]) != 3:
        shapes = " and ".join("×".join(map(str, shape)) for shape in spec.inputs)
        raise DataError(f"where a network looked is shown in a picture, and this run was trained on inputs of {shapes}")
    given = subject.preprocess.given(inputs)
    inputs = given[0] if isinstance(given, Tensor) else given[place][0]
    shown = subject.preprocess.unnormalize(inputs) if spec.kind == "picture" else _stretched(inputs)
    shown = shown if len(shown) in (1, 3) else shown[:1]
    return Image.fromarray(shown.permute(1, 2, 0).squeeze(-1).contiguous().cpu().numpy()).convert("RGB")


def _stretched(inputs: Tensor) -> Tensor:
    low, high = inputs.min(), inputs.max()
    return ((inputs - low) / (high - low).clamp_min(1e-12) * 255).round().to(torch.uint8)


def scores(subject: Subject, inputs: Tensor, found: Explanation | None = None) -> list[tuple[str, int, float]]:
    """Name, index and score of each class, best first; of a segmentation those in the region that was explained."""
    with torch.inference_mode():
        output = subject.task.predict(subject.model, subject.preprocess.given(inputs))
        main = first_tensor(output)
        if main is not None and main.dim() == 4:
            values = (main[0].mean((1, 2)) if found is None else found.scores).softmax(0).tolist()
        else:
            [shown] = subject.task.show(output)
            values = shown["scores"] if isinstance(shown, dict) else _flat(shown)
    return _named(values, subject)


def _named(values: Sequence[float], subject: Subject) -> list[tuple[str, int, float]]:
    names = subject.classes
    found = [(names[index] if index < len(names) else str(index), index, value) for index, value in enumerate(values)]
    ranked = isinstance(subject.task, Classification)
    return sorted(found, key=lambda item: -item[2]) if ranked else found


def _flat(shown: Any) -> list[float]:
    return [number for item in shown for number in _flat(item)] if isinstance(shown, list) else [float(shown)]
