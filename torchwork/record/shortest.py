"""Recorded numbers as short as they can be written: event files hold float32, and 0.95 comes back as 0.949999988."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from torchwork.record.summary import LARGEST_EXACT, SMALLEST_NORMAL


def shortest(values: NDArray[np.float64]) -> list[float]:
    """The numbers of a curve [n]; of one that was recorded as float32 the shortest that are the same as float32.

    A curve with any number that no float32 holds was recorded as float64, and stays as it is; so do numbers outside
    of the range in which we record float32.
    """
    sizes = np.abs(values)
    usual = (sizes >= SMALLEST_NORMAL) & (sizes <= LARGEST_EXACT)
    singles = np.where(usual, values, 0.0).astype(np.float32)
    if not (singles[usual] == values[usual]).all():
        return list(values.tolist())
    parts = zip(values.tolist(), singles, usual.tolist(), strict=True)
    return [float(str(single)) if short else value for value, single, short in parts]


def shortest_cell(value: Any) -> Any:
    """One number of a table in the same way; anything else as it is."""
    return shortest(np.array([value]))[0] if isinstance(value, float) else value
