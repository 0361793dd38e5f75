"""What a run measured: curves as arrays, everything else as items that are decoded when asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from torchwork.errors import RunFolderError, nearest
from torchwork.record.columns import Block, Columns
from torchwork.record.decode import Item

Overlap = Literal["last", "both"]
Segment = tuple[NDArray[np.int64], int | None]  # steps in the order of writing; the step of their START


@dataclass(frozen=True)
class Series:
    """A curve: `steps` int64, `wall_times` (seconds since 1970) and `values` float64, all [n]."""

    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)


class Log:
    """The content of a run's event files in the order of their names.

    `records` counts what was read, `skipped` what was damaged, `notes` says what a person should know of the files.
    Where files overlap because a run was resumed, the last writer wins: points from the resumed step on are dropped
    from what was written before. `overlap="both"` keeps all points in the order in which they were written.
    """

    def __init__(self, files: Sequence[Columns], records: int = 0, skipped: int = 0, notes: Sequence[str] = ()) -> None:
        self._files = list(files)
        self.records, self.skipped, self.notes = records, skipped, list(notes)

    @property
    def tags(self) -> list[str]:
        """The tags of all curves, sorted."""
        return sorted({tag for file in self._files for tag in file.of_tag})

    @property
    def written(self) -> list[str]:
        """The same in the order in which they first came, which for layers is that of the network."""
        return list(dict.fromkeys(tag for file in self._files for tag in file.of_tag))

    @property
    def kinds(self) -> dict[str, str]:
        """The tags of everything that is not a scalar, with its kind."""
        return {tag: items[0].kind for file in self._files for tag, items in sorted(file.items.items())}

    @property
    def began(self) -> float:
        """When the first scalar was recorded, in seconds since 1970; NaN without any."""
        return min((block.wall_times[0] for file in self._files for block in file.blocks.values()), default=math.nan)

    @property
    def span(self) -> tuple[float, float]:
        """When the first and the last of everything was recorded, in seconds since 1970; NaN without any."""
        times = [block.wall_times[end] for file in self._files for block in file.blocks.values() for end in (0, -1)]
        times += [items[end].wall_time for file in self._files for items in file.items.values() for end in (0, -1)]
        known = [float(time) for time in times if math.isfinite(time) and time > 0]
        return min(known, default=math.nan), max(known, default=math.nan)

    def count(self, tag: str) -> int:
        """How many points of a tag were recorded, those that a resume replaced too."""
        return sum(len(block.steps) for file in self._files for block in file.of_tag.get(tag, ()))

    @property
    def latest(self) -> dict[str, tuple[int, float]]:
        """Step and value of each tag as it was written last, without a look at what came before."""
        found: dict[str, tuple[int, float]] = {}
        for file in self._files:
            for block in sorted(file.blocks.values(), key=lambda block: block.offsets[-1]):
                row = block.values[-len(block.tags) :]
                found.update((tag, (block.steps[-1], value)) for tag, value in zip(block.tags, row, strict=True))
        return found

    def __contains__(self, tag: object) -> bool:
        return any(tag in file.of_tag for file in self._files)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tags)

    def __getitem__(self, tag: str) -> Series:
        return self.scalars(tag)

    def scalars(self, tag: str, overlap: Overlap = "last") -> Series:
        """The curve of a tag, by step with `last`, in the order of writing with `both`. RunFolderError without it."""
        if tag not in self:
            hint = nearest(tag, self.tags) or f"there are {', '.join(self.tags[:8]) or 'no curves'}"
            raise RunFolderError(f"nothing was recorded as {tag!r}; {hint}")
        rows = [row for file in self._files for row in _rows(file, tag)]
        steps, wall_times, values = (np.concatenate([row[column] for row in rows]) for column in range(3))
        if overlap == "both":
            return Series(steps, wall_times, values)
        kept = _last([(row[0], row[3]) for row in rows])
        order = kept[np.argsort(steps[kept], kind="stable")]
        return Series(steps[order], wall_times[order], values[order])

    def items(self, tag: str, overlap: Overlap = "last") -> list[Item]:
        """The histograms, images, texts... of a tag, ready to `read`; empty when there are none."""
        segments: list[Segment] = []
        found: list[Item] = []
        for file in self._files:
            items = file.items.get(tag, [])
            offsets = np.array([item.offset for item in items], np.int64)
            steps = np.array([item.step for item in items], np.int64)
            segments.extend((steps[part], start) for part, start in _segments(file, offsets))
            found.extend(items)
        if overlap == "both" or not found:
            return found
        return sorted((found[place] for place in _last(segments)), key=lambda item: item.step)

    @property
    def hparams(self) -> dict[str, Any]:
        """The settings in the hparams of the event files; the last ones where there are several."""
        found: dict[str, Any] = {}
        for file in self._files:
            for items in file.items.values():
                for item in items:
                    found = (item.kind == "hparams" and item.read()) or found
        return found


def _rows(file: Columns, tag: str) -> Iterator[tuple[NDArray[Any], NDArray[Any], NDArray[Any], int | None]]:
    """Steps, times and values of a tag in the order of writing, for each segment of a file with its START."""
    columns = [_column(block, tag) for block in file.of_tag.get(tag, ())] or [[np.zeros(0, np.int64)] * 4]
    steps, wall_times, values, offsets = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    if len(columns) > 1:
        order = np.argsort(offsets, kind="stable")
        steps, wall_times, values, offsets = steps[order], wall_times[order], values[order], offsets[order]
    for part, start in _segments(file, offsets):
        yield steps[part], wall_times[part], values[part], start


def _column(block: Block, tag: str) -> list[NDArray[Any]]:
    # Copies, for a view would keep the arrays from growing.
    values = np.frombuffer(block.values)[block.tags.index(tag) :: len(block.tags)].copy()
    return [np.array(block.steps), np.array(block.wall_times), values, np.array(block.offsets)]


def _segments(file: Columns, offsets: NDArray[np.int64]) -> Iterator[tuple[slice, int | None]]:
    """The parts of a file that a SessionLog START separates, each with the step of its START."""
    bounds = [0, *np.searchsorted(offsets, [offset for offset, _ in file.starts]).tolist(), len(offsets)]
    starts = [None, *(step for _, step in file.starts)]
    for (begin, end), start in zip(pairwise(bounds), starts, strict=True):
        yield slice(begin, end), start


def _last(segments: Sequence[Segment]) -> NDArray[np.intp]:
    """The places of the points that no later segment replaces.

    A segment replaces everything from the step of its START on; without a START, from its own first step on.
    """
    kept = []
    limit = np.iinfo(np.int64).max
    for steps, start in reversed(segments):
        kept.append(steps < limit if limit != np.iinfo(np.int64).max else np.ones(len(steps), bool))
        first = start if start is not None else int(steps.min()) if len(steps) else limit
        limit = min(limit, first)
    return np.flatnonzero(np.concatenate(kept[::-1]))
