"""A curve by few of its points, between which it is a straight line."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

EXACT = 1e-4
"""Times the height of the curve: a point nearer to the line than this is on it."""
Farthest = tuple[float, int, int, int]
"""Minus the distance of the point that is farthest from the line, its number, the numbers of the line's ends."""


def corners(values: NDArray[np.float64], most: int) -> list[int]:
    """Numbers of at most `most` points, first and last among them: those that the line would miss by most are taken."""
    last = len(values) - 1
    kept = {0, last}
    waiting = [_farthest(values, 0, last)]
    enough = EXACT * float(np.ptp(values))
    while waiting and len(kept) < most:
        distance, middle, begin, end = heapq.heappop(waiting)
        if -distance <= enough:
            break
        kept.add(middle)
        heapq.heappush(waiting, _farthest(values, begin, middle))
        heapq.heappush(waiting, _farthest(values, middle, end))
    return sorted(kept)


def _farthest(values: NDArray[np.float64], begin: int, end: int) -> Farthest:
    if end - begin < 2:
        return 0.0, begin, begin, end
    line = np.linspace(values[begin], values[end], end - begin + 1)
    distances = np.abs(values[begin : end + 1] - line)
    middle = int(distances.argmax())
    return -float(distances[middle]), begin + middle, begin, end
