"""Where a run's network looked, with the names of its classes and the picture as the network got it.

Shapes: N inputs, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from torchwork.data import Preprocess
from torchwork.engine import LOSS, Classification, Regression, Task, class_scores
from torchwork.errors import DataError, nearest
from torchwork.inside import Explanation, Region, explain, over, scores_of
from torchwork.inside.grids import scaled

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
        weighted = isinstance(self.task, Classification) and self.task.weighted
        scores = scores_of(class_scores(getattr(self.model, LOSS), output) if weighted else output)
        both = scores.shape[1] == 1 and (isinstance(self.task, Classification) or self.marks)
        return torch.cat([-scores, scores], 1) if both else scores

    @property
    def marks(self) -> bool:
        """Whether each pixel is said to be 0 or 1, as of a mask."""
        return isinstance(self.task, Regression) and self.task.binary and len(self.preprocess.spec.target_shape) > 1

    def number(self, target: int | str | None) -> int | None:
        """A class by its name or number; of a mask 1 where none is named. DataError with the nearest name."""
        names = self.classes
        if target is None and not isinstance(self.task, Classification):
            return int(self.marks)
        if target is None or isinstance(target, int):
            return target
        if target in names:
            return names.index(target)
        if target.isdecimal():
            return int(target)
        if not names:
            raise DataError(f"there is no class {target}: the classes of this run have no names; give a number")
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
    picture: Image.Image = field(repr=False)
    """as the network got it"""
    target: str
    numbers: bool = False
    """whether numbers are predicted, not classes"""
    of: str = ""
    """of what a score is the share: `pixels`, or `positions`"""

    def words(self, top: int = 3) -> str:
        """`bee 93.1%, ant 6.9%`, or the numbers."""
        if self.numbers:
            return ", ".join(f"{value:.6g}" for _, _, value in self.scores)
        return in_words([(name, score) for name, _, score in self.scores[:top]], self.of)

    def overlaid(self) -> Image.Image:
        """The picture with the map over it, RGB, at least SMALLEST_SIDE pixels at its longer side."""
        return over(enlarged(self.picture), self.explanation.map)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, without pictures."""
        verdict = self.explanation.trust
        return {
            "input": self.input,
            "scores": {name: score for name, _, score in self.scores},
            **({"of": self.of} if self.of else {}),
            "method": self.explanation.method,
            "layer": self.explanation.layer,
            "target": self.target,
            "trusted": verdict.trusted if verdict else None,
            "correlation": verdict.correlation if verdict else None,
            "note": verdict.sentence if verdict else "",
            **({"notes": self.explanation.notes} if self.explanation.notes else {}),
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
    names, shown = subject.classes, _shown(subject, inputs)
    title = names[found.target] if found.target < len(names) else str(found.target)
    numbers, of = (False, shown.get("of", "")) if isinstance(shown, dict) else (True, "")
    return Explained(name, _named(shown, names), found, picture, title, numbers, of)


def in_words(scores: Sequence[tuple[str, float]], of: str = "") -> str:
    """`bee 93.1%, ant 6.9%`; of positions that have a class each `road on 93.1%, sky on 6.9% of the pixels`."""
    said = ", ".join(f"{name}{' on' * bool(of)} {score:.1%}" for name, score in scores)
    return f"{said} of the {of}" if of else said


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
    return torch.from_numpy(scaled(inputs[None]).pixels[0])


def scores(subject: Subject, inputs: Tensor) -> list[tuple[str, int, float]]:
    """Name, index and score of each class, best first; of a segmentation the share of the pixels that it has."""
    return _named(_shown(subject, inputs), subject.classes)


def _shown(subject: Subject, inputs: Tensor) -> Any:
    """What the task shows of one input."""
    with torch.inference_mode():
        [shown] = subject.task.show(subject.task.predict(subject.model, subject.preprocess.given(inputs)))
    return shown


def _named(shown: Any, names: Sequence[str]) -> list[tuple[str, int, float]]:
    values = shown["scores"] if isinstance(shown, dict) else numbers_of(shown)
    found = [(names[index] if index < len(names) else str(index), index, value) for index, value in enumerate(values)]
    return sorted(found, key=lambda item: -item[2]) if isinstance(shown, dict) else found


def numbers_of(shown: Any) -> list[float]:
    """The numbers of a sample that a task shows, whatever their shape."""
    return [number for item in shown for number in numbers_of(item)] if isinstance(shown, list) else [float(shown)]
