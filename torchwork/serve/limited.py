"""`python -m torchwork.serve.limited LIMITS COMMAND...`: a command that may not run for long, nor take much.

It stands between the server and code of strangers: it ends the command and whatever that has started when the time is
over, when the server closes its pipe, and when the server is gone. Where the system lets a plain user do so, it closes
the network to it: files stay as open as they are to the person, also those by which programs of one machine talk.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import psutil

TIMED_OUT = 124
"""The exit status when the time was over, as that of `timeout`."""
OPEN = 125
"""The exit status when the network was to be closed and could not be: then nothing has run."""
ADOPTS_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
NEW_USER, NEW_NETWORK = 0x1000_0000, 0x4000_0000  # CLONE_NEWUSER, CLONE_NEWNET
ROUNDS = 100
TRY = 'import socket; raise SystemExit(socket.socket(type=2).connect_ex(("192.0.2.1", 9)) == 0)'
"""Looks for a way to an address that is nobody's, and sends nothing: there must be none."""


@dataclass(frozen=True)
class Limits:
    """Seconds in all; bytes of memory for each process, and of each file that it writes (both on Linux); network."""

    seconds: float = 300.0
    memory: int = 0
    written: int = 8 << 30
    network: bool = True

    def words(self) -> str:
        """As this module's first word."""
        return json.dumps(asdict(self))


def usual() -> Limits:
    """Five minutes, half of the machine's memory, and no network where it can be closed."""
    return Limits(memory=max(2 << 30, psutil.virtual_memory().total // 2), network=not closes_network())


@functools.cache
def closes_network() -> bool:
    """Whether this machine lets us close the network to a process; tried once, which takes a fifth of a second."""
    if sys.platform != "linux":
        return False
    tried = [sys.executable, "-P", __file__, Limits(seconds=30, network=False).words(), sys.executable, "-SIc", TRY]
    with subprocess.Popen(tried, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        return process.wait() == 0


def run(limits: Limits, command: Sequence[str]) -> int:
    """The exit status of the command, or `TIMED_OUT`, or `OPEN`; nothing that it has started is left."""
    if not limits.network and not _close_network():
        return OPEN
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


def _close_network() -> bool:
    """Moves this process, and all that it will start, to where there is no network; whether that was allowed.

    A plain user may do so as the root of a name space of its own, in which it stays who it is.
    """
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK):
        return False
    with suppress(OSError):  # else it is nobody by name, with the same rights
        Path("/proc/self/setgroups").write_text("deny", "ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    return True


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
