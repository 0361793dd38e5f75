"""A map as colours over a picture: transparent where cold."""

from __future__ import annotations

import numpy as np
from PIL import Image
from torch import Tensor

COLOURS = ((24, 28, 92), (104, 36, 128), (196, 62, 96), (244, 132, 52), (255, 232, 140))
"""From cold to hot. Each is lighter than the one before, so that they tell without seeing colours."""
COVERS = 0.75
"""Of the picture, where it is hottest."""
CLEAR = 0.1
"""Below this nothing is painted; from here on the colour fades in."""


def heat(shown: Tensor, size: tuple[int, int] | None = None) -> Image.Image:
    """A map [H, W] from 0 to 1 as an RGBA picture, of `size` (width, height) if that is given."""
    values = shown.detach().float().clamp(0, 1).nan_to_num().cpu().numpy()
    if size is not None:
        values = np.asarray(Image.fromarray(values, "F").resize(size, Image.Resampling.BILINEAR))
    stops = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(values, stops, [colour[place] for colour in COLOURS]) for place in range(3)]
    alpha = 255 * COVERS * np.clip((values - CLEAR) / (0.5 - CLEAR), 0, 1)
    return Image.fromarray(np.stack([*channels, alpha], axis=-1).round().astype(np.uint8), "RGBA")


def over(picture: Image.Image, shown: Tensor) -> Image.Image:
    """A picture with the map laid over it, RGB, of the picture's size."""
    return Image.alpha_composite(picture.convert("RGBA"), heat(shown, picture.size)).convert("RGB")
