"""Which columns of a table a terminal shows: what tells runs apart and how they ended, as far as it is wide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

if TYPE_CHECKING:
    from torchwork.record import Table

FIRST, LAST = ("name", "status"), ("epochs", "started", "step")
"""What of every run is shown before and behind its settings and results, where there is room."""
HIDDEN = (
    "id", "best train/", "weights/", "gradients/", "gradient_norm/", "weight_norm/", "update_ratio/", "dead_units/",
    "output_mean/", "output_std/", "output_zeros/", "output_saturated/", "layer_time/", "layer_memory/",
)  # fmt: skip
"""Columns that JSON and CSV have and a person does not need here: `torchwork inspect` shows the numbers of layers."""
SMALLEST_SHARE = 0.25
"""Of the runs with any metric: one that fewer have is left out."""
BETWEEN = 3  # characters between two columns
HELD_OUT = re.compile(r"val|test|eval", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """The columns that fit, in their order, and how many settings and metrics do not stand there."""

    shown: tuple[str, ...]
    left_out: int


def choose(table: Table, width: int, text: Callable[[str, Any], str]) -> Choice:
    """The columns for a terminal of `width` characters, in which `text` shows a cell."""
    filled = [
        name
        for name in table.columns
        if not name.startswith(HIDDEN) and any(row.get(name) is not None for row in table.rows)
    ]
    settings = _settings(table, filled)
    metrics = _metrics(table, filled)
    sizes = {
        name: max(cell_len(name), *(cell_len(text(name, row.get(name))) for row in table.rows)) + BETWEEN
        for name in filled
    }
    taken = set(_taken(filled, settings, metrics, sizes, width + BETWEEN))
    order = [*(name for name in filled if name in (*FIRST, *LAST)), *settings, *metrics]
    shown = tuple(name for name in order if name in taken)
    of_runs = [name for name in filled if name in settings or name in table.metrics]
    return Choice(shown, sum(name not in taken for name in of_runs))


def _taken(
    filled: Sequence[str], settings: Sequence[str], metrics: Sequence[str], sizes: Mapping[str, int], room: int
) -> Iterator[str]:
    """What has room: the main result before all else, settings in half of what is left, then the other results."""
    first = [name for name in FIRST if name in filled]
    room -= sum(sizes[name] for name in first)
    yield from first
    last = [name for name in LAST if name in filled]
    for names, most in ((metrics[:1], room), (settings, room // 2), (last, room), (metrics[1:], room)):
        for name in names:
            if sizes[name] <= min(room, most):
                room, most = room - sizes[name], most - sizes[name]
                yield name


def _settings(table: Table, filled: Sequence[str]) -> list[str]:
    """The settings that differ between the runs that have any, those with most to tell first."""
    names = [name for name in filled if name not in table.metrics and name not in (*FIRST, *LAST)]
    told = [row for row in table.rows if any(row.get(name) is not None for name in names)]
    counts = {name: _count(told, name) for name in names}
    values = {name: len({str(row[name]) for row in told if row.get(name) is not None}) for name in names}
    names.sort(key=lambda name: (values[name] == 1, -counts[name]))
    return [name for name in names if values[name] > 1 or counts[name] < len(told)]


def _metrics(table: Table, filled: Sequence[str]) -> list[str]:
    """The metrics that enough runs have, the main result first: the best value on data that were not trained on."""
    metrics = [name for name in filled if name in table.metrics]
    measured = sum(any(row.get(name) is not None for name in metrics) for row in table.rows)
    counts = {name: _count(table.rows, name) for name in metrics}

    def rank(name: str) -> tuple[int, bool, bool, int]:
        rare = -counts[name] if 2 * counts[name] < measured else -measured
        return rare, not HELD_OUT.search(name), not name.startswith("best "), -counts[name]

    metrics.sort(key=rank)
    return [name for name in metrics if counts[name] >= SMALLEST_SHARE * measured or name == metrics[0]]


def _count(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(row.get(name) is not None for row in rows)
