"""Curves made small enough to draw: nothing is lost to the eye, and zooming brings back every point. numpy only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
BLOCK = 64


@dataclass(frozen=True)
class Smoothed:
    """The moving average of a curve, and its state: the sum so far and how many points are in it."""

    values: Column
    last: float
    count: int


def smooth(values: Column, weight: float) -> Smoothed:
    """The debiased exponential moving average of finite values [n]: last = last * w + (1 - w) * y, over 1 - w^n."""
    if not len(values):
        return Smoothed(values, 0.0, 0)
    sums = _decayed(values * (1 - weight), weight)
    count = np.arange(1, len(values) + 1)
    return Smoothed(sums / -np.expm1(count * math.log(weight)) if weight else values, float(sums[-1]), len(values))


def _decayed(values: Column, weight: float) -> Column:
    """s[i] = weight * s[i-1] + values[i], in blocks: within one by a matrix, between them by the same rule again."""
    count = len(values)
    powers = weight ** np.arange(BLOCK)
    rows = np.zeros((-(-count // BLOCK), BLOCK))
    rows.reshape(-1)[:count] = values
    age = np.arange(BLOCK)[None, :] - np.arange(BLOCK)[:, None]
    sums = rows @ np.where(age >= 0, powers[np.abs(age)], 0.0)
    if len(rows) > 1:
        ends = _decayed(sums[:, -1].copy(), weight**BLOCK)
        sums[1:] += ends[:-1, None] * (powers * weight)
    result: Column = sums.reshape(-1)[:count]
    return result


def bucket_width(extent: float, most: int) -> float:
    """The power of two that cuts `extent` into at most `most` parts, so that parts stay as they are while it grows."""
    return 2.0 ** math.ceil(math.log2(extent / most)) if extent > 0 and most > 0 else 1.0


def buckets(x: Column, width: float) -> NDArray[np.intp]:
    """The first place of each bucket of ascending `x` [n]."""
    numbers = np.floor(x / width)
    return np.concatenate([[0], np.flatnonzero(np.diff(numbers)) + 1]).astype(np.intp)


def with_ends(firsts: NDArray[np.intp], x: Column) -> NDArray[np.intp]:
    """The buckets of ascending `x` [n] with its first and its last place apart: a curve ends where it was recorded."""
    ends = np.searchsorted(x, x[0], "right"), np.searchsorted(x, x[-1], "left")
    return np.union1d(firsts, [place for place in ends if place < len(x)])


def mean(column: Column, firsts: NDArray[np.intp]) -> Column:
    """The mean of each bucket; a sum that would overflow is taken in parts."""
    counts = np.diff(np.append(firsts, len(column)))
    with np.errstate(over="ignore"):
        sums = np.add.reduceat(column, firsts)
    result: Column = sums / counts
    if not np.isfinite(result).all():
        result = np.add.reduceat(column / np.repeat(counts, counts), firsts)
    return result


def last(column: Column, firsts: NDArray[np.intp]) -> Column:
    """The last value of each bucket."""
    result: Column = column[np.append(firsts[1:], len(column)) - 1]
    return result
