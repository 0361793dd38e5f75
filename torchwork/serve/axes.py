"""What stands on a chart's x: step, time, epoch, or another metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from torchwork.record import Log, Series
from torchwork.serve.messages import SeriesQuery
from torchwork.serve.refusal import RefusedError

Column = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """The points of a curve by ascending x, all columns [n]; y may be NaN or infinite, the others are finite."""

    x: Column
    y: Column
    step: Column
    time: Column

    def at(self, places: NDArray[np.bool_] | NDArray[np.intp]) -> Curve:
        """Some of the points."""
        return Curve(self.x[places], self.y[places], self.step[places], self.time[places])


def curve(log: Log, query: SeriesQuery) -> Curve:
    """The curve that a query means in one run. RunFolderError or RefusedError when it was not recorded."""
    series = log.scalars(query.tag, query.overlap)
    x = _x(log, series, query)
    found = Curve(x, series.values, series.steps.astype(np.float64), series.wall_times)
    if not np.isfinite(x).all():
        found = found.at(np.isfinite(x))
    if np.any(np.diff(found.x) < 0):  # clocks go back, metrics go up and down
        found = found.at(np.argsort(found.x, kind="stable"))
    return found


def _x(log: Log, series: Series, query: SeriesQuery) -> Column:
    if query.x == "step":
        return series.steps.astype(np.float64)
    if query.x == "time":
        return series.wall_times
    if query.x == "relative":
        return series.wall_times - log.began
    if query.x == "epoch":
        return _epochs(log, series.steps)
    if not query.metric:
        raise RefusedError("x is a metric, and no metric is named; give its tag in `metric`")
    return _metric(log.scalars(query.metric), series.steps)


def _epochs(log: Log, steps: NDArray[np.int64]) -> Column:
    """Between the recorded ends of epochs in proportion, before the first and behind the last at the same rate."""
    if "epoch" not in log:
        raise RefusedError("no epochs were recorded in this run; choose steps or time")
    ends = log["epoch"]
    known = np.isfinite(ends.values)
    at, epochs = ends.steps[known].astype(np.float64), ends.values[known]
    at, places = np.unique(at, return_index=True)
    epochs = epochs[places]
    if not len(at):
        raise RefusedError("the recorded epochs are no numbers; choose steps or time")
    before = at[0] - (at[1] - at[0]) / max(epochs[1] - epochs[0], 1) * epochs[0] if len(at) > 1 else min(0.0, at[0])
    if epochs[0] > 0 and before < at[0]:
        at, epochs = np.append(before, at), np.append(0.0, epochs)
    x = np.interp(steps, at, epochs)
    if len(at) > 1:
        rate = (epochs[-1] - epochs[-2]) / (at[-1] - at[-2])
        x += np.maximum(steps - at[-1], 0) * rate
    return x


def _metric(metric: Series, steps: NDArray[np.int64]) -> Column:
    """The metric's value at each step; NaN where it was not recorded."""
    if not len(metric):
        return np.full(len(steps), np.nan)
    # The last of several values of a step counts, as everywhere.
    order = np.argsort(metric.steps, kind="stable")
    sorted_steps, values = metric.steps[order], metric.values[order]
    places = np.searchsorted(sorted_steps, steps, side="right") - 1
    found = (places >= 0) & (sorted_steps[np.maximum(places, 0)] == steps)
    result: Column = np.where(found, values[np.maximum(places, 0)], np.nan)
    return result
