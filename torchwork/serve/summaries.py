"""A run as tables show it: quick from run.json, complete when its event files were read."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from torchwork.errors import RunFolderError
from torchwork.record import Log, RunFolder, RunInfo, RunSummary, flat, iso, measure
from torchwork.serve.listing import Folder, Stamp
from torchwork.serve.messages import Run, Status
from torchwork.serve.numbers import named

TIME = re.compile(r"tfevents\.(\d{9,11})\b")
STEPS, RECENT = "step/loss", 200
TORN = "not complete yet"
"""How a note ends that means nothing while somebody writes."""


@dataclass(frozen=True)
class Measured:
    """What the event files say, and as of which state of them."""

    events: tuple[Stamp, ...]
    summary: RunSummary
    settings: Mapping[str, Any]
    span: tuple[float, float] = (math.nan, math.nan)
    """of what was recorded, in seconds since 1970: the files' own times are those of copies, too"""
    rate: float | None = None
    epoch_seconds: float | None = None
    epoch_ended: float = math.nan
    """seconds since 1970"""
    step_seconds: float | None = None
    step_ended: float = math.nan
    """seconds since 1970"""


def measured(folder: Folder, log: Log) -> Measured:
    """The summary of what was read."""
    settings: dict[str, Any] = {}
    problems: list[str] = []
    if folder.info is None:
        try:
            settings = log.hparams
        except RunFolderError as error:
            problems.append(str(error))
    summary = measure(folder.path, log)
    ended = log["epoch"].wall_times[-1] if "epoch" in log and len(log["epoch"]) else math.nan
    notes = tuple(note for note in (*summary.notes, *problems) if folder.events)
    return Measured(
        folder.events,
        replace(summary, notes=notes),
        settings,
        log.span,
        _last(log, "time/rate"),
        _last(log, "time/epoch"),
        float(ended),
        *_pace(log),
    )


def _pace(log: Log) -> tuple[float | None, float]:
    """Seconds that one of the last steps took, as a rule: not the one that a pause lay before; when the last ended."""
    if STEPS not in log or len(series := log[STEPS]) < 2:
        return None, math.nan
    steps, times = series.steps[-RECENT:], series.wall_times[-RECENT:]
    made = np.diff(steps) > 0
    pace = float(np.median(np.diff(times)[made] / np.diff(steps)[made])) if made.any() else math.nan
    return (pace, float(times[-1])) if 0 <= pace < math.inf else (None, math.nan)


def _last(log: Log, tag: str) -> float | None:
    if tag not in log or not len(values := log[tag].values):
        return None
    return float(values[-1]) if math.isfinite(values[-1]) else None


@dataclass(frozen=True)
class Known:
    """What run.json says, as of which state of it; `problem` when it cannot be read."""

    stamp: Stamp | None
    info: RunInfo | None = None
    problem: str = ""


def known(folder: Folder) -> Known:
    """run.json as it is now."""
    if folder.info is None:
        return Known(None)
    try:
        return Known(folder.info, RunFolder(folder.path).info)
    except RunFolderError as error:
        return Known(folder.info, problem=str(error))


def status_of(folder: Folder, about: Known) -> Status:
    """What a run is doing now; only one that says it is running has to be looked at again and again."""
    if about.info is None:
        return "damaged" if folder.info else "unknown"
    if about.info.status != "running":
        return about.info.status  # type: ignore[return-value]
    try:
        return RunFolder(folder.path).status  # type: ignore[return-value]
    except (RunFolderError, OSError):
        return "damaged"


def run_of(folder: Folder, about: Known, seen: Measured | None, status: Status, root: Path) -> Run:
    """The row of a run; `seen` may be of an earlier state of its files, or None.

    What no message can hold, in the files of one run, costs its own row and not the table.
    """
    try:
        found = _run_of(folder, about, seen, status, root)
        found.model_dump_json()
    except (ValueError, ArithmeticError, TypeError, AttributeError, RecursionError) as error:
        why = f"its files cannot be shown: {str(error).partition(chr(10))[0]}; restore them, or remove the folder"
        found = Run(id=folder.id, name=folder.path.name, status="damaged", own=False, problems=[why])
    return found


def _run_of(folder: Folder, about: Known, seen: Measured | None, status: Status, root: Path) -> Run:
    head = _of_info(about.info) if about.info else _of_files(folder, seen, root)
    epochs = head["settings"].get("train.epochs")
    planned = epochs if isinstance(epochs, int) else None
    if seen:
        summary = seen.summary
        head |= {"epoch": summary.epochs, "step": summary.step, "rate": seen.rate}
        head |= {"last": named(summary.last), "best": named(summary.best)} if summary.step is not None else {}
        if status == "running":
            length = about.info.data.get("steps_per_epoch") if about.info else None
            head["seconds_left"] = seconds_left(seen, planned, length if isinstance(length, int) else None)
    problems = [note for note in (seen.summary.notes if seen else ()) if not (TORN in note and status == "running")]
    return Run(
        id=folder.id,
        status=status,
        own=about.info is not None,
        document=about.info is not None and folder.document,
        updated=iso(seen.span[1] if seen else math.nan) or (iso(folder.recorded) if about.info else ""),
        epochs=planned,
        problems=[*([about.problem] if about.problem else []), *problems],
        **head,
    )


def _of_info(info: RunInfo) -> dict[str, Any]:
    result = {name: value for name, value in info.result.items() if not name.startswith("best ")}
    return {
        "name": info.name,
        "started": info.created,
        "settings": flat(info.settings),
        "notes": info.notes,
        "tags": list(info.tags),
        "archived": info.archived,
        "error": info.error,
        "host": info.host,
        "command": list(info.command),
        "environment": info.environment,
        "last": named({name: math.nan if value is None else value for name, value in result.items()}),
    }


def _of_files(folder: Folder, seen: Measured | None, root: Path) -> dict[str, Any]:
    started = iso(seen.span[0]) if seen else ""
    if not started and folder.events:
        found = TIME.search(folder.events[0][0])
        started = iso(int(found[1])) if found else iso(folder.events[0][2] / 1e9)
    name = root.name if folder.id == "." else folder.id
    return {"name": name, "started": started, "settings": dict(seen.settings) if seen else {}}


def seconds_left(seen: Measured, epochs: int | None, steps_per_epoch: int | None = None) -> float | None:
    """Until the last planned epoch ends, at the pace of the last one; before the first has ended at that of its steps.

    It counts down between epochs too.
    """
    done, step = seen.summary.epochs, seen.summary.step
    if epochs is None:
        return None
    if done is not None and seen.epoch_seconds is not None:
        return _from_now((epochs - done) * seen.epoch_seconds, seen.epoch_ended)
    if steps_per_epoch is not None and step is not None and seen.step_seconds is not None:
        return _from_now((epochs * steps_per_epoch - step) * seen.step_seconds, seen.step_ended)
    return None


def _from_now(seconds: float, moment: float) -> float:
    since = time.time() - moment if math.isfinite(moment) else 0.0
    return max(seconds - max(since, 0.0), 0.0)
