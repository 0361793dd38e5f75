"""The runs of the opened folder: listed at once, measured in the background, followed when somebody looks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torchwork.errors import RunFolderError
from torchwork.record import Log, Tail
from torchwork.serve.following import Follower, Followers
from torchwork.serve.inside import run_folder
from torchwork.serve.listing import Folder, Lister, folder
from torchwork.serve.measuring import Measurer
from torchwork.serve.messages import Run
from torchwork.serve.notes import Notes
from torchwork.serve.polling import Poller
from torchwork.serve.refusal import NotFoundError
from torchwork.serve.summaries import Known, Measured, known, measured, run_of, status_of

RESTING, MOST_RESTING = 20.0, 10.0  # times what a scan took, and seconds, until the next one
REFRESH = 1.0  # seconds between two readings of the times left of a run


class Workspace:
    """All runs below `root`, also TensorBoard logs of others; safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.followers, self.poller, self._notes = Followers(self.root), Poller(), Notes(self.root)
        self._lister = Lister(self.root)
        self._known: dict[str, Known] = {}
        self._measurer = Measurer(self._measure)
        self._rows: dict[str, tuple[object, Run]] = {}
        self._listed: tuple[float, list[Run]] = (-1e9, [])
        self._took = 0.0  # seconds, the last scan
        self._scanning = threading.Lock()  # one scan at a time

    def runs(self, age: float = 0.0) -> list[Run]:
        """All runs, newest first, as they were at most `age` seconds ago.

        What their event files say is read in the background: until then only what run.json says stands there. The
        environment is left out: `run` has it. A run that has not changed is the same object as before. Where looking
        takes long, as with thousands of runs, an `age` above 0 becomes so much that it takes a twentieth of the time.
        """
        with self._scanning:
            begun = time.monotonic()
            if begun - self._listed[0] > (age and max(age, min(RESTING * self._took, MOST_RESTING))):
                self._listed = begun, self._scan()
                self._took = time.monotonic() - begun
            return list(self._listed[1])

    def one(self, run: str) -> Run:
        """One run with its environment; of a large one that is still being read, what is known so far.

        NotFoundError when it is not there.
        """
        found = self._folder(run)
        about, seen = known(found), self._measurer.soon(found)
        return run_of(found, about, seen, status_of(found, about), self.root).model_copy(update=self._noted(found))

    def run(self, run: str) -> Path:
        """The folder of a run. NotFoundError when it is not there or not inside the opened folder."""
        return run_folder(self.root, run)

    def follower(self, run: str) -> Follower:
        """The shared reader of a run's event files. NotFoundError when the run is not there."""
        return self.followers.get(self.run(run))

    @contextmanager
    def reading(self, run: str) -> Iterator[Tail]:
        """The run with all that is in its files now; see `Follower.reading`."""
        try:
            with self.follower(run).reading() as tail:
                yield tail
        except RunFolderError:
            self.run(run)  # gone meanwhile? that says more
            raise

    def listed(self, run: str) -> Folder:
        """What lies in the folder of a run. NotFoundError when it is none."""
        return self._folder(run)

    @property
    def busy(self) -> bool:
        """Whether event files are still being read for the table."""
        return self._measurer.busy

    def _folder(self, run: str) -> Folder:
        found = folder(self.root, self.run(run))
        if found is None:
            raise NotFoundError(f"{run!r} is no run: it has neither run.json nor event files")
        return found

    # The table.

    def _scan(self) -> list[Run]:
        found = {item.id: item for item in self._lister.folders()}
        rows = [self._row(item) for item in found.values()]
        for cache in (self._known, self._rows):
            for gone in cache.keys() - found.keys():
                del cache[gone]  # type: ignore[attr-defined]
        self._measurer.forget(found.keys())
        self._measurer.order(item for item in found.values() if not self._measurer.is_current(item))
        self.followers.sweep()
        return sorted(rows, key=lambda run: (run.started, run.name), reverse=True)

    def _noted(self, item: Folder) -> dict[str, Any]:
        """What a person has noted on a run of others; ours keep it in run.json."""
        return {} if item.info else self._notes.of(item.id)

    def _row(self, item: Folder) -> Run:
        about = self._known.get(item.id)
        if about is None or about.stamp != item.info:
            about = self._known[item.id] = known(item)
        seen = self._measurer.get(item.id)
        status = status_of(item, about)
        tick = int(time.monotonic() / REFRESH) if status == "running" else 0  # the time left goes on
        noted = self._noted(item)
        key = (item, about, seen, status, tick, noted)
        kept = self._rows.get(item.id)
        if kept and kept[0] == key:
            return kept[1]
        row = run_of(item, about, seen, status, self.root).model_copy(update={"environment": {}, **noted})
        if kept and kept[1] == row:
            row = kept[1]
        self._rows[item.id] = key, row
        return row

    def _measure(self, item: Folder) -> Measured:
        """Reads a run; it stays in memory for a while, for whoever saw it in the table may look at it next."""
        try:
            with self.followers.get(item.path).reading() as tail:
                return measured(item, tail.log)
        except Exception as error:  # the thread must live: the row says what happened
            empty = measured(replace(item, info=None), Log([]))
            reason = str(error) or repr(error)
            return replace(empty, events=item.events, summary=replace(empty.summary, notes=(reason,)))
