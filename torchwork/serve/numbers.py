"""Measured numbers as JSON can hold them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from torchwork.serve.messages import Number


def number(value: float) -> Number:
    """NaN as null, infinities as words."""
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def numbers(values: Iterable[float]) -> list[Number]:
    """`number` of each."""
    return [number(value) for value in values]


def named(values: Mapping[str, float]) -> dict[str, Number]:
    """`number` of each, under its name."""
    return {name: number(value) for name, value in values.items()}
