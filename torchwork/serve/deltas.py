"""What was appended to a run since a cursor: the byte in each event file up to which a page has everything."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from torchwork.record import FileTail, Tail

MOST = 20_000  # values in one message; a page that lacks more asks for its curves again
LOWEST = -(1 << 63)
Marks = dict[str, tuple[str, int]]  # file name: its identity, and the byte behind what is known


@dataclass
class Rows:
    """New points of one tag; `first` were written before them."""

    first: int = 0
    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Delta:
    """New points behind each other, or `restart`: earlier ones do not count any more, or they are too many."""

    cursor: str
    restart: bool = False
    series: dict[str, Rows] = field(default_factory=dict)


def cursor_of(tail: Tail) -> str:
    """Names all that was read so far; it holds for other processes too."""
    return json.dumps({file.path.name: [file.identity, file.offset] for file in tail.files}, separators=(",", ":"))


def since(tail: Tail, cursor: str, tags: Collection[str] | None = None) -> Delta:
    """What came behind `cursor`, of these `tags` (None: all); behind an empty one nothing came yet."""
    now = cursor_of(tail)
    if cursor in ("", now):
        return Delta(now)
    marks = _marks(tail, cursor)
    if marks is None or _replaced(tail, marks):
        return Delta(now, restart=True)
    series = _series(tail, marks)
    if series is None:
        return Delta(now, restart=True)
    kept = {tag: rows for tag, rows in series.items() if tags is None or tag in tags}
    if sum(len(rows.steps) for rows in kept.values()) > MOST:
        return Delta(now, restart=True)
    return Delta(now, series=kept)


def _marks(tail: Tail, cursor: str) -> list[int] | None:
    """The byte from which on each file is new; None when a known file is gone, or is another one now."""
    known = _known(cursor)
    if known is None or {name for name, (_, offset) in known.items() if offset} - {f.path.name for f in tail.files}:
        return None
    marks = []
    for file in tail.files:
        identity, offset = known.get(file.path.name, (file.identity, 0))
        if offset and (identity != file.identity or offset > file.offset):
            return None
        marks.append(offset)
    return marks


def _known(cursor: str) -> Marks | None:
    try:
        return {str(name): (str(mark[0]), int(mark[1])) for name, mark in json.loads(cursor or "{}").items()}
    except (ValueError, ArithmeticError, TypeError, AttributeError, LookupError, RecursionError):
        return None


def _replaced(tail: Tail, marks: list[int]) -> bool:
    """Whether a new SessionLog START takes back what was recorded before it."""
    files = tail.files
    for number, (file, mark) in enumerate(zip(files, marks, strict=True)):
        for offset, step in file.columns.starts:
            if offset >= mark and step <= max(
                _highest(file, offset), *(_highest(earlier) for earlier in files[:number]), LOWEST
            ):
                return True
    return False


def _highest(file: FileTail, before: int | None = None) -> int:
    """The last step that a file holds before a byte."""
    return max((_highest_of(block, before) for block in file.columns.blocks.values()), default=LOWEST)


def _highest_of(block: Any, before: int | None) -> int:
    count = len(block.steps) if before is None else bisect_left(block.offsets, before)
    return int(np.frombuffer(block.steps, np.int64, count).max()) if count else LOWEST


def _series(tail: Tail, marks: list[int]) -> dict[str, Rows] | None:
    """The new points of each tag; None when they do not simply follow those before."""
    found: dict[str, Rows] = {}
    counts: dict[str, int] = {}  # of each tag: points before the new ones
    last: dict[str, int] = {}  # of each tag: the highest step known so far
    for file, mark in zip(tail.files, marks, strict=True):
        before = _before(file, mark, counts)
        for tag, rows in _new(file, mark).items():
            known = max(last.get(tag, LOWEST), before.get(tag, LOWEST))
            replaced = tag not in before and rows.steps[0] == last.get(tag)
            if rows.steps[0] < known or replaced or _descends(rows.steps):
                return None
            into = found.setdefault(tag, Rows())
            into.steps += rows.steps
            into.times += rows.times
            into.values += rows.values
            last[tag] = rows.steps[-1]
        if found and before and any(tag in found and step > found[tag].steps[0] for tag, step in before.items()):
            return None  # a file that others came after has grown
        for tag, step in before.items():
            last[tag] = max(last.get(tag, LOWEST), step)
    for tag, rows in found.items():
        rows.first = counts.get(tag, 0)
    return found


def _before(file: FileTail, mark: int, counts: dict[str, int]) -> dict[str, int]:
    """The highest step of each tag before a byte; their points are added to `counts`."""
    found: dict[str, int] = {}
    for tags, block in file.columns.blocks.items():
        count = bisect_left(block.offsets, mark)
        counts.update((tag, counts.get(tag, 0) + count) for tag in tags)
        step = _highest_of(block, mark) if mark else LOWEST
        if step > LOWEST:
            found.update((tag, max(step, found.get(tag, LOWEST))) for tag in tags)
    return found


def _new(file: FileTail, mark: int) -> dict[str, Rows]:
    """The points of each tag behind a byte, in the order of writing."""
    found: dict[str, Rows] = {}
    parts: dict[str, list[int]] = {}
    for tags, block in file.columns.blocks.items():
        first = bisect_left(block.offsets, mark)
        if first == len(block.steps):
            continue
        steps, times = block.steps[first:].tolist(), block.wall_times[first:].tolist()
        offsets = block.offsets[first:].tolist()
        for place, tag in enumerate(tags):
            rows = found.setdefault(tag, Rows())
            rows.steps += steps
            rows.times += times
            rows.values += block.values[first * len(tags) + place :: len(tags)].tolist()
            parts.setdefault(tag, []).extend(offsets)
    return {tag: _ordered(rows, parts[tag]) for tag, rows in found.items()}


def _ordered(rows: Rows, offsets: list[int]) -> Rows:
    """A tag in changing company lies in several blocks: by offset it is one curve."""
    if not _descends(offsets):
        return rows
    order = sorted(range(len(offsets)), key=offsets.__getitem__)
    steps, times, values = rows.steps, rows.times, rows.values
    return Rows(0, [steps[at] for at in order], [times[at] for at in order], [values[at] for at in order])


def _descends(numbers: list[int]) -> bool:
    return any(later < earlier for earlier, later in pairwise(numbers))


def is_current(path: Path, events: Sequence[tuple[str, int, int]], cursor: str) -> bool:
    """Whether the event files of a folder end where `cursor` does, without reading them."""
    known = _known(cursor)
    if not known or {name for name, _, _ in events} != known.keys():
        return False
    return all(known[name] == (_identity(path / name, known[name][0]), size) for name, size, _ in events)


def _identity(path: Path, known: str) -> str:
    """The identity of a file, as far as it can be told without reading it."""
    try:
        return known if known.startswith(f"{path.stat().st_ino}-") else ""
    except OSError:
        return ""
