"""Reads the event files of runs in the background: newest first, and large ones where no other has to wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable

from torchwork.serve.listing import Folder
from torchwork.serve.summaries import Measured

LARGE = 16 << 20  # bytes of event files that nobody waits for
PATIENCE = 5.0  # seconds to wait for a smaller run: those that are read before it are small too


class Measurer:
    """What the event files of runs say, as far as it is known; safe to use from several threads."""

    def __init__(self, measure: Callable[[Folder], Measured]) -> None:
        self._measure = measure
        self._found: dict[str, Measured] = {}
        self._lanes = Lane("small"), Lane("large")
        self._changed = threading.Condition()

    def get(self, run: str) -> Measured | None:
        """What is known of a run, maybe of an earlier state of its files."""
        return self._found.get(run)

    def is_current(self, item: Folder) -> bool:
        """Whether a run is known as it is now."""
        seen = self._found.get(item.id)
        return seen is not None and seen.events == item.events

    def order(self, items: Iterable[Folder]) -> None:
        """Read these and no others; what is being read is read to its end."""
        wanted = sorted(items, key=lambda item: item.changed)
        with self._changed:
            for large, lane in enumerate(self._lanes):
                lane.waiting = {item.id: item for item in wanted if _is_large(item) == bool(large)}
                self._start(lane)

    def soon(self, item: Folder) -> Measured | None:
        """What a run says now; of a large one what is known, while it is read."""
        if self.is_current(item):
            return self.get(item.id)
        large = _is_large(item)
        with self._changed:
            lane, before = self._lanes[large], self._found.get(item.id)
            lane.waiting.pop(item.id, None)
            lane.waiting[item.id] = item  # the last in order is read next
            self._start(lane)
            if not large:
                self._changed.wait_for(lambda: self._found.get(item.id) is not before, PATIENCE)
            return self._found.get(item.id)

    def forget(self, runs: Collection[str]) -> None:
        """Forget all but these."""
        with self._changed:
            for gone in self._found.keys() - runs:
                del self._found[gone]

    @property
    def busy(self) -> bool:
        """Whether anything is still being read."""
        return any(lane.reading for lane in self._lanes)

    def _start(self, lane: Lane) -> None:
        if lane.waiting and not lane.reading:
            lane.reading = True
            threading.Thread(target=self._read, args=(lane,), name=f"torchwork-{lane.name}", daemon=True).start()

    def _read(self, lane: Lane) -> None:
        while True:
            with self._changed:
                if not lane.waiting:
                    lane.reading = False
                    return
                _, item = lane.waiting.popitem()
            found = self._measure(item)
            with self._changed:
                self._found[item.id] = found
                self._changed.notify_all()


class Lane:
    """Runs that one thread reads, the last one first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: dict[str, Folder] = {}
        self.reading = False


def _is_large(item: Folder) -> bool:
    return sum(size for _, size, _ in item.events) > LARGE
