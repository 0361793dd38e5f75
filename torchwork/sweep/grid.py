"""The Cartesian product of settings, one run each."""

from __future__ import annotations

import csv
import io
import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torchwork.errors import RunFolderError
from torchwork.record import RunFolder, describe_environment, log_console
from torchwork.sweep.tracker import Tracker


def product(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every combination of the settings whose values are lists or tuples; other values are the same in all."""
    axes = {name: values if isinstance(values, list | tuple) else [values] for name, values in settings.items()}
    empty = [name for name, values in axes.items() if not values]
    if empty:
        raise RunFolderError(f"the setting {empty[0]} has no values; give at least one")
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


class Runs:
    """Iterates over runs, each a `Tracker` in a folder of its own; afterwards it holds the rows of all epochs."""

    def __init__(self, folder: str | Path, name: str, settings: Mapping[str, Any]) -> None:
        self.folder, self.name = Path(folder), name
        self.combinations = product(settings)
        self.rows: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self.combinations)

    def __iter__(self) -> Iterator[Tracker]:
        for number, settings in enumerate(self.combinations, 1):
            folder = RunFolder.create(
                self.folder, self.name, status="running", settings=settings, environment=describe_environment()
            )
            with folder.lock(), log_console(folder.path / "console.log"):
                yield from self._one(folder, settings, number)

    def _one(self, folder: RunFolder, settings: Mapping[str, Any], number: int) -> Iterator[Tracker]:
        run = Tracker(folder, settings)
        error: BaseException | None = None
        try:
            yield run
        except BaseException as raised:
            error = raised
            raise
        finally:
            run._finish(error)
            self.rows += [{"run": folder.path.name, **row} for row in run.results]
            self._say(run, settings, number)

    def _say(self, run: Tracker, settings: Mapping[str, Any], number: int) -> None:
        described = ", ".join(f"{name}={value}" for name, value in settings.items())
        print(f"run {number} of {len(self)} ({described}): {run._told()}", file=sys.stderr)

    def to_csv(self, path: str | Path | None = None) -> str:
        """All epochs of all runs as CSV, one row each; also written to `path`."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(
            text, list(dict.fromkeys(name for row in self.rows for name in row)), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(self.rows)
        return _written(text.getvalue(), path)

    def to_json(self, path: str | Path | None = None) -> str:
        """All epochs of all runs as JSON, one object each; also written to `path`."""
        return _written(json.dumps(self.rows, indent=1, default=str), path)


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        Path(path).write_text(text, "utf-8")
    return text


def runs(folder: str | Path = "runs", name: str = "run", /, **settings: Any) -> Runs:
    """One run for each combination of the settings: `for run in runs(lr=[0.1, 0.01], batch_size=[100, 1000])`.

    Each run is a folder `<name>-<n>` in `folder`, whose settings are the attributes of the tracker that the loop gets.
    """
    return Runs(folder, name, settings)
