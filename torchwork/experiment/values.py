"""Plain values, all that a document holds: text, numbers, true, false, null, lists, and mappings with text keys."""

from __future__ import annotations

import json
import math
import numbers
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from torchwork.errors import DocumentError, Problem
from torchwork.experiment.place import Place, place_text

DEEPEST = 64
"""Levels that values may stand inside each other, so that no document exhausts the stack."""
LARGEST_INT = 2**64
"""Beyond it a number fits neither a tensor nor the JSON of other programs."""
SHOWN = 60
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Neither YAML nor UTF-8 holds them all, and some would command the terminal that shows them."""


def plain(value: Any, place: Place = ()) -> Any:
    """A copy of `value` as plain values: tuples become lists, paths text; typed sections stay as they are.

    Raises:
        DocumentError: with the place of the first value that no document can hold.
    """
    if len(place) > DEEPEST:
        raise refused(place[:3], f"expected at most {DEEPEST} levels inside each other, got more")
    kind = type(value)
    if kind is str:  # most values are of these three kinds, and questions of abstract classes take long
        return _text(value, place)
    if kind is dict:
        return {_key(key, place): plain(item, (*place, key)) for key, item in value.items()}
    if kind is list:
        return [plain(item, (*place, index)) for index, item in enumerate(value)]
    if value is None or isinstance(value, bool | BaseModel):
        return value
    if isinstance(value, str | os.PathLike):
        return _text(os.fspath(value), place)
    if isinstance(value, numbers.Real):
        return _number(value, place)
    if isinstance(value, Mapping):
        return {_key(key, place): plain(item, (*place, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, (*place, index)) for index, item in enumerate(value)]
    raise refused(place, f"expected text, a number, true, false, null, a list or a mapping, got {shown(value)}")


def _key(key: Any, place: Place) -> str:
    if not isinstance(key, str):
        raise refused(place, f"expected text as every key, got {shown(key)}")
    return _text(key, place)


def _text(value: Any, place: Place) -> str:
    if not isinstance(value, str) or UNPRINTABLE.search(value):
        raise refused(place, f"expected text without control characters, got {value!a:.{SHOWN}}")
    return str(value)


def _number(value: numbers.Real, place: Place) -> int | float:
    if isinstance(value, numbers.Integral):
        if abs(int(value)) > LARGEST_INT:
            raise refused(place, "expected a number of at most 64 bits, got a larger one")
        return int(value)
    if not math.isfinite(value):
        raise refused(place, f"expected a finite number, which JSON can hold too, got {float(value)}")
    return float(value)


def refused(place: Place, message: str, fix: str = "", line: int = 0) -> DocumentError:
    """The error that says `message` of `place`."""
    return DocumentError(Problem(place_text(place), message, fix, line=line))


def shown(value: Any) -> str:
    """`value` as a document would write it, shortened, for a message."""
    if value is None:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, TypeError, RecursionError):
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def listed(words: Iterable[Any], last: str = "and") -> str:
    """`a, b and c`."""
    texts = [str(word) for word in words]
    return f" {last} ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))
