"""Questions that nobody waits for any more: they end at the next module that is called."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TextIO

from torch.nn.modules.module import register_module_forward_pre_hook

LEAVE = '{"leave": '
"""how the line begins that gives a question up, by its number"""


class LeftError(BaseException):
    """The question was given up; no Exception, for nothing that catches those may go on."""


class Questions:
    """The lines of a pipe, read in a thread, so that a question can be given up while it is answered."""

    def __init__(self, lines: TextIO) -> None:
        self._lines, self._queue = lines, SimpleQueue[str | None]()
        self._left = 0
        threading.Thread(target=self._read, name="torchwork-questions", daemon=True).start()

    def __iter__(self) -> Iterator[str]:
        """The questions in their order, until the pipe is closed."""
        while (line := self._queue.get()) is not None:
            yield line

    @contextmanager
    def answering(self, number: int) -> Iterator[None]:
        """What runs here ends with LeftError when the question of that number is given up.

        Every module of torch looks whether it was: what runs a network is prepared for failures there, and leaves no
        trace; nowhere else is anything broken off.
        """

        def look(*_: Any) -> None:
            if number <= self._left:
                raise LeftError

        handle = register_module_forward_pre_hook(look)
        try:
            yield
        finally:
            handle.remove()

    def _read(self) -> None:
        for line in self._lines:
            if line.startswith(LEAVE):
                self._left = max(self._left, int(json.loads(line)["leave"]))
            else:
                self._queue.put(line)
        self._queue.put(None)
