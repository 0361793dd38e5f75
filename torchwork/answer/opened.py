"""Runs and data that were opened, kept for the next question."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from torch import nn

from torchwork import data
from torchwork.build import make, make_task
from torchwork.engine import Task
from torchwork.errors import DocumentError, TorchworkError
from torchwork.graph import NEEDS_TRUST
from torchwork.result import Run

T = TypeVar("T")

KEPT = 2
"""So many models, and as many data sets, are kept in memory."""


@dataclass(frozen=True)
class OpenedRun:
    """A run with its best weights, ready to predict."""

    run: Run
    model: nn.Module
    task: Task
    preprocess: data.Preprocess


_runs: dict[tuple[object, ...], OpenedRun] = {}
_data: dict[tuple[object, ...], data.Bundle] = {}


def opened_run(folder: str) -> OpenedRun:
    """The run in `folder` with the weights that are its best now; TorchworkError where it cannot predict."""
    return _kept(_runs, (folder, *_times(Path(folder))), lambda: _open(folder))


def opened_data(run: Run) -> data.Bundle:
    """The data that a run was trained on, from where it was trained.

    Raises:
        TorchworkError: they are not there any more.
    """
    document, base = run.experiment, str(run.folder.info.data.get("folder", "."))
    key = (json.dumps(document.data.as_dict(), sort_keys=True), document.seed, base)
    return _kept(_data, key, lambda: data.open_data(document.data, seed=document.seed, base=Path(base)))


def _open(folder: str) -> OpenedRun:
    run = Run.open(folder)
    criterion = make("loss", run.experiment.loss, path="loss", scope=run.spec.symbols)
    task = make_task(run.experiment.task, criterion, run.spec)
    return OpenedRun(run, _model(run), task, data.Preprocess(run.experiment.data, run.spec))


def _model(run: Run) -> nn.Module:
    """The best weights; code of the document is not run here, where opening a page would be enough to run it."""
    try:
        return run.model()
    except DocumentError as error:
        if all(problem.fix != NEEDS_TRUST for problem in error.problems):
            raise
        raise TorchworkError(
            "this run has code of its own, which the page never runs; in a terminal `torchwork inspect`, "
            "`torchwork predict` and `torchwork doctor --try` do with --trust"
        ) from None


def _times(folder: Path) -> list[int]:
    """When the weights of a run have last changed."""
    places = [folder / "checkpoints", folder / "checkpoints" / "best.json"]
    return [place.stat().st_mtime_ns if place.exists() else 0 for place in places]


def _kept(kept: dict[tuple[object, ...], T], key: tuple[object, ...], make_it: Callable[[], T]) -> T:
    """What was made for this key, the last used at the end."""
    found = kept.pop(key) if key in kept else make_it()
    kept[key] = found
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)))
    return found
