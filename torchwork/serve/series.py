"""Curves as a page draws them: of one run, or the mean of several, for the part of x that is seen."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import numpy as np

from torchwork.errors import TorchworkError
from torchwork.record import Tail
from torchwork.serve import downsample
from torchwork.serve.axes import Column, Curve, curve
from torchwork.serve.deltas import cursor_of
from torchwork.serve.messages import SeriesHeader, SeriesPart, SeriesQuery

NONFINITE = 1000
Name = Literal["x", "y", "low", "high", "smooth", "step", "time"]
Columns = dict[Name, Column]
Reading = Callable[[str], AbstractContextManager[Tail]]
"""Opens the run of an id."""


@dataclass(frozen=True)
class Part:
    """The answer to one query."""

    about: SeriesPart
    columns: Columns


@dataclass(frozen=True)
class Place:
    """How far a run was read: from here on the socket tells."""

    recorded: int = 0
    cursor: str = ""


def answer(queries: Sequence[SeriesQuery], reading: Reading) -> bytes:
    """The curves as bytes: length of the header (u32), header, padding to 8, columns as float64, little endian."""
    parts = [_part(query, reading) for query in queries]
    header = SeriesHeader(parts=[part.about for part in parts]).model_dump_json().encode()
    padding = b"\0" * (-(4 + len(header)) % 8)
    columns = [column.astype("<f8", copy=False).tobytes() for part in parts for column in part.columns.values()]
    return b"".join([struct.pack("<I", len(header)), header, padding, *columns])


def decode(data: bytes) -> list[Part]:
    """What `answer` packed, for other programs in Python."""
    size = struct.unpack_from("<I", data)[0]
    header = SeriesHeader.model_validate(json.loads(data[4 : 4 + size]))
    numbers = np.frombuffer(data, "<f8", offset=4 + size + -(4 + size) % 8)
    parts, at = [], 0
    for about in header.parts:
        columns: Columns = {}
        for name in about.columns:
            columns[name] = numbers[at : at + about.count]
            at += about.count
        parts.append(Part(about, columns))
    return parts


def _part(query: SeriesQuery, reading: Reading) -> Part:
    """One curve; what is wrong with it is said in its place, so that a chart shows the others."""
    try:
        found, place = _curves(query, reading)
    except TorchworkError as error:
        return Part(SeriesPart(count=0, columns=[], total=0, exact=True, error=str(error)), {})
    if len(query.runs) == 1:
        return _drawn(query, found[0], None, place)
    return _drawn(query, *_band(found), Place())


def _curves(query: SeriesQuery, reading: Reading) -> tuple[list[Curve], Place]:
    """The curve of each run that has it, and how far the last one was read."""
    found, place, problem = [], Place(), TorchworkError("the curve names no run; give at least one")
    for run in query.runs:
        try:
            with reading(run) as tail:
                log = tail.log
                found.append(curve(log, query))
                place = Place(log.count(query.tag), cursor_of(tail))
        except TorchworkError as error:
            problem = error
    if not found:
        raise problem
    return found, place


def _band(curves: Sequence[Curve]) -> tuple[Curve, Column]:
    """The mean of several runs at each step that any of them has, and its standard deviation over those runs."""
    kept = [one.at(np.isfinite(one.y)) for one in curves]
    kept = [one.at(np.unique(one.step[::-1], return_index=True)[1] * -1 + len(one.step) - 1) for one in kept]
    steps = np.concatenate([one.step for one in kept])
    order = np.argsort(steps, kind="stable")
    steps = steps[order]
    x, y, time = (np.concatenate([getattr(one, name) for one in kept])[order] for name in ("x", "y", "time"))
    if not len(steps):
        return Curve(x, y, steps, time), y
    firsts = downsample.buckets(steps, 1.0)
    counts = np.diff(np.append(firsts, len(steps)))
    middle = downsample.mean(y, firsts)
    squares = np.add.reduceat(np.square(y - np.repeat(middle, counts)), firsts)
    spread = np.sqrt(squares / np.maximum(counts - 1, 1))
    joined = Curve(downsample.mean(x, firsts), middle, steps[firsts], downsample.last(time, firsts))
    order = np.argsort(joined.x, kind="stable")
    return joined.at(order), spread[order]


def _drawn(query: SeriesQuery, whole: Curve, spread: Column | None, place: Place) -> Part:
    """What a chart shows of a curve: smoothed as a whole first, then the part that is seen, then put together."""
    finite = np.isfinite(whole.y)
    strange = whole.at(_seen(whole.x, query) & ~finite)
    if not finite.all():
        whole, spread = whole.at(finite), None if spread is None else spread[finite]
    smoothed = downsample.smooth(whole.y, query.smoothing) if query.smoothing else None
    inside = np.flatnonzero(_seen(whole.x, query))
    total = len(inside)
    places = _with_neighbours(inside, whole.x, query)
    columns = _columns(whole.at(places), None if spread is None else spread[places])
    if smoothed:
        columns["smooth"] = smoothed.values[places]
    exact = len(places) <= 2 * query.width
    if not exact:
        columns = _together(columns, query, spread is None)
    ordered: Columns = {name: columns[name] for name in ORDER if name in columns}
    about = SeriesPart(
        count=len(ordered["x"]),
        columns=list(ordered),
        total=total,
        exact=exact,
        smooth_last=smoothed.last if smoothed else 0.0,
        smooth_count=smoothed.count if smoothed else 0,
        nonfinite=[(float(x), _word(y)) for x, y in zip(strange.x[:NONFINITE], strange.y[:NONFINITE], strict=True)],
        recorded=place.recorded,
        cursor=place.cursor,
    )
    return Part(about, ordered)


ORDER: tuple[Name, ...] = ("x", "y", "low", "high", "smooth", "step", "time")


def _word(value: float) -> Literal["NaN", "Infinity", "-Infinity"]:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _seen(x: Column, query: SeriesQuery) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points lie in the part of x that is seen."""
    low = -np.inf if query.low is None else query.low
    high = np.inf if query.high is None else query.high
    seen: np.ndarray[tuple[int], np.dtype[np.bool_]] = (x >= low) & (x <= high)
    return seen


def _with_neighbours(
    inside: np.ndarray[tuple[int], np.dtype[np.intp]], x: Column, query: SeriesQuery
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """One more point on each side, so that lines go on to the edges of the chart."""
    if len(inside):
        first, last = int(inside[0]), int(inside[-1]) + 1
    else:
        first = last = int(np.searchsorted(x, query.low or 0.0))
    return np.arange(max(first - 1, 0), min(last + 1, len(x)), dtype=np.intp)


def _columns(points: Curve, spread: Column | None) -> Columns:
    columns: Columns = {"x": points.x, "y": points.y, "step": points.step, "time": points.time}
    if spread is not None:
        columns |= {"low": points.y - spread, "high": points.y + spread}
    return columns


def _together(columns: Columns, query: SeriesQuery, alone: bool) -> Columns:
    """One row for each bucket: means, with the band of minimum and maximum, or of several runs that of their spread."""
    x = columns["x"]
    low = max(x[0], x[0] if query.low is None else query.low)
    high = min(x[-1], x[-1] if query.high is None else query.high)
    firsts = downsample.with_ends(downsample.buckets(x, downsample.bucket_width(high - low, query.width)), x)
    small: Columns = {name: downsample.mean(column, firsts) for name, column in columns.items()}
    small |= {name: downsample.last(columns[name], firsts) for name in ("step", "time")}
    if alone:
        small["low"] = np.minimum.reduceat(columns["y"], firsts)
        small["high"] = np.maximum.reduceat(columns["y"], firsts)
    return small
