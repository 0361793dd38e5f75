"""Numbers that several rules read from the curves: how far the loss has come, how much the weights change."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from torchwork.doctor.evidence import Curve, Evidence

RECENT, FEWEST = 16, 20
"""Steps whose mean loss is that of now, and steps before which nothing is said of a loss."""
PERSISTS = 3
"""looks in a row that show a symptom"""


def start(evidence: Evidence) -> float | None:
    """The loss of who knows nothing: what guessing costs, or where the loss began."""
    if evidence.chance is not None:
        return evidence.chance
    loss = evidence.loss
    if loss is None or not len(loss.finite):
        return None
    return float(np.median(loss.finite[:3]))


def now(evidence: Evidence) -> float | None:
    """The loss of the last steps; NaN where it is no number any more."""
    loss = evidence.loss
    if loss is None or len(loss) < FEWEST:
        return None
    recent = loss.values[-RECENT:]
    return float(recent.mean()) if np.isfinite(recent).all() else math.nan


def fallen(evidence: Evidence) -> float | None:
    """The share of the loss that is gone by now, below 0 where it has risen; None too early."""
    begun, ended = start(evidence), now(evidence)
    if begun is None or ended is None or not begun > 0:
        return None
    return (begun - ended) / begun


def updates(evidence: Evidence) -> Curve | None:
    """By look, how much the middle weight tensor changed against its size; of those that are trained and not zero."""
    names, steps, values = evidence.matrix("update_ratio", weights=True)
    if not names or values.shape[1] == 0:
        return None
    values = np.where(np.isfinite(values), values, np.nan)
    moving = np.nan_to_num(values).max(axis=1) > 0
    if not moving.any():
        return Curve(steps, np.zeros(len(steps)))
    known = values[moving]
    empty = np.isnan(known).all(axis=0)
    known[:, empty] = 0.0
    return Curve(steps, np.nanmedian(known, axis=0))


def longest_high(curve: Curve, looks: int = PERSISTS) -> float:
    """The highest value that `looks` in a row reach, at any time."""
    values = np.nan_to_num(curve.values, posinf=1e9)
    if len(values) < looks:
        return 0.0
    return float(max(values[place : place + looks].min() for place in range(len(values) - looks + 1)))


def front_to_back(evidence: Evidence) -> tuple[list[str], NDArray[np.float64]] | None:
    """Names of the weights from front to back, and each one's gradient norm in the middle of the last looks [p]."""
    names, _, values = evidence.matrix("gradient_norm", weights=True)
    kept = [place for place, name in enumerate(names) if name.endswith("weight")]
    if len(kept) < 3 or values.shape[1] < PERSISTS:
        return None
    return [names[place] for place in kept], np.median(values[kept][:, -10:], axis=1)


def rate_at_its_height(evidence: Evidence) -> bool:
    """Whether the learning rate is now what it is meant to be: no warm-up before it, no decay behind it."""
    rate = evidence.rate
    if rate is None or not len(rate.finite):
        return True
    highest = float(rate.finite.max())
    rising = len(rate) > 2 and rate.last >= highest and rate.values[-2] < rate.last
    return rate.last > 0.3 * highest and not rising
