"""What this machine has for trainings, found without torch: cores and graphics processors."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

SMALL_MACHINE = 4
"""Up to so many cores one training takes them all; beyond, each gets so many."""
PATIENCE = 10  # seconds


def cores() -> int:
    """The processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@cache
def gpus() -> tuple[str, ...]:
    """The graphics processors that trainings may use, as CUDA_VISIBLE_DEVICES names them."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        named = [name.strip() for name in visible.split(",")]
        return tuple(name for name in named if name and name != "-1")
    known = Path("/proc/driver/nvidia/gpus")
    try:
        count = len(list(known.iterdir())) if known.is_dir() else _listed()
    except (OSError, subprocess.SubprocessError):
        count = 0
    return tuple(map(str, range(count)))


def _listed() -> int:
    """How many the driver's own program names."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    done = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return sum(line.startswith("GPU ") for line in done.stdout.splitlines())


def default_slots() -> int:
    """How many trainings run at once unless a person says otherwise: one on each GPU, or on four cores."""
    return len(gpus()) or max(1, cores() // SMALL_MACHINE)


def share(slots: int, used: list[str]) -> tuple[str, dict[str, str]]:
    """The device for one more training where `used` are those of the running ones, and its environment."""
    environment: dict[str, str] = {}
    if slots > 1 and "OMP_NUM_THREADS" not in os.environ:
        environment["OMP_NUM_THREADS"] = str(max(1, cores() // slots))
    if not gpus():
        return "cpu", environment
    device = min(gpus(), key=used.count)
    return device, {**environment, "CUDA_VISIBLE_DEVICES": device}
