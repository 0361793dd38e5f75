"""A training in a process of its own, to be interrupted, watched or starved."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from .answer import Answer

PATIENCE = 240.0
"""Seconds after which a training that has not come so far has failed."""
LIMITED = """
import resource, sys
from torchwork.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main(sys.argv[2:]))
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "torchwork", *arguments]


def start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The command in a process that writes what it prints to `log`."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        return subprocess.Popen(command(*arguments), stdout=out, stderr=subprocess.STDOUT, env=environment)


def wait_for(log: Path, pattern: str, process: subprocess.Popen[bytes]) -> None:
    """Waits until the process has printed what matches."""
    end = time.monotonic() + PATIENCE
    while not re.search(pattern, log.read_text("utf-8")):
        assert process.poll() is None and time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.02)


def with_small_files(largest: int, *arguments: str) -> Answer:
    """The command where no file may be larger than so many bytes, as on a disk that runs full."""
    full = [sys.executable, "-c", LIMITED, str(largest), *arguments]
    done = subprocess.run(full, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return Answer(done.returncode, done.stdout, done.stderr)
