"""The event files of runs in memory, shared by all pages: those used last stay, up to a budget."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torchwork.record import Tail

BUDGET = 200 << 20  # bytes of columns; what is beyond is read again when someone asks
IDLE = 120.0  # seconds without use


class Follower:
    """One run's event files, read as far as they go; one thread at a time."""

    def __init__(self, path: Path, within: Path | None = None) -> None:
        self.path = path
        self.used, self.size = time.monotonic(), 0
        self._tail, self._lock = Tail(path, within), threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Tail]:
        """The run with all that is in its files now; RunFolderError when the folder is gone.

        What it holds grows under a reader's hands, so it must not be kept beyond the `with`.
        """
        with self._lock:
            self._tail.poll()
            self.used = time.monotonic()
            try:
                yield self._tail
            finally:
                self.size = sum(file.columns.size for file in self._tail.files)


class Followers:
    """The follower of each run that is in use; no event file outside of `within` is read."""

    def __init__(self, within: Path | None = None, budget: int = BUDGET, idle: float = IDLE) -> None:
        self._within, self._budget, self._idle = within, budget, idle
        self._kept: dict[Path, Follower] = {}
        self._lock = threading.Lock()

    def get(self, path: Path) -> Follower:
        """The follower of a run; the least used ones are forgotten when they take too much memory together."""
        with self._lock:
            found = self._kept.pop(path, None) or Follower(path, self._within)
            self._forget()
            self._kept[path] = found  # the last in order is the one used last
            return found

    def has(self, path: Path) -> bool:
        """Whether a run is in memory."""
        return path in self._kept

    def sweep(self) -> None:
        """Forget what nobody used for minutes."""
        with self._lock:
            self._forget()

    @property
    def size(self) -> int:
        """Bytes of memory that all runs take, roughly."""
        return sum(follower.size for follower in list(self._kept.values()))

    def _forget(self) -> None:
        now, size = time.monotonic(), self.size  # once: with thousands of runs a sum for each takes minutes in all
        for path, follower in list(self._kept.items()):
            if size > self._budget or now - follower.used > self._idle:
                del self._kept[path]
                size -= follower.size
