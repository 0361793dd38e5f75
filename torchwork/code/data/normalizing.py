"""The function `normalize(batch)` of a script: from what data are held as to what the model takes."""

from __future__ import annotations

import math

import torch

from torchwork.code.data.sources import assigned
from torchwork.code.text import WIDTH, literal, wrap
from torchwork.data import Bundle
from torchwork.data.several import lengths
from torchwork.experiment import Normalize

APART = '''def normalize(batch: Tensor) -> tuple[Tensor, ...]:
    """The inputs of a batch as the model takes them."""
    parts = normalize_rows(batch).split(SIZES, dim=1)
    return tuple(part.reshape(-1, *shape) for part, shape in zip(parts, SHAPES, strict=True))'''


def normalizing(bundle: Bundle) -> tuple[str, list[str]]:
    """The function `normalize`, and its constants; samples of several inputs are taken apart by it."""
    if len(bundle.spec.inputs) == 1:
        return _normalizing(bundle, "normalize")
    text, constants = _normalizing(bundle, "normalize_rows")
    shapes = bundle.spec.inputs
    sizes = [math.prod(shape) for shape in shapes]
    constants += [f"SHAPES = {literal(shapes)}", f"SIZES = {literal(sizes)}"]
    return f"{text}\n\n\n{APART}", constants


def _normalizing(bundle: Bundle, name: str) -> tuple[str, list[str]]:
    """The function that brings a batch of these data to the device as the model wants it, and its constants."""
    section, fill, kinds = bundle.resolved.normalize, bundle.spec.encoding.get("fill"), _dtypes(bundle)
    scale = "255" if kinds == {torch.uint8} else "" if torch.uint8 not in kinds else "scale"
    lines, constants = list[str](), list[str]()
    if scale == "scale":
        lines.append("scale = 255 if batch.dtype == torch.uint8 else 1")
    if fill is not None and kinds != {torch.uint8}:
        constants.append(assigned("FILL", list(fill)))
        lines.append(f"batch = torch.where(batch.isnan(), torch.tensor(FILL){_view(bundle)}, batch.float())")
    if isinstance(section, Normalize):
        constants += _moments(section)
        lines += _shifted(section, scale, _view(bundle))
    else:
        lines.append("return batch.to(DEVICE).float()" + (f" * (1 / {scale})" if scale else ""))
    says = ", of mean 0 and deviation 1." if isinstance(section, Normalize) else "."
    head = f'def {name}(batch: Tensor) -> Tensor:\n    """A batch as the model takes it: float32 on DEVICE{says}"""'
    return "\n".join([head, *(wrap(line, 4) for line in lines)]), constants


def _dtypes(bundle: Bundle) -> set[torch.dtype]:
    """The types that batches have before they are normalised."""
    train, index = bundle.train, torch.tensor([0])
    gathered = train.store.gather(index, torch.zeros(1, dtype=torch.float64))
    rows = torch.full((1, train.augment.columns), 0.5, dtype=torch.float64)
    measured = {batches.store.dtype for batches in (bundle.valid, bundle.test) if batches}
    return measured | {train.augment(gathered, rows).dtype}


def _view(bundle: Bundle) -> str:
    """How one value a channel is brought to the shape of a batch."""
    shapes = bundle.spec.inputs
    if len(shapes) > 1:
        counts = lengths(shapes)
        return "" if set(counts) == {1} else f".repeat_interleave(torch.tensor({literal(counts)}))"
    trailing = len(shapes[0]) - 1
    return f".view(-1, {', '.join(['1'] * trailing)})" if trailing else ""


def _moments(section: Normalize) -> list[str]:
    """The constants MEAN and STD: numbers for one channel, else tuples."""
    mean, std = (list(map(float, values)) for values in (section.mean, section.std))
    if len(mean) == 1:
        return [f"MEAN, STD = {literal(mean[0])}, {literal(std[0])}"]
    line = f"MEAN, STD = {literal(mean)}, {literal(std)}"
    return [line] if len(line) <= WIDTH else [assigned("MEAN", mean), assigned("STD", std)]


def _shifted(section: Normalize, scale: str, view: str) -> list[str]:
    """In double where a run computes in double: the numbers of the whole data set."""
    if len(section.mean) == 1:
        mean, std = (f"{scale} * MEAN", f"({scale} * STD)") if scale else ("MEAN", "STD")
        return [f"return (batch.to(DEVICE).float() - {mean}) * (1 / {std})"]
    made = f"torch.tensor(x, dtype=torch.float64){view}{f' * {scale}' if scale else ''}"
    return [
        f"mean, std = ({made} for x in (MEAN, STD))",
        "return (batch.to(DEVICE).float() - mean.float().to(DEVICE)) * (1 / std).float().to(DEVICE)",
    ]
