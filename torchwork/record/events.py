"""The writer of a run's event file: the loop only appends to a queue, one thread encodes and writes."""

from __future__ import annotations

import atexit
import itertools
import operator
import os
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from torchwork.errors import RunFolderError
from torchwork.record import summary
from torchwork.record.frame import frame
from torchwork.record.summary import Setting

INTERVAL = 0.05  # seconds between writes: what a live page waits for a point
BATCH = 1024  # queued calls that wake the thread early
LIMIT = 65536  # queued calls at which the loop waits for the disk
NAME = re.compile(r"events\.out\.tfevents\.(\d+)\.")

Encode = Callable[[], Iterable[bytes]]
_serial = itertools.count()


class EventWriter:
    """Writes one new event file into `folder`, in the background; `start_step` is the first step it will record.

    What earlier files of the folder hold from `start_step` on does not count any more, for our reader and for
    TensorBoard. When the disk is full or fails, nothing more is written to the file, and the next call says so
    with a RunFolderError; records written before stay readable.
    """

    def __init__(self, folder: str | os.PathLike[str], start_step: int = 0) -> None:
        self.path, self._file = _open_new(Path(folder))
        self._queue: deque[tuple[Encode | None, int, threading.Event | None]] = deque()
        self._wake = threading.Event()
        self._error: Exception | None = None
        self._reported = self._closed = self._hparams = False
        self._lost = 0
        now = time.time()
        self._write([frame(summary.version_event(now)), frame(summary.start_event(now, _step(start_step)))], 0)
        if self._error:
            self._remove_empty()
        self._thread = threading.Thread(target=self._run, name="torchwork-events", daemon=True)
        self._thread.start()
        atexit.register(self._finish)

    # What can be recorded. Values are taken at the call; encoding happens in the thread.

    def scalars(self, step: int, values: Mapping[str, float], wall_time: float | None = None) -> None:
        """Record all scalars of a step in one Event; `wall_time` in seconds since 1970, now by default."""
        now = time.time() if wall_time is None else wall_time
        tags, row = tuple(values), _floats(values.values())
        number = _step(step)
        self._put(lambda: (summary.scalar_event(now, number, tags, row),), 1)

    def scalar_rows(self, first_step: int, tags: Sequence[str], rows: ArrayLike, wall_times: ArrayLike) -> None:
        """Record a window of steps in a row: `rows` [n, len(tags)], `wall_times` [n] in seconds since 1970."""
        table = np.array(rows, np.float64)
        times = np.array(wall_times, np.float64)
        if table.shape != (len(times), len(tags)):
            raise RunFolderError(
                f"rows of {len(tags)} tags at {len(times)} times must have the shape ({len(times)}, {len(tags)}), "
                f"not {table.shape}; give one row for each step and one column for each tag"
            )
        first, names = _step(first_step), tuple(tags)
        self._put(lambda: _encode_rows(first, names, table, times), len(times))

    def histogram(self, step: int, tag: str, values: ArrayLike, bins: int = 64, wall_time: float | None = None) -> None:
        """Record the distribution of `values` of any shape; values that are not finite are left out."""
        numbers = np.asarray(values, np.float64).ravel()
        numbers = numbers[np.isfinite(numbers)]
        counts, edges = np.histogram(numbers, bins)
        self.histogram_counts(
            step, tag, edges, counts, total=numbers.sum(), squares=np.square(numbers).sum(), wall_time=wall_time
        )

    def histogram_counts(
        self,
        step: int,
        tag: str,
        edges: ArrayLike,
        counts: ArrayLike,
        *,
        total: float = 0.0,
        squares: float = 0.0,
        wall_time: float | None = None,
    ) -> None:
        """Record a histogram made elsewhere: `edges` [k + 1] ascending, `counts` [k], sum and sum of squares."""
        limits, heights = np.array(edges, np.float64), np.array(counts, np.float64)
        if limits.ndim != 1 or heights.shape != (len(limits) - 1,) or not len(heights):
            raise RunFolderError(
                f"histogram {tag}: k counts need k + 1 edges, not counts {heights.shape} and edges {limits.shape}"
            )
        self._value(step, wall_time, lambda: summary.histogram_value(tag, limits, heights, total, squares))

    def image(self, step: int, tag: str, array: ArrayLike, wall_time: float | None = None) -> None:
        """Record a picture [H, W] or [H, W, C], uint8, as PNG; C is 1 (grey), 3 (RGB) or 4 (RGBA)."""
        picture: NDArray[np.uint8] = np.array(array)
        channels = picture.shape[2] if picture.ndim == 3 else 1
        if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or channels not in (1, 3, 4) or not picture.size:
            raise RunFolderError(
                f"image {tag}: expected uint8 of shape [H, W] or [H, W, C] with C of 1, 3 or 4, "
                f"received {picture.dtype} of shape {list(picture.shape)}; scale to 0..255 and put channels last"
            )
        self._value(step, wall_time, lambda: summary.image_value(tag, picture))

    def text(self, step: int, tag: str, content: str, wall_time: float | None = None) -> None:
        """Record a text, which TensorBoard shows as markdown."""
        self._value(step, wall_time, lambda: summary.text_value(tag, content))

    def hparams(self, settings: Mapping[str, Setting], metrics: Iterable[str] = ()) -> None:
        """Record the flat settings of the run; the hparams page shows the tags in `metrics`, or all without them.

        TensorBoard takes the columns that the first run with `metrics` names for all runs of a folder. Without
        `metrics` it finds the columns of all runs by itself.
        """
        kept, tags, now = dict(settings), list(metrics), time.time()
        if tags:
            self._value(0, now, lambda: summary.hparams_experiment_value(kept, tags))
        self._value(0, now, lambda: summary.hparams_start_value(kept, now))
        self._hparams = True

    def layout(self, charts: Mapping[str, Sequence[str]]) -> None:
        """Show several tags in one chart: `{"loss": ["train/loss", "valid/loss"]}`."""
        kept = {name: list(tags) for name, tags in charts.items()}
        self._value(0, None, lambda: summary.layout_value(kept))

    # The end.

    def flush(self) -> None:
        """Wait until everything recorded so far is with the operating system."""
        self._raise_error()
        if not self._closed:
            self._wait()
            self._raise_error()

    def close(self) -> None:
        """Write what is left and close the file; an error that no call has raised yet is raised here."""
        self._end(success=True)

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An error on its way out must not be hidden behind one of ours.
        self._reported = self._reported or error is not None
        self._end(success=error is None)

    def _end(self, success: bool) -> None:
        if self._closed:
            return
        if self._hparams:
            now = time.time()
            self._queue.append(
                (lambda: (summary.summary_event(now, 0, summary.hparams_end_value(success, now)),), 0, None)
            )
        self._finish()
        if not self._reported:
            self._raise_error()

    def _finish(self) -> None:
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self._finish)
        self._queue.append((None, 0, None))
        self._wake.set()
        self._thread.join()
        os.close(self._file)

    # The queue: what encodes an entry, how many steps it holds, and an event to set when all before it is written.

    def _value(self, step: int, wall_time: float | None, encode: Callable[[], bytes]) -> None:
        now = time.time() if wall_time is None else wall_time
        number = _step(step)
        self._put(lambda: (summary.summary_event(now, number, encode()),), 0)

    def _put(self, encode: Encode, steps: int) -> None:
        if self._error or self._closed:
            self._lost += steps
            self._raise_error()
            raise RunFolderError(f"the event file {self.path} is closed; open a new EventWriter to record more")
        self._queue.append((encode, steps, None))
        waiting = len(self._queue)
        if waiting >= BATCH:
            self._wake.set()
        if waiting >= LIMIT:
            self._wait()

    def _wait(self) -> None:
        done = threading.Event()
        self._queue.append((lambda: (), 0, done))
        self._wake.set()
        done.wait()

    def _raise_error(self) -> None:
        if self._error:
            self._reported = True
            reason = getattr(self._error, "strerror", None) or str(self._error) or type(self._error).__name__
            raise RunFolderError(
                f"cannot record to {self.path}: {reason}, up to {self._lost} steps not recorded; what was written "
                "before is intact: make room or mend the disk, then resume the run"
            ) from self._error

    # The thread.

    def _run(self) -> None:
        while True:
            self._wake.wait(INTERVAL)
            self._wake.clear()
            if self._drain():
                return

    def _drain(self) -> bool:
        """Write everything queued in one go; True when the queue holds the end."""
        records: list[bytes] = []
        waiting: list[threading.Event] = []
        steps, ended = 0, False
        while self._queue and not ended:
            encode, count, done = self._queue.popleft()
            steps += count
            ended = encode is None
            if encode:
                self._encode(encode, records)
            if done:
                waiting.append(done)
        self._write(records, steps)
        for done in waiting:
            done.set()
        return ended

    def _encode(self, encode: Encode, records: list[bytes]) -> None:
        if self._error:
            return
        try:
            records.extend(map(frame, encode()))
        except Exception as error:  # the thread must live: the next call raises what happened
            self._error = error

    def _write(self, records: list[bytes], steps: int) -> None:
        data = memoryview(b"".join(records))
        try:
            while data and not self._error:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            self._error = error
        if self._error:
            self._lost += steps

    def _remove_empty(self) -> None:
        os.close(self._file)
        self.path.unlink(missing_ok=True)
        self._raise_error()


def _encode_rows(
    first_step: int, tags: tuple[str, ...], rows: NDArray[np.float64], times: NDArray[np.float64]
) -> Iterable[bytes]:
    for step, (now, row) in enumerate(zip(times.tolist(), rows.tolist(), strict=True), first_step):
        yield summary.scalar_event(now, step, tags, row)


def _step(step: int) -> int:
    try:
        number = operator.index(step)
    except TypeError:
        number = 1 << 63
    if not -(1 << 63) <= number < 1 << 63:
        raise RunFolderError(f"a step must be a whole number of at most 64 bits, not {step!r}; count from 0 or 1")
    return number


def _floats(values: Iterable[float]) -> list[float]:
    try:
        return list(map(float, values))
    except (TypeError, ValueError) as error:
        raise RunFolderError(f"a scalar must be one number: {error}; give numbers, or tensors of one element") from None


def _open_new(folder: Path) -> tuple[Path, int]:
    """A new file that sorts behind all others of the folder, since readers take files in the order of their names."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = [int(match[1]) for file in folder.iterdir() if (match := NAME.match(file.name))]
        seconds = max([int(time.time()), *(number + 1 for number in taken)])
        host = re.sub(r"[^\w.-]", "_", socket.gethostname()) or "host"
        path = folder / f"events.out.tfevents.{seconds:010d}.{host}.{os.getpid()}.{next(_serial)}"
        return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise RunFolderError(
            f"cannot write events into {folder}: {error.strerror}; choose a folder that can be written"
        ) from error
