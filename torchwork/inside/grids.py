"""Many small pictures as one, and tensors as pictures. Shapes: k pictures, h height, w width, c colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

Pixels = NDArray[np.uint8]
PAGE = 64
"""Pictures on a page."""
LEGIBLE = 32
"""Pixels of a picture's longer side, so that a kernel of 3×3 can be seen in a viewer."""
BETWEEN = 40
"""The grey between two pictures."""


@dataclass(frozen=True)
class Scaled:
    """Pictures uint8 [k, h, w] or [k, h, w, 3], black at `lows` and white at `highs` [k]."""

    pixels: Pixels
    lows: list[float]
    highs: list[float]


def scaled(values: Tensor, *, together: bool = False) -> Scaled:
    """Values [k, h, w], or with colours, from their smallest to their largest: of each, or of all `together`.

    What is not finite is black.
    """
    numbers = values.detach().float().cpu()
    finite = torch.isfinite(numbers)
    flat = (1 if together else len(numbers), -1)
    lows = torch.where(finite, numbers, torch.inf).reshape(flat).amin(1)
    highs = torch.where(finite, numbers, -torch.inf).reshape(flat).amax(1)
    lows, highs = (ends.where(ends.isfinite(), 0.0).expand(len(numbers)) for ends in (lows, highs))
    low, high = (ends.reshape(-1, *[1] * (numbers.dim() - 1)) for ends in (lows, highs))
    share = (numbers - low) / (high - low).clamp_min(1e-12)
    pixels = torch.where(finite, share, 0.0).mul(255).round().to(torch.uint8)
    return Scaled(pixels.numpy(), lows.tolist(), highs.tolist())


def grid(pictures: Pixels, columns: int | None = None) -> Pixels:
    """Pictures [k, h, w] or [k, h, w, 3] in rows, a pixel apart, nearly square unless `columns` are given."""
    count, height, width = pictures.shape[:3]
    columns = columns or math.ceil(math.sqrt(count * height / width))
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    shape = (rows * (height + 1) - 1, columns * (width + 1) - 1, *pictures.shape[3:])
    whole = np.full(shape, BETWEEN, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = place // columns * (height + 1), place % columns * (width + 1)
        whole[top : top + height, left : left + width] = picture
    return whole


def enlarged(pictures: Pixels, side: int = LEGIBLE) -> Pixels:
    """Small pictures [k, h, w] or [k, h, w, 3] with every pixel repeated, till the longer side is `side` at least."""
    times = max(1, -(-side // max(pictures.shape[1:3])))
    return pictures.repeat(times, 1).repeat(times, 2)


def paged(count: int, page: int, size: int = PAGE) -> tuple[range, int]:
    """Which of `count` pictures stand on a page, from 0, and how many pages there are; the last for one beyond it."""
    pages = max(1, -(-count // size))
    page = min(page, pages - 1)
    return range(page * size, min(count, (page + 1) * size)), pages


def smaller(values: Tensor, side: int) -> Tensor:
    """Maps [k, h, w] averaged so that no side is longer than `side`; as they are where they are small."""
    longest = max(values.shape[1:])
    if longest <= side:
        return values
    height, width = (max(1, round(length * side / longest)) for length in values.shape[1:])
    return nn.functional.adaptive_avg_pool2d(values[None], (height, width))[0]


def original(picture: Tensor, mean: Sequence[float] = (0.0,), std: Sequence[float] = (1.0,)) -> Pixels:
    """The picture back from a normalised tensor [c, h, w], c 1 or 3, as uint8 [h, w] or [h, w, 3].

    `mean` and `std` are those of values from 0 to 1, one for each channel or for all.
    """
    shift, factor = (torch.tensor(list(numbers)).float().reshape(-1, 1, 1) for numbers in (mean, std))
    values = picture.detach().cpu().float() * factor + shift
    pixels: Pixels = values.nan_to_num().mul(255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def png(pixels: Pixels) -> bytes:
    """Pixels [h, w] or [h, w, 3] as a PNG file."""
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
    return out.getvalue()
