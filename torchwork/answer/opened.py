"""Runs and data that were opened, kept for the next question."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from torchwork import data
from torchwork.errors import DocumentError, TorchworkError
from torchwork.explained import Subject
from torchwork.graph import NEEDS_TRUST
from torchwork.result import Run

T = TypeVar("T")

KEPT = 2
"""So many models, and as many data sets, are kept in memory."""


@dataclass(frozen=True)
class OpenedRun(Subject):
    """A run with its best weights, ready to predict."""

    run: Run = field(kw_only=True)


_runs: dict[tuple[object, ...], OpenedRun] = {}
_data: dict[tuple[object, ...], data.Bundle] = {}


def opened_run(folder: str) -> OpenedRun:
    """The run in `folder` with the weights that are its best now; TorchworkError where it cannot predict."""
    return _kept(_runs, (folder, *_times(Path(folder))), lambda: _open(folder))


def opened_data(run: Run) -> data.Bundle:
    """The data that a run was trained on, from where it was trained.

    Raises:
        DataError: they are not there any more.
    """
    document = run.experiment
    key = (json.dumps(document.data.as_dict(), sort_keys=True), document.seed, run.folder.base)
    return _kept(_data, key, run.bundle)


def _open(folder: str) -> OpenedRun:
    """Code of the document is not run here, where opening a page would be enough to run it."""
    run = Run.open(folder)
    try:
        return OpenedRun(**vars(run.subject()), run=run)
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
