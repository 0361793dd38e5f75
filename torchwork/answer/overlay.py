"""What lies over a picture: its mask as a translucent picture, its box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor, bincount, uint8

from torchwork.answer.pictures import data_url
from torchwork.data.attached import IGNORED, Attached

SAFE = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442")
"""colours that people with any kind of colour blindness tell apart (Okabe and Ito 2008)"""
SHADES = (1.0, 0.6, 1.45, 0.35)
"""how light the colours are, when they begin again"""
GROUND = frozenset({"ground", "background", "void", "unlabelled", "unlabeled"})
"""classes that are not painted"""
ALPHA = 130
SIDE = 240
NAMED = 3


def colours(classes: Sequence[str] | None) -> list[tuple[str, str]]:
    """Each class with its colour, `transparent` for the ground."""
    found, painted = [], 0
    for name in classes or ():
        ground = name.lower() in GROUND
        found.append((name, "transparent" if ground else colour(painted)))
        painted += not ground
    return found


def colour(number: int) -> str:
    """The colour of the painted class with this number: `#0072b2`."""
    shade = SHADES[number // len(SAFE) % len(SHADES)]
    text = SAFE[number % len(SAFE)]
    channels = [int(text[place : place + 2], 16) for place in (1, 3, 5)]
    mixed = [value * shade if shade <= 1 else 255 - (255 - value) * (2 - shade) for value in channels]
    return "#" + "".join(f"{round(value):02x}" for value in mixed)


def over(attached: Attached, target: Tensor, classes: Sequence[str] | None, size: Sequence[int]) -> dict[str, Any]:
    """The message `Over` of a target: a box, or a mask [1, h, w] or [h, w], over a picture of `size` (h, w)."""
    if attached.kind == "box":
        return {"box": target.tolist(), "size": [size[1], size[0]]}
    if attached.kind == "mask":
        return {"mask": painted((target[0] > 0).to(uint8), ["transparent", SAFE[0]])}
    numbers = target.clone()
    numbers[numbers < 0] = IGNORED
    return {"mask": painted(numbers.to(uint8), [paint for _, paint in colours(classes)])}


def painted(mask: Tensor, paints: Sequence[str]) -> str:
    """A mask uint8 [h, w] as a PNG in a data URL, each number in its paint; what has none is transparent."""
    image = Image.fromarray(mask.cpu().contiguous().numpy(), "P")
    shown = [paint if paint != "transparent" else "#000000" for paint in paints]
    image.putpalette(b"".join(bytes.fromhex(paint[1:]) for paint in shown))
    image.thumbnail((SIDE, SIDE), Image.Resampling.NEAREST)
    clear = bytes(ALPHA if paint != "transparent" else 0 for paint in paints) + bytes(256 - len(paints))
    return data_url(image, transparency=clear)


def said(attached: Attached, target: Tensor, classes: Sequence[str] | None) -> str:
    """A target in a few words: a box's numbers, the share of a mask, the largest classes."""
    if attached.kind == "box":
        return ", ".join(f"{number:.4g}" for number in target.tolist())
    if attached.kind == "mask":
        return f"{100 * float(target.mean()):.3g} %"
    names = list(classes or ())
    counts = bincount(target[target >= 0].flatten(), minlength=len(names))
    order = [place for place in counts.argsort(descending=True).tolist() if counts[place]]
    return ", ".join([names[place] for place in order if names[place].lower() not in GROUND][:NAMED])
