"""Processes of trainings: started so that they outlive the server, found again, interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

NEAR = 1.0
"""Seconds by which two readings of a process's start may differ."""


def start(
    arguments: Sequence[str], folder: Path, output: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """`torchwork ARGUMENTS` in `folder`, in a session of its own, with all that it prints in the file `output`.

    With -P, for else Python would look for modules in the opened folder, and run what somebody put there.
    """
    command = [sys.executable, "-P", "-m", "torchwork", *arguments]
    with output.open("wb") as out:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            start_new_session=True,
        )


def started(pid: int) -> float:
    """When a process began, in seconds since 1970; 0 when it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def alive(pid: int, since: float) -> bool:
    """Whether the process that began at `since` still runs; another one with its number does not count."""
    try:
        process = psutil.Process(pid)
        return bool(abs(process.create_time() - since) < NEAR and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def holds(pid: int, file: Path) -> bool:
    """Whether the process is a Python that has `file` open, as a training has its run's lock."""
    try:
        process = psutil.Process(pid)
        return any(Path(found.path) == file.resolve() for found in process.open_files())
    except psutil.Error:
        return False


def interrupt(pid: int) -> None:
    """Ctrl-C, or SIGTERM for a process that was started with Ctrl-C ignored, as shells do in the background."""
    number = signal.SIGTERM if os.name == "nt" or _ignores(pid, signal.SIGINT) else signal.SIGINT
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill(pid: int) -> None:
    """Ends a process that leads a session of ours, and the workers in it, at once."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name != "nt" and os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            psutil.Process(pid).kill()


def _ignores(pid: int, number: signal.Signals) -> bool:
    """Whether a process on Linux ignores a signal."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return False
    masks = [line.split()[1] for line in text.splitlines() if line.startswith("SigIgn:")]
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)
