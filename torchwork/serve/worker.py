"""A process that knows torch: started at the first question, replaced when it ends or takes too long."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from torchwork.errors import DocumentError, Problem, TorchworkError
from torchwork.serve.devices import cores
from torchwork.serve.refusal import RefusedError

COMMAND = (sys.executable, "-P", "-m", "torchwork.answer")
"""With -P, for else Python would look for modules in the opened folder, and run what somebody put there."""
PATIENCE = {
    "check": 180.0, "schema": 60.0, "predict": 60.0, "predict_sample": 180.0, "samples": 180.0, "export": 300.0,
    "data": 300.0, "data_samples": 300.0, "augment": 300.0, "schedule": 300.0, "parameters": 180.0,
    "diagnose": 300.0, "diagnose_run": 300.0, "draw": 180.0, "fits": 60.0, "node_pictures": 180.0, "parts": 60.0,
    "vision_models": 60.0, "python_file": 30.0, "weights": 120.0, "export_text": 180.0,
    "layers": 300.0, "grid": 300.0, "explain": 600.0, "predictions": 900.0, "mistakes": 900.0,
}  # fmt: skip
"""Seconds for each question; data may have to be read once."""
STARTING = 120.0  # seconds for loading torch, from a slow disk
AFTER = 1.0  # seconds
FOUND = b'{"found":'
"""how the line of an answer begins that is no refusal"""
DONE = b'{"done":'
"""how a line begins that says how far an answer is"""
T = TypeVar("T")


class Worker:
    """Answers one question after the other, those of all pages in turn; ends after `idle` seconds without any."""

    def __init__(self, root: Path, patience: dict[str, float] | None = None, idle: float | None = None) -> None:
        self.root, self.patience, self.idle = root, PATIENCE | (patience or {}), idle
        self._asked = 0
        self._ends: threading.Timer | None = None
        self._turn = ThreadPoolExecutor(1, "torchwork-worker")
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._doing: tuple[str, Any] | None = None
        self._done: float | None = None
        self._late = threading.Event()
        self._closing = threading.Event()
        self._numbers, self._left = itertools.count(1), 0
        self._writing = threading.Lock()

    def warm(self, after: float = AFTER) -> None:
        """Starts the process before anybody asks, once the page had its `after` seconds to come up."""
        self._turn.submit(self._closing.wait, after)
        self._turn.submit(self._ready)

    async def call(self, method: str, /, **arguments: Any) -> Any:
        """What the process answers.

        Raises:
            TorchworkError: what it refuses; RefusedError with status 503 or 504 when it ended or took too long.
        """
        return await self._in_turn(self._ask, method, arguments)

    async def call_json(self, method: str, /, **arguments: Any) -> bytes:
        """The same as JSON, as the process wrote it: what is only sent on needs no reading."""
        return await self._in_turn(self._ask_json, method, arguments)

    def progress(self, method: str, run: str) -> float | None:
        """How much of this question about a run is answered, 0 to 1; None where it is not the one that is answered."""
        return self._done if self._doing == (method, run) else None

    async def _in_turn(self, ask: Callable[[int, str, dict[str, Any]], T], method: str, arguments: dict[str, Any]) -> T:
        if self._closing.is_set():
            raise _ending()
        number = next(self._numbers)
        asked = self._turn.submit(ask, number, method, arguments)
        try:
            return await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            if self._closing.is_set():  # it waited for its turn
                raise _ending() from None
            if not asked.cancel():  # in a thread, for a question that is being sent may take a while
                threading.Thread(target=self._leave, args=[number], daemon=True).start()
            raise

    def _leave(self, number: int) -> None:
        """Tells the process that nobody waits for the question which it answers, so that the next one need not wait."""
        self._left = number  # for a process that only starts
        with self._writing, suppress(BrokenPipeError, ValueError):
            if (process := self._process) is not None and process.stdin is not None:
                process.stdin.write(json.dumps({"leave": number}).encode() + b"\n")
                process.stdin.flush()

    async def close(self) -> None:
        """Ends the process, in the middle of a question too."""
        self._closing.set()
        if self._ends is not None:
            self._ends.cancel()
        self._turn.shutdown(wait=False, cancel_futures=True)
        if self._process is not None:
            self._process.kill()
        await asyncio.to_thread(self._turn.shutdown)
        self._end()

    # All that follows runs in the one thread of `_turn`.

    def _ask(self, number: int, method: str, arguments: dict[str, Any]) -> Any:
        return json.loads(self._ask_json(number, method, arguments))

    def _ask_json(self, number: int, method: str, arguments: dict[str, Any]) -> bytes:
        self._asked += 1
        if self._ends is not None:
            self._ends.cancel()
        question = json.dumps({"number": number, "method": method, "arguments": arguments}).encode() + b"\n"
        try:
            process = self._ready()
            if number <= self._left:
                raise RefusedError("nobody waits for this any more", 499)
            self._doing, self._done = (method, arguments.get("run")), None
            line = self._exchange(process, question, self.patience[method], method)
        finally:
            self._doing = None
            self._rest()
        if not line.startswith(FOUND):
            raise _refused(json.loads(line))
        return line.removeprefix(FOUND).rstrip().removesuffix(b"}")

    def _rest(self) -> None:
        """The process ends when nothing more is asked for `idle` seconds."""
        if self.idle is not None and not self._closing.is_set():
            self._ends = threading.Timer(self.idle, self._end_idle, [self._asked])
            self._ends.daemon = True
            self._ends.start()

    def _end_idle(self, asked: int) -> None:
        with suppress(RuntimeError):  # the server is ending
            self._turn.submit(lambda: self._end() if self._asked == asked else None)

    def _ready(self) -> subprocess.Popen[bytes]:
        """The process, a new one if there is none."""
        if self._closing.is_set():
            raise _ending()
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._start()
            assert self._process is not None
            self._exchange(self._process, b"", STARTING, "loading torch")
        return self._process

    def _start(self) -> None:
        threads = str(max(1, cores() // 2))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process lives
        self._process = subprocess.Popen(
            COMMAND,
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={"OMP_NUM_THREADS": threads, **os.environ, "PYTHONUTF8": "1"},
        )
        if self._closing.is_set():  # since the look before: `close` found no process to end
            self._process.kill()

    def _exchange(self, process: subprocess.Popen[bytes], question: bytes, seconds: float, what: str) -> bytes:
        """The answer to a question, after lines that say how far it is; what takes longer than `seconds` is ended."""
        assert process.stdin is not None and process.stdout is not None
        self._late.clear()
        alarm = threading.Timer(seconds, self._too_late, [process])
        alarm.start()
        try:
            with self._writing:
                process.stdin.write(question)
                process.stdin.flush()
            while (line := process.stdout.readline()).startswith(DONE):
                self._done = json.loads(line)["done"]
        except (BrokenPipeError, ValueError):
            line = b""
        finally:
            alarm.cancel()
        if not line.endswith(b"\n"):
            raise self._gone(process, seconds, what)
        return line

    def _too_late(self, process: subprocess.Popen[bytes]) -> None:
        self._late.set()
        process.kill()

    def _gone(self, process: subprocess.Popen[bytes], seconds: float, what: str) -> RefusedError:
        """What to say when the process has ended."""
        status, said = process.wait(), self._last_words()
        self._end()
        if self._closing.is_set():
            return _ending()
        if self._late.is_set():
            return RefusedError(f"this took longer than {seconds:g} s ({what}) and was ended; try it on less", 504)
        why = said or (f"signal {-status}, perhaps for want of memory" if status < 0 else f"exit status {status}")
        return RefusedError(f"the process that works with torch ended: {why}; try again", 503)

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:300] if lines and not lines[-1].startswith("Warning") else ""

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close(pipe)
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def _ending() -> RefusedError:
    return RefusedError("the server is ending", 503)


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # a question that nobody reads any more
        pipe.close()


def _refused(answer: dict[str, Any]) -> TorchworkError:
    if "problems" in answer:
        return DocumentError([Problem(**problem) for problem in answer["problems"]])
    return RefusedError(answer["error"], answer.get("status", 400))
