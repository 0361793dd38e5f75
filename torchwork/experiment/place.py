"""Places in a document: `model.layers[3].Linear.out_features` as text and as a tuple of keys and numbers."""

from __future__ import annotations

import re

Place = tuple[str | int, ...]
STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def place_text(place: Place) -> str:
    """The tuple as text."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def parse_place(text: str) -> Place:
    """The text as a tuple.

    Raises:
        ValueError: not a place.
    """
    found = list(STEP.finditer(text))
    if not found or "".join(match[0] for match in found) != text:
        raise ValueError(f"expected a place such as `train.epochs` or `model.layers[0].Conv2d.out_channels`, got `{text}`")
    return tuple(int(match[2]) if match[2] else match[1] for match in found)
