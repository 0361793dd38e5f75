"""Whether a network that says 80 % is right in 80 of 100 cases (Guo et al. 2017, On Calibration of Modern Networks)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import torch
from torch import Tensor

BINS = 15


@dataclass(frozen=True)
class Bin:
    """Predictions whose certainty is above `low` and at most `high`; NaN where there are none."""

    low: float
    high: float
    samples: int
    confidence: float
    """how sure they were on average"""
    accuracy: float
    """the share that is right"""


class Reliability:
    """Certainties and what came of them, counted bin by bin, so that any number of predictions needs no memory."""

    def __init__(self, bins: int = BINS) -> None:
        self._samples = torch.zeros(bins, dtype=torch.int64)
        self._confidence, self._right = torch.zeros(2, bins, dtype=torch.float64)

    def add(self, confidences: Tensor, right: Tensor) -> None:
        """Certainties [N] from 0 to 1, and whether each was right, bool [N]; what is not finite does not count."""
        known = confidences.isfinite()
        sure, right = confidences[known].double().cpu(), right[known].double().cpu()
        bins = len(self._samples)
        places = (sure * bins).ceil().long().sub_(1).clamp_(0, bins - 1)
        self._samples += torch.bincount(places, minlength=bins)
        self._confidence += torch.bincount(places, sure, minlength=bins)
        self._right += torch.bincount(places, right, minlength=bins)

    def bins(self) -> list[Bin]:
        """All bins, the least certain first."""
        count = len(self._samples)
        found = zip(self._samples.tolist(), self._confidence.tolist(), self._right.tolist(), strict=True)
        return [
            Bin(place / count, (place + 1) / count, n, sure / n if n else nan, right / n if n else nan)
            for place, (n, sure, right) in enumerate(found)
        ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: how far certainty and accuracy are apart, on average; NaN without samples."""
    total = sum(item.samples for item in bins)
    apart = (item.samples * abs(item.accuracy - item.confidence) for item in bins if item.samples)
    return sum(apart) / total if total else nan
