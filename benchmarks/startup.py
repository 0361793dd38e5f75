"""How long `torchwork --help` and `import torchwork` take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial

from benchmarks.measure import Options, Report, Spread, in_turns

HELP = 0.3
"""Seconds until the help stands there."""
SIDES = {
    "torchwork --help": ["-m", "torchwork", "--help"],
    "import torchwork": ["-c", "import torchwork"],
    "python alone": ["-c", "pass"],
    "import torch, for comparison": ["-c", "import torch"],
}


def run(options: Options, report: Report) -> None:
    """Whole processes, from start to end."""
    found = in_turns({name: partial(seconds, command) for name, command in SIDES.items()}, 2 * options.rounds + 1)
    report.table("seconds of a process", found)
    report.check("torchwork --help", Spread.of(found["torchwork --help"]), HELP, unit=" s")


def seconds(command: Sequence[str]) -> float:
    """Seconds of one run of the interpreter."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
