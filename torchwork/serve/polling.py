"""Looks at the files of watched runs many times a second, in one thread for all pages."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

INTERVAL = 0.025  # seconds between looks at files that are being written
RESCAN = 1.0  # seconds between looks at all others
ACTIVE = 600.0  # seconds since the last write
SETTLED = 0.1  # seconds between a folder's last change and a list of it that has everything
MOST = 8  # files looked at each time: those written last; the others when the folder is listed again
CONSOLE = "console.log"

Listener = Callable[[Path], object]
Stamp = tuple[int, int]  # size, time of change in ns
State = dict[str, Stamp] | None


class Watched:
    """One folder: `changed` says whether its event files or its console are others than at the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: list[str] = []
        self._others: dict[str, Stamp] = {}
        self._folder, self._listed = -1, 0.0
        self._due = 0.0
        self._active = True
        self._state: State | Literal["unseen"] = "unseen"

    def changed(self, now: float) -> bool:
        """Looks, if it is time to."""
        if not self._active and now < self._due:
            return False
        self._due = now + RESCAN
        state = self._look()
        changed, self._state = state != self._state, state
        newest = max((mtime for _, mtime in (state or {}).values()), default=0) / 1e9
        self._active = time.time() - newest < ACTIVE
        return changed

    def _look(self) -> State:
        try:
            folder = self._path.stat().st_mtime_ns
            now = time.time()
            # A file that comes within the same tick of the clock does not change the folder's time: list it again.
            if folder != self._folder or self._listed - folder / 1e9 < SETTLED or now - self._listed > RESCAN:
                self._list()
                self._folder, self._listed = folder, now
        except OSError:
            self._folder = -1
            return None
        return self._others | {name: self._stamp(name) for name in self._latest}

    def _list(self) -> None:
        names = [name for name in os.listdir(self._path) if "tfevents" in name]  # noqa: PTH208
        found = {name: self._stamp(name) for name in names}
        latest = sorted(names, key=lambda name: found[name][1])[-MOST:]
        self._latest = [*latest, CONSOLE]
        self._others = {name: found[name] for name in names if name not in latest}

    def _stamp(self, name: str) -> Stamp:
        try:
            status = (self._path / name).stat()
        except OSError:
            return -1, 0
        return status.st_size, status.st_mtime_ns


class Poller:
    """Tells listeners which of the folders they watch have changed, from a thread that lives while there are any."""

    def __init__(self) -> None:
        self._listeners: dict[Listener, frozenset[Path]] = {}
        self._watched: dict[Path, Watched] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, listener: Listener, paths: Collection[Path]) -> None:
        """Tell `listener` of these folders, and of no others any more; with none it is forgotten."""
        with self._lock:
            self._listeners.pop(listener, None)
            if paths:
                self._listeners[listener] = frozenset(paths)
            wanted = frozenset[Path]().union(*self._listeners.values())
            self._watched = {path: self._watched.get(path) or Watched(path) for path in wanted}
            if wanted and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="torchwork-poll", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                watched, listeners = self._watched, list(self._listeners.items())
                if not watched:
                    self._thread = None
                    return
            begun = time.monotonic()
            for path, item in watched.items():
                if item.changed(begun):
                    for listener, paths in listeners:
                        if path in paths:
                            listener(path)
            # Many folders, or a slow disk: looking must not take more than a fifth of the time.
            time.sleep(max(INTERVAL, 4 * (time.monotonic() - begun)))
