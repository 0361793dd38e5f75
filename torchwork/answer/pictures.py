"""Samples as small pictures in data URLs, or as text."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from PIL import Image
from torch import Tensor, uint8

from torchwork.data.several import apart

LARGEST_SIDE = 160
"""Pixels of a sample's picture in a grid."""
SMALLEST_SIDE = 64
"""Pictures below this are sent without loss: each of their pixels is seen."""
CHANNELS = (1, 3, 4)
SHOWN_NUMBERS = 8


def is_picture(shape: list[int]) -> bool:
    """Whether samples of this shape are drawn: [channels, height, width] in grey, RGB or RGBA."""
    return len(shape) == 3 and shape[0] in CHANNELS


def first_picture(sample: Tensor, shapes: Sequence[Sequence[int]]) -> Tensor:
    """Of several inputs, which are held end to end, the first that is a picture; else the sample as it is."""
    if len(shapes) == 1:
        return sample
    parts = apart(sample[None], shapes)
    return next((part[0] for part in parts if is_picture(list(part.shape[1:]))), sample)


def picture(sample: Tensor, side: int = LARGEST_SIDE) -> str:
    """A sample [1, 3 or 4, height, width] as a data URL; floats from 0 to 1 as they are, others from low to high."""
    image = Image.fromarray(_bytes(sample).permute(1, 2, 0).squeeze(-1).contiguous().cpu().numpy())
    image.thumbnail((side, side))
    lossless = image.mode == "RGBA" or max(image.size) <= SMALLEST_SIDE
    return data_url(image, lossless=lossless)


def data_url(image: Image.Image, *, lossless: bool = True, **options: Any) -> str:
    """A picture as a PNG, or as a JPEG, in a data URL; `options` go to Pillow."""
    out = BytesIO()
    image.save(out, "PNG", **options) if lossless else image.save(out, "JPEG", quality=88, **options)
    kind = "png" if lossless else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode()}"


def values(sample: Tensor, encoding: Mapping[str, Any]) -> str:
    """A sample as text: the cells of its row by column, else its shape and first numbers."""
    columns, flat = encoding.get("columns"), sample.flatten()
    if columns and sample.dim() == 1:
        return ", ".join(_cells(flat.tolist(), columns))
    numbers = ", ".join(f"{number:.4g}" for number in flat[:SHOWN_NUMBERS].tolist())
    more = ", …" if len(flat) > SHOWN_NUMBERS else ""
    return f"{'×'.join(map(str, sample.shape))}: {numbers}{more}"


def _cells(numbers: list[float], columns: list[dict[str, Any]]) -> list[str]:
    """`island: Dream`, `mass: 3750`; a missing value is a dash."""
    found, place = [], 0
    for column in columns:
        names = column["values"]
        width = len(names) if names and column["one_hot"] else 1
        cell, place = numbers[place : place + width], place + width
        if names:
            which = cell.index(max(cell)) + 1 if width > 1 and any(cell) else int(cell[0])
            found.append(f"{column['name']}: {names[which - 1] if which else '–'}")
        else:
            found.append(f"{column['name']}: {'–' if cell[0] != cell[0] else format(cell[0], '.6g')}")
    return found


def _bytes(sample: Tensor) -> Tensor:
    """uint8 of the same shape."""
    if sample.dtype == uint8:
        return sample
    numbers = sample.float().nan_to_num()
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0 or high > 1:
        numbers = (numbers - low) / max(high - low, 1e-12)
    return (numbers * 255).round().to(uint8)
