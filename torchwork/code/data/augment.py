"""The function `augment(batch, rows)` of a script: the steps of training, each with its columns of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torchwork.code.constructing import imports_of, transform_text
from torchwork.code.data import recipes
from torchwork.code.text import wrap
from torchwork.data.attached import PIXELS_ONLY, Attached, OnPicture, WithBox, WithMask
from torchwork.data.augment import Augment, OnBatch, PerSample
from torchwork.data.together import PixelStep
from torchwork.data.transforms import make
from torchwork.data.vectorised import Crop, Sometimes, Step
from torchwork.experiment.spec import Transform

SOMETIMES = {
    "RandomHorizontalFlip": "lambda some: some.flip(-1)",
    "RandomVerticalFlip": "lambda some: some.flip(-2)",
    "RandomGrayscale": "lambda some: v2.functional.rgb_to_grayscale(some, some.shape[1])",
    "RandomInvert": "v2.functional.invert",
    "RandomSolarize": "lambda some: v2.functional.solarize(some, {t.threshold})",
    "RandomPosterize": "lambda some: v2.functional.posterize(some, {t.bits})",
    "RandomAutocontrast": "v2.functional.autocontrast",
    "RandomAdjustSharpness": "lambda some: v2.functional.adjust_sharpness(some, {t.sharpness_factor})",
}
"""what transforms do to the samples that their coin picks, by name; `t` is the transform"""
GIVES_IMAGES = "ToPILImage"


@dataclass
class Augmenting:
    """The functions of augmentation, what they use, and how many numbers each sample needs; no functions, no steps."""

    columns: int = 0
    constants: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    setup: list[str] = field(default_factory=list)
    uses: list[Any] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    attached: Attached | None = None


def augmenting(parts: Sequence[Transform], augment: Augment, attached: Attached | None = None) -> Augmenting:
    """The functions for these parts of the document, without a mix, which run as the steps of `augment`."""
    made = Augmenting(augment.columns, attached=attached)
    if not augment.steps:
        return made
    bodies: list[list[str]] = [[]]
    begin = 0
    for number, (part, step) in enumerate(zip(parts, augment.steps, strict=True)):
        more = number + 1 < len(parts)
        rows = _columns(begin, step.columns)
        begin += step.columns
        lines, ends = _step(made, part, step, rows, f"augment_{len(bodies) + 1}" if more else "")
        bodies[-1] += lines
        if ends and more:
            bodies.append([])
    names = ["augment", *(f"augment_{i + 2}" for i in range(len(bodies) - 1))]
    made.definitions += [_function(name, body) for name, body in reversed(list(zip(names, bodies, strict=True)))]
    made.imports |= {"from torch import Tensor", *imports_of("\n".join(made.definitions + made.setup))}
    return made


def prepare_text(part: Transform, attached: Attached | None = None) -> str:
    """A transform as an expression of something to be called; what gives Pillow images is followed by the way back."""
    text = transform_text(part)
    if attached:
        return together_text(text, attached, pixels=part.name in PIXELS_ONLY)
    return f"v2.Compose([{text}, from_image])" if part.name == GIVES_IMAGES else text


def together_text(text: str, attached: Attached, *, pixels: bool = False) -> str:
    """A transform of pictures, an expression, as one of pictures with what is attached to them."""
    if pixels or attached.kind == "box":
        return f"{'OnPicture' if pixels else 'WithBox'}({text})"
    return f"WithMask({text}{f', {attached.fill}' if attached.fill else ''})"


def needs(text: str) -> list[Any]:
    """What an expression of `prepare_text` takes from torchwork."""
    found = [each for each in (WithMask, WithBox, OnPicture) if text.startswith(f"{each.__name__}(")]
    return [*found, *([recipes.from_image] if "from_image" in text else [])]


def _function(name: str, lines: Sequence[str]) -> str:
    last = lines[-1].replace("batch = ", "return ", 1) if lines[-1].startswith("batch = ") else lines[-1]
    text = "\n".join(wrap(line, 4) for line in (*lines[:-1], last))
    says = '"""Random changes of a batch; each row has the uniform numbers of a sample."""'
    return f"def {name}(batch: Tensor, rows: Tensor) -> Tensor:\n    {says}\n{text}"


def _columns(begin: int, count: int) -> str:
    """Its columns of the rows: one as a vector, several as a table."""
    return f"rows[:, {begin}]" if count == 1 else f"rows[:, {begin}:{begin + count}]"


def _step(made: Augmenting, part: Transform, step: Step, rows: str, then: str) -> tuple[list[str], bool]:
    """The lines of one step, and whether what follows it is a function of its own."""
    if isinstance(step, PixelStep):
        [line], _ = _step(made, part, step.inner, rows, "")
        made.imports.add("import torch")
        changed = line.removeprefix("batch = ").replace("(batch,", "(batch[:, :-1],", 1)
        return [f"pictures = {changed}", "batch = torch.cat((pictures, batch[:, -1:]), dim=1)"], False
    if isinstance(step, PerSample):
        return _per_sample(made, part, rows, then), True
    if isinstance(step, Sometimes) and part.name in SOMETIMES:
        made.uses.append(recipes.sometimes)
        change = SOMETIMES[part.name].format(t=make(part, "data.augment"))
        return [f"batch = sometimes(batch, {rows}, {step.p!r}, {change})"], False
    if isinstance(step, Crop) and _is_simple(step.transform):
        return _crop(made, step, rows), False
    name = f"{part.name.upper()}_{len(made.setup) + 1}" if made.setup else part.name.upper()
    if isinstance(step, OnBatch):
        text = prepare_text(part, made.attached)
        made.setup.append(f"{name} = {text}")
        made.uses += needs(text)
        return [f"batch = {name}(batch)"], False
    made.uses.append(type(step))
    made.setup.append(f"{name} = {type(step).__name__}({transform_text(part)})")
    return [f"batch = {name}(batch, {rows})"], False


def _per_sample(made: Augmenting, part: Transform, rows: str, then: str) -> list[str]:
    name = f"{part.name.upper()}_{len(made.setup) + 1}" if made.setup else part.name.upper()
    text = prepare_text(part, made.attached)
    made.setup.append(f"{name} = {text}")
    made.uses += [recipes.each_sample, *needs(text)]
    if not then:
        made.imports.add("import torch")
        return [f"return torch.stack(each_sample(batch, {rows}, {name}))"]
    made.uses.append(recipes.go_on)
    return [f"pictures = each_sample(batch, {rows}, {name})", f"return go_on(pictures, rows, {then})"]


def _is_simple(transform: Any) -> bool:
    return not transform.pad_if_needed and transform.padding_mode == "constant" and not _filled(transform.fill)


def _filled(fill: Any) -> bool:
    return bool(fill if not isinstance(fill, list | tuple) else any(fill))


def _crop(made: Augmenting, step: Crop, rows: str) -> list[str]:
    """Padding with zeros, then a window."""
    left, right, top, bottom = step.transform.padding or (0, 0, 0, 0)
    made.uses.append(recipes.crop)
    height, width = step.size
    pad = []
    if any((left, right, top, bottom)):
        made.imports.add("from torch import nn")
        pad = [f"batch = nn.functional.pad(batch, ({left}, {right}, {top}, {bottom}))"]
    return [*pad, f"batch = crop(batch, {rows}, {height}, {width})"]
