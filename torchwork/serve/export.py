"""Tables and curves as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from torchwork.record import shortest, shortest_cell
from torchwork.serve.messages import Run
from torchwork.serve.workspace import Workspace

HEAD = ("name", "id", "status", "started", "updated", "epoch", "epochs", "step", "rate", "notes", "tags", "archived")
PIECE = 10_000  # points that are written together


def table(runs: Sequence[Run]) -> str:
    """One row for each run: what is known of it, its metrics, its settings; absent cells are empty."""
    rows = [_row(run) for run in runs]
    columns = list(dict.fromkeys([*HEAD, *(name for row in rows for name in row)]))
    return "".join(_lines([columns, *([_cell(row.get(name)) for name in columns] for row in rows)]))


def _row(run: Run) -> dict[str, Any]:
    head = {name: getattr(run, name) for name in HEAD} | {"tags": ", ".join(run.tags)}
    head["rate"] = shortest_cell(run.rate)
    last = {tag: shortest_cell(value) for tag, value in run.last.items()}
    best = {f"best {tag}": shortest_cell(value) for tag, value in run.best.items()}
    settings = {name: value for name, value in run.settings.items() if name not in HEAD}
    return {**head, **last, **best, **settings}


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def scalars(workspace: Workspace, runs: Sequence[str], tags: Sequence[str]) -> Iterator[str]:
    """Every point of the runs, of these tags or all, in pieces."""
    yield from _lines([["run", "tag", "step", "wall_time", "value"]])
    for run in runs:
        with workspace.reading(run) as tail:
            wanted = list(tags or tail.log.tags)
        while wanted:
            yield from _lines(_points(workspace, run, wanted))


def _points(workspace: Workspace, run: str, wanted: list[str]) -> list[list[Any]]:
    """The points of the first tags, which are taken from `wanted`: a few long curves, or many short ones."""
    rows: list[list[Any]] = []
    with workspace.reading(run) as tail:
        log = tail.log
        while wanted and len(rows) < PIECE:
            tag = wanted.pop(0)
            if tag in log:  # else another run has it
                series = log.scalars(tag)
                columns = (series.steps.tolist(), series.wall_times.tolist(), shortest(series.values))
                rows += [[run, tag, *row] for row in zip(*columns, strict=True)]
    return rows


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    yield text.getvalue()
