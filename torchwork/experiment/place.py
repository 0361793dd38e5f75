"""Places in a document: `model.layers[3].Linear.out_features` as text and as a tuple of keys and numbers."""

from __future__ import annotations

import json
import re
from functools import lru_cache

Place = tuple[str | int, ...]
PLAIN_KEY = re.compile(r'[^.\[\]"\s=]+')
STEP = re.compile(rf'\.?({PLAIN_KEY.pattern})|\[(\d{{1,9}})\]|\[("(?:[^"\\]|\\.)*")\]', re.ASCII)


def place_text(place: Place) -> str:
    """The tuple as text; a key that holds a dot or a bracket is quoted, as in `model.tie["decoder.weight"]`."""
    return "".join(map(step_text, place)).removeprefix(".")


def step_text(step: str | int) -> str:
    """What one key or number adds to the text of the place around it."""
    return f"[{step}]" if isinstance(step, int) else _key_text(step)


@lru_cache(maxsize=4096)
def _key_text(key: str) -> str:
    return f".{key}" if PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key)}]"


def parse_place(text: str) -> Place:
    """The text as a tuple.

    Raises:
        ValueError: not a place.
    """
    found = list(STEP.finditer(text))
    try:
        if found and "".join(match[0] for match in found) == text and not text.startswith("."):
            return tuple(_step(match) for match in found)
    except json.JSONDecodeError:
        pass
    raise ValueError(f"expected a place such as `train.epochs` or `model.layers[0].Conv2d.bias`, got `{text}`")


def _step(match: re.Match[str]) -> str | int:
    if match[2]:
        return int(match[2])
    return str(json.loads(match[3])) if match[3] else match[1]
