"""Fresh processes, and the memory of this one. Imports nothing that would be counted as the program's."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, get_start_method, set_start_method
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def fresh(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls `function` in a new process that has imported nothing but its module, and changed no setting yet."""
    usual = (get_start_method(),)
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_start_others, initargs=usual) as pool:
        return pool.submit(function, *args, **kwargs).result()


def _start_others(method: str) -> None:
    """A spawned process spawns in its turn; a DataLoader's workers must begin as they do in anybody's program."""
    set_start_method(method, force=True)


def peak_memory() -> float:
    """The most memory this process has held, in bytes.

    Linux counts it for the program itself; what `getrusage` says elsewhere may be that of the parent before.
    """
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    except OSError:
        found = None
    if found:
        return float(found[1]) * 1024
    import resource  # not on Windows

    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def limit_memory(share: float) -> None:
    """Lets this process take so much of the memory that is free now; allocations beyond that raise. Linux only."""
    try:
        free = re.search(r"MemAvailable:\s*(\d+) kB", Path("/proc/meminfo").read_text("utf-8"))
    except OSError:
        free = None
    if free:
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_DATA, (int(share * int(free[1]) * 1024),) * 2)
