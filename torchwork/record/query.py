"""Tables over many runs: what is in a directory, how runs differ, and how they ended."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from torchwork.errors import RunFolderError
from torchwork.record.folder import RunFolder
from torchwork.record.info import without_nan
from torchwork.record.log import Log
from torchwork.record.reader import event_files, read_run
from torchwork.record.shortest import shortest_cell

FOREIGN = "unknown"  # the status of a folder with only someone's event files
HEAD = ("name", "id", "status", "started", "epochs", "step")  # columns that no setting may hide
DAMAGED = "damaged"
SKIPPED = {".git", ".torchwork", ".venv", "__pycache__", "node_modules"}
SMALLER = ("loss", "error", "mae", "mse", "rmse", "perplexity", "nll")
LARGER = ("acc", "f1", "auc", "iou", "dice", "precision", "recall", "r2", "map", "score", "psnr", "ssim")


@dataclass(frozen=True)
class RunSummary:
    """One run as tables show it: `last` and `best` hold its per-epoch metrics, `step` the last step recorded."""

    path: Path
    id: str
    name: str
    status: str
    started: str = ""  # ISO 8601, UTC
    epochs: int | None = None
    step: int | None = None
    last: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """The run as one flat row."""
        head = {name: getattr(self, name) for name in HEAD}
        return {**head, **self.metrics(), **{name: value for name, value in self.settings.items() if name not in HEAD}}

    def metrics(self) -> dict[str, float]:
        """Last metrics under their tags, best ones as `best <tag>`."""
        return {**self.last, **{f"best {tag}": value for tag, value in self.best.items()}}


@dataclass(frozen=True)
class Table:
    """Rows with named columns, some of them `metrics`; a cell that a run does not have is absent from its row."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    metrics: frozenset[str] = frozenset()

    def to_csv(self) -> str:
        """The table as CSV with a header; absent cells are empty."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._written())
        return text.getvalue()

    def to_json(self) -> str:
        """The table as a JSON list of objects; NaN, infinities and absent cells are null."""
        rows = [{name: row.get(name) for name in self.columns} for row in self._written()]
        return json.dumps(without_nan(rows), indent=1, ensure_ascii=False, allow_nan=False, default=str)

    def _written(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            yield {name: shortest_cell(value) if name in self.metrics else value for name, value in row.items()}


def runs(directory: str | os.PathLike[str]) -> list[RunSummary]:
    """All runs below `directory`, oldest first: run folders, and folders that hold only someone's event files.

    A run that cannot be read is listed with the reason in its `notes`. RunFolderError without such a directory.
    """
    if not Path(directory).is_dir():
        raise RunFolderError(
            f"there is no folder {directory}; `torchwork train` makes one, or give the folder that holds the runs"
        )
    found = [_named(_readable(path), Path(directory)) for path in _run_folders(Path(directory))]
    return sorted(found, key=lambda run: (run.started, run.name))


def summarize(path: str | os.PathLike[str]) -> RunSummary:
    """The summary of one folder; RunFolderError when it holds neither a run nor event files."""
    path = Path(path)
    log = read_run(path)
    run = measure(path, log)
    if not (path / "run.json").exists():
        return _foreign(run, log)
    try:
        folder = RunFolder.open(path)
        info = folder.info
    except RunFolderError as error:
        return replace(run, status=DAMAGED, notes=(str(error),))
    return replace(run, id=info.id, status=folder.status, started=info.created, settings=flat(info.settings))


def measure(path: Path, log: Log) -> RunSummary:
    """What the event files alone say of a run."""
    # A tag of which a resume replaced every point is there without any.
    metrics = {tag: values for tag in _metric_tags(log) if len(values := log[tag].values)}
    epochs = log["epoch"].values[-1] if "epoch" in log and len(log["epoch"]) else math.nan
    return RunSummary(
        path,
        id="",
        name=path.absolute().name,
        status=FOREIGN,
        started=iso(log.began),
        epochs=int(epochs) if math.isfinite(epochs) else None,
        step=max((int(steps[-1]) for tag in log.tags if len(steps := log[tag].steps)), default=None),
        last={tag: float(values[-1]) for tag, values in metrics.items()},
        best={tag: best for tag, values in metrics.items() if (best := _best(tag, values)) is not None},
        notes=tuple(log.notes),
    )


def table(summaries: Iterable[RunSummary]) -> Table:
    """One row for each run with its metrics; of the settings only those that differ."""
    listed = list(summaries)
    return _table([run.row() for run in listed], listed)


def compare(paths: Iterable[RunSummary | str | os.PathLike[str]]) -> Table:
    """Runs side by side: the settings that differ first, then last and best metrics."""
    listed = [run if isinstance(run, RunSummary) else summarize(run) for run in paths]
    differing = differences(listed)
    rows = []
    for run in listed:
        settings = {name: run.settings.get(name) for name in differing if name not in HEAD}
        rows.append({"name": run.name, "status": run.status, "epochs": run.epochs, **settings, **run.metrics()})
    return _table(rows, listed)


def differences(summaries: Sequence[RunSummary]) -> list[str]:
    """The settings that are not the same in all runs, in the order in which they first appear."""
    names = dict.fromkeys(name for run in summaries for name in run.settings)
    return [name for name in names if len({json.dumps(run.settings.get(name), default=str) for run in summaries}) > 1]


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted names."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        nested = isinstance(value, Mapping) and value
        found.update(flat(value, f"{prefix}{name}.") if nested else {f"{prefix}{name}": value})
    return found


def _table(rows: Sequence[Mapping[str, Any]], summaries: Sequence[RunSummary]) -> Table:
    same = {name for run in summaries for name in run.settings} - {*differences(summaries), *HEAD}
    kept = [{name: value for name, value in row.items() if name not in same} for row in rows]
    columns = tuple(dict.fromkeys(name for row in kept for name in row))
    return Table(columns, tuple(kept), frozenset(name for run in summaries for name in run.metrics()))


def _run_folders(directory: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(directory):
        folders[:] = sorted(set(folders) - SKIPPED)
        if "run.json" in files:
            folders.clear()  # what lies in a run belongs to it
            yield Path(place)
        elif any("tfevents" in name for name in files) and event_files(Path(place)):
            yield Path(place)


def _readable(path: Path) -> RunSummary:
    try:
        return summarize(path)
    except RunFolderError as error:
        return RunSummary(path, "", path.name, DAMAGED, notes=(str(error),))


def _named(run: RunSummary, directory: Path) -> RunSummary:
    """Folders of others are often called `train`: their path below `directory` says more."""
    below = run.path.relative_to(directory).as_posix()
    return replace(run, name=below) if below != "." else run


def iso(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601; empty for what is no time, which damaged or careless files hold."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return ""


def _foreign(run: RunSummary, log: Log) -> RunSummary:
    if not event_files(run.path):
        raise RunFolderError(f"{run.path} holds neither run.json nor event files; `torchwork runs` lists what there is")
    return replace(run, settings=log.hparams)


def _metric_tags(log: Log) -> list[str]:
    """The per-epoch tags of our runs, every tag of others': all but what is recorded per step, clock and machine."""
    return [tag for tag in log.tags if not tag.startswith(("step/", "time/", "system/")) and tag != "epoch"]


def _best(tag: str, values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    """The best finite value, where the name says which way is better."""
    name = tag.rpartition("/")[2].lower()
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    if any(word in name for word in SMALLER):
        return float(finite.min())
    return float(finite.max()) if any(word in name for word in LARGER) else None
