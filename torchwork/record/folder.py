"""The run folder: made safely, opened, locked by one process, and kept up to date while it runs."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from torchwork.errors import RunFolderError
from torchwork.record.info import RunInfo, read_info, write_info

HEARTBEAT = 10.0  # seconds between signs of life
STALE = 60.0  # seconds without one: a run elsewhere is taken for dead
PATIENCE = 1.0  # seconds to wait for a lock: it may only be looked at
INTERRUPTED = "interrupted"
NAME = re.compile(r"[^\W_]([\w .+-]*[\w+-])?")


class RunFolder:
    """One run on disk: `run.json`, event files, checkpoints, console; `create` makes one, `open` finds one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, parent: str | os.PathLike[str], name: str, *, number: bool = True, **fields: Any) -> RunFolder:
        """Make `<name>-<n>` in `parent`, n counting up, or `<name>` itself without `number`; `fields` fill `run.json`.

        Raises:
            RunFolderError: it cannot be made, or exists already.
        """
        if not number and (Path(parent) / name).exists():
            raise _exists(Path(parent) / name)
        if not NAME.fullmatch(name):
            raise RunFolderError(
                f"a run's name becomes a folder, so it has letters, digits, spaces and . _ + -, not {name!r}; rename it"
            )
        info = RunInfo(secrets.token_hex(8), name).replace(command=tuple(sys.argv), **_process(), **fields)
        try:
            path = _make_next(Path(parent), name) if number else _make_this(Path(parent), name)
        except FileExistsError:
            raise _exists(Path(parent) / name) from None
        except OSError as error:
            raise RunFolderError(f"cannot make a run folder in {parent}: {error.strerror}; choose another") from error
        try:
            write_info(path / "run.json", info.replace(name=path.name), {})
            (path / "checkpoints").mkdir()
        except (OSError, RunFolderError):
            shutil.rmtree(path, ignore_errors=True)  # nothing half-written stays
            raise
        return cls(path)

    @property
    def base(self) -> Path:
        """The folder that it was trained in, where the paths of its data begin."""
        return Path(str(self.info.data.get("folder", ".")))

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> RunFolder:
        """The run in `path`; RunFolderError when there is none or its `run.json` is damaged."""
        folder = cls(Path(path))
        read_info(folder._file)
        return folder

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints lie."""
        return self.path / "checkpoints"

    @property
    def info(self) -> RunInfo:
        """What `run.json` says now; see `status` for runs whose process died."""
        return read_info(self._file)[0]

    @property
    def heartbeat(self) -> float:
        """The last sign of life, in seconds since 1970: when `run.json` was last written or touched."""
        return self._file.stat().st_mtime

    @property
    def status(self) -> str:
        """The status in `run.json`, or `interrupted` for a run that says it is running while nobody is."""
        info = self.info
        return info.status if info.status != "running" or self._alive(info) else INTERRUPTED

    def update(self, **fields: Any) -> RunInfo:
        """Change fields of `run.json` in one step, also while other processes do; the new content."""
        return self.revise(lambda info: fields)

    def revise(self, change: Callable[[RunInfo], Mapping[str, Any]]) -> RunInfo:
        """Change the fields that `change` makes of those there, in one step; where it raises, nothing changes."""
        with self._guard():
            info, unknown = read_info(self._file)
            changed = info.replace(**change(info))
            write_info(self._file, changed, unknown)
        return changed

    @contextmanager
    def lock(self) -> Iterator[RunFolder]:
        """Keep the run for this process, with a sign of life every 10 seconds; RunFolderError when it is in use."""
        lock = FileLock(self.path / "run.lock", thread_local=False)
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            info = self.info
            raise RunFolderError(
                f"{self.path} is in use by process {info.pid} on {info.host}; wait for it, stop it, or start a new run"
            ) from None
        except OSError as error:
            raise RunFolderError(f"cannot lock {self.path}: {error.strerror}; choose a folder to write to") from error
        try:
            with _beating(self._file):
                self.update(**_process())
                yield self
        finally:
            lock.release()

    @property
    def _file(self) -> Path:
        return self.path / "run.json"

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """One writer of `run.json` at a time, of all threads and processes."""
        try:
            with FileLock(self.path / "run.json.lock", timeout=10 * PATIENCE):
                yield
        except Timeout:
            raise RunFolderError(f"another process keeps {self._file} locked; stop it and try again") from None
        except OSError as error:
            raise RunFolderError(f"cannot write {self._file}: {error.strerror}; make the folder writable") from error

    def _alive(self, info: RunInfo) -> bool:
        if info.host != socket.gethostname():  # a lock on another machine may be invisible here
            return time.time() - self.heartbeat < STALE
        return (self.path / "run.lock").exists() and _held(self.path / "run.lock")


def _held(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _exists(there: Path) -> RunFolderError:
    resume = f", or `torchwork resume {there}` to go on with it" if (there / "run.json").exists() else ""
    return RunFolderError(f"{there} exists already; choose another folder{resume}")


def _process() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname()}


def _make_next(parent: Path, name: str) -> Path:
    """Make the folder with the next number; mkdir decides when two processes race for it."""
    if parent.exists() and not parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file")
    parent.mkdir(parents=True, exist_ok=True)
    pattern = re.compile(re.escape(name) + r"-(\d+)")
    number = max((int(match[1]) for entry in parent.iterdir() if (match := pattern.fullmatch(entry.name))), default=0)
    while True:
        number += 1
        with suppress(FileExistsError):
            path = parent / f"{name}-{number}"
            path.mkdir()
            return path


def _make_this(parent: Path, name: str) -> Path:
    (parent / name).mkdir(parents=True)
    return parent / name


@contextmanager
def _beating(path: Path) -> Iterator[None]:
    """Touch `path` now and then. Its time is the sign of life, so that no content is written that could race."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT):
            with suppress(OSError):
                os.utime(path)

    thread = threading.Thread(target=beat, name="torchwork-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
