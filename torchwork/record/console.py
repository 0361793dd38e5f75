"""`console.log`: what is printed while a run is active, without the redrawing of progress bars."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from torchwork.errors import RunFolderError

ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
CURSOR_UP = re.compile(r"\x1b\[\d*[AF]")  # what redraws several lines begins by going up
LONGEST = 1 << 16  # characters of a line without an end


class LineFile:
    """The file that several streams write their lines to; a full disk ends the log, never the program."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file: TextIO | None = path.open("a", encoding="utf-8", errors="replace", newline="\n")

    def line(self, text: str) -> None:
        with self._lock:
            if self._file:
                try:
                    self._file.write(text + "\n")
                    self._file.flush()
                except OSError:
                    self._file = None

    def close(self) -> None:
        with self._lock:
            file, self._file = self._file, None
            if file:
                file.close()


class Tee:
    """A text stream that also writes whole lines to the log; everything else is the wrapped stream's."""

    def __init__(self, stream: TextIO, log: LineFile) -> None:
        self._stream, self._log, self._rest = stream, log, ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write to the wrapped stream, and what ends lines to the log."""
        count = self._stream.write(text)
        if CURSOR_UP.search(text):
            self._rest = ""  # several lines are drawn again: none of them is new
        else:
            *lines, rest = (self._rest + text).split("\n")
            for line in lines:
                self._log.line(shown(line))
            drawn = rest.rfind("\r", 0, len(rest) - 1) + 1  # a last one may be half of a line end
            self._rest = rest[drawn:][-LONGEST:]
        return count

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def finish(self) -> None:
        """Log what stands in the last line, if anything does."""
        if rest := shown(self._rest):
            self._log.line(rest)
        self._rest = ""


def shown(line: str) -> str:
    """What a terminal shows of a line in the end: behind the last carriage return, without escape sequences."""
    return ESCAPE.sub("", line.rstrip("\r").rpartition("\r")[2])


@contextmanager
def log_console(path: str | os.PathLike[str]) -> Iterator[None]:
    """Append what goes to sys.stdout and sys.stderr to the file `path` while active. RunFolderError if it cannot."""
    try:
        log = LineFile(Path(path))
    except OSError as error:
        raise RunFolderError(f"cannot write {path}: {error.strerror}; choose a folder that can be written") from error
    streams = sys.stdout, sys.stderr
    tees = [Tee(stream, log) for stream in streams]
    sys.stdout, sys.stderr = tees
    try:
        yield
    finally:
        for name, tee, stream in zip(("stdout", "stderr"), tees, streams, strict=True):
            tee.finish()
            if getattr(sys, name) is tee:  # someone may have wrapped it again, and still needs it
                setattr(sys, name, stream)
        log.close()
