"""`python -m torchwork.serve.limited LIMITS COMMAND...`: a command that may not run for long, nor take much.

It stands between the server and code of strangers: it ends the command and whatever that has started when the time is
over, when the server closes its pipe, and when the server is gone.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from types import FrameType

import psutil

TIMED_OUT = 124
"""The exit status when the time was over, as that of `timeout`."""
ADOPTS_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
ROUNDS = 100


@dataclass(frozen=True)
class Limits:
    """Seconds in all; bytes of memory for each process, and of each file that it writes (both on Linux)."""

    seconds: float = 300.0
    memory: int = 0
    written: int = 8 << 30

    def words(self) -> str:
        """As this module's first word."""
        return json.dumps(asdict(self))


def usual() -> Limits:
    """Five minutes, and half of the machine's memory."""
    return Limits(memory=max(2 << 30, psutil.virtual_memory().total // 2))


def run(limits: Limits, command: Sequence[str]) -> int:
    """The exit status of the command, or `TIMED_OUT`; nothing that it has started is left."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPTS_ORPHANS, 1, 0, 0, 0)
        _limit(limits)  # of this process, too, which needs next to nothing: what it starts inherits them
    signal.signal(signal.SIGTERM, _leave)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch_server, daemon=True).start()
    try:
        return child.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        return TIMED_OUT
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end_all()


def _limit(limits: Limits) -> None:
    """RLIMIT_DATA counts what is written to, while RLIMIT_AS would count what torch only maps."""
    import resource

    for kind, most in ((resource.RLIMIT_DATA, limits.memory), (resource.RLIMIT_FSIZE, limits.written)):
        if most:
            resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _watch_server() -> None:
    """The pipe ends when the server closes it, or is gone."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(TIMED_OUT)


def _end_all() -> None:
    """Ends what the command has started, also what wanted to stay: orphans are ours."""
    for _ in range(ROUNDS):
        left = [item for item in psutil.Process().children(recursive=True) if item.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, timeout=1)


if __name__ == "__main__":
    sys.exit(run(Limits(**json.loads(sys.argv[1])), sys.argv[2:]))
