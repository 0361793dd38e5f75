"""Reads event files of any writer, also while they grow and when they are damaged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from torchwork.errors import RunFolderError
from torchwork.record import together
from torchwork.record.columns import SHORT, Columns
from torchwork.record.crc import masked, masked_length
from torchwork.record.frame import FOOTER, HEADER, LARGEST, next_header, unpack_footer, unpack_header
from torchwork.record.log import Log

CHUNK = 1 << 22  # bytes read at a time
SAMPLE = 1 << 13  # bytes that show whether records are short
WORTH = 1 << 16  # bytes from which on it is worth to look for many short records
HEAD = 24  # bytes at the beginning, with the length of the first record and its time: no two files share them


class FileTail:
    """Follows one event file; what is read so far is in `columns`, what went wrong in `skipped` and `notes`."""

    def __init__(self, path: Path, plugins: dict[str, str]) -> None:
        self.path, self._plugins = path, plugins
        self.restarts = -1  # how often the file was read again from its beginning
        self._restart(None, b"")

    @property
    def identity(self) -> str:
        """Names this file's content, also after a restart of the program: another one means that it was replaced."""
        return f"{self._inode}-{self._head.hex()}"

    def _restart(self, inode: int | None, head: bytes) -> None:
        self.restarts += 1
        self._head = head
        self.columns = Columns(self.path, self._plugins)
        self.offset = self.records = self.skipped = self.size = 0
        self._inode, self._seen, self._damaged = inode, (-1, -1), False
        self._unreadable = ""

    def poll(self) -> int:
        """Read what is new; the number of new records. A file that shrank or was replaced is read again."""
        try:
            with self.path.open("rb") as file:
                return self._poll(file)
        except OSError as error:
            self._unreadable = error.strerror or str(error)
            return 0

    def _poll(self, file: BinaryIO) -> int:
        now = os.fstat(file.fileno())
        if self._inode == now.st_ino and self._seen == (now.st_size, now.st_mtime_ns):
            return 0
        head = file.read(HEAD)
        if self._inode != now.st_ino or now.st_size < self.size or not head.startswith(self._head):
            self._restart(now.st_ino, head)
        self._head = head
        self._seen, self.size = (now.st_size, now.st_mtime_ns), now.st_size
        before = self.records
        self._damaged = False
        while self._advance(file):
            pass
        return self.records - before

    def _advance(self, file: BinaryIO) -> bool:
        """Take the whole records of one chunk, or step over what is no record; False at the end, torn or not."""
        data = self._bytes(file, CHUNK)
        if used := self._take(data):
            self.offset += used
            return True
        if len(data) < HEADER:
            return False
        length, crc = unpack_header(data)
        end = self.offset + HEADER + length + FOOTER
        if masked_length(length) != crc:
            return self._resynchronise(file)
        if end > self.size:
            return False  # a record that is still being written: held, tried again
        if length <= LARGEST:
            self._take(self._bytes(file, HEADER + length + FOOTER))
        else:
            self.skipped += 1
        self.offset = end
        return True

    def _bytes(self, file: BinaryIO, count: int) -> bytes:
        file.seek(self.offset)
        return file.read(min(count, self.size - self.offset))

    def _take(self, data: bytes) -> int:
        """Read the records that lie whole at the beginning of `data`; the number of bytes they take."""
        before = self.records
        at = self._each(data, 0, SAMPLE)
        if len(data) < WORTH or not SAMPLE <= at < (self.records - before) * SHORT:
            return self._each(data, at, len(data))
        for chain in together.chains(data):
            at = self._each(data, at, int(chain[0]))
            if at < chain[0]:
                return at
            if len(chain := chain[np.searchsorted(chain, at) :]) and chain[0] == at:
                at = self._together(data, chain)
        return self._each(data, at, len(data))

    def _each(self, data: bytes, at: int, stop: int) -> int:
        """Read the records that lie whole in `data` and begin before `stop`, one by one; where the next one begins."""
        limit = min(len(data) - HEADER - FOOTER, stop - 1)
        add, records = self.columns.add, 0
        while at <= limit:
            length, crc = unpack_header(data, at)
            begin = at + HEADER
            end = begin + length
            if masked_length(length) != crc or end + FOOTER > len(data):
                break
            payload = data[begin:end]
            if masked(payload) == unpack_footer(data, end)[0]:
                try:
                    add(payload, self.offset + begin)
                    records += 1
                except (ValueError, IndexError, OverflowError):  # sound bytes, but no Event
                    self.skipped += 1
            else:
                self.skipped += 1
            at = end + FOOTER
        self.records += records
        return at

    def _together(self, data: bytes, chain: NDArray[np.intp]) -> int:
        """Read records that lie directly one behind the other; where the next one begins."""
        found = list(together.points(self.columns, data, chain))
        known = np.concatenate([points.places for points in found]) if found else chain[:0]
        for place in np.setdiff1d(chain, known, assume_unique=True).tolist():
            self._each(data, place, place + 1)
        for points in found:
            offsets = points.places + (self.offset + HEADER)
            points.block.extend(points.steps, points.wall_times, offsets, points.values)
        self.records += len(known)
        last = int(chain[-1])
        return last + HEADER + data[last] + FOOTER

    def _resynchronise(self, file: BinaryIO) -> bool:
        """Go to the next place where a valid header begins; without one the rest is held, for it may still grow."""
        begin = self.offset + 1
        while begin + HEADER <= self.size:
            file.seek(begin)
            data = file.read(min(CHUNK, self.size - begin))
            found = next_header(data)
            if found >= 0:
                self.offset = begin + found
                self.skipped += 1
                return True
            if len(data) < HEADER:
                break
            begin += len(data) - HEADER + 1
        self._damaged = True
        return False

    @property
    def notes(self) -> list[str]:
        """What a person should know of this file, as sentences."""
        left, name = self.size - self.offset, self.path.name
        notes = []
        if self._unreadable:
            notes.append(f"{name} cannot be read: {self._unreadable}")
        if self.skipped:
            notes.append(f"{name}: damaged records stepped over: {self.skipped}")
        if self._damaged and not self.records:
            notes.append(f"{name} is not an event file")
        elif left:
            notes.append(f"{name}: the last {left} bytes are {'damaged' if self._damaged else 'not complete yet'}")
        return notes


class Tail:
    """Follows the event files of a folder (or one file); `poll` reads what is new, `log` shows all that was read.

    Symlinks that lead out of `within`, a resolved path, are left out.
    """

    def __init__(self, path: str | os.PathLike[str], within: Path | None = None) -> None:
        self.path, self._within = Path(path), within
        self._files: dict[Path, FileTail] = {}
        self._plugins: dict[str, str] = {}

    @property
    def files(self) -> list[FileTail]:
        """The event files in the order in which they count."""
        return list(self._files.values())

    def poll(self) -> int:
        """Read what was appended since the last call; the number of new records. RunFolderError without a folder."""
        paths = [path for path in event_files(self.path) if self._may_read(path)]
        self._files = {path: self._files.get(path) or FileTail(path, self._plugins) for path in paths}
        return sum(file.poll() for file in self._files.values())

    def _may_read(self, path: Path) -> bool:
        return self._within is None or not path.is_symlink() or path.resolve().is_relative_to(self._within)

    @property
    def log(self) -> Log:
        """Everything read so far; take it again after `poll`."""
        files = list(self._files.values())
        return Log(
            [file.columns for file in files],
            records=sum(file.records for file in files),
            skipped=sum(file.skipped for file in files),
            notes=[note for file in files for note in file.notes] or ([] if files else ["there are no event files"]),
        )


def event_files(path: Path) -> list[Path]:
    """The event files of a folder in the order in which they count, or the path itself when it is a file."""
    if path.is_file():
        return [path]
    try:
        with os.scandir(path) as entries:
            return sorted(Path(entry.path) for entry in entries if "tfevents" in entry.name and entry.is_file())
    except OSError as error:
        raise RunFolderError(
            f"cannot read events from {path}: {error.strerror}; give a run folder, or one with event files"
        ) from error


def read_run(path: str | os.PathLike[str]) -> Log:
    """Read the event files of a folder (or one file) once. RunFolderError when there is no such folder."""
    tail = Tail(path)
    tail.poll()
    return tail.log
