"""How busy the machine is while a run trains: processor, memory, graphics processors; measured beside the loop."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psutil

INTERVAL = 5.0  # seconds between two measurements
FIRST = 1.0  # seconds to the first, for use is measured between two moments
MOST = 1000  # measurements that wait to be recorded: more is a training that hangs for hours
MEGABYTE = 1e6
NVML = ("libnvidia-ml.so.1", "nvml.dll")
TEMPERATURE = 0  # NVML_TEMPERATURE_GPU

Sample = tuple[float, dict[str, float]]
"""Seconds since 1970, and the values by tag."""


class SystemMonitor:
    """Measures every few seconds in a thread; the training loop takes what there is and records it.

    `system/cpu` and `system/memory` are percent of the machine, `system/process_memory` is in MB (10**6 bytes, of
    this process), `system/gpu0/use` and `system/gpu0/memory` percent, `system/gpu0/temperature` degrees Celsius.
    """

    def __init__(self, first: float = FIRST, interval: float = INTERVAL) -> None:
        self._samples: deque[Sample] = deque(maxlen=MOST)
        self._ended = threading.Event()
        self._first, self._interval = first, interval
        self._thread = threading.Thread(target=self._measure, name="torchwork-system", daemon=True)
        self._thread.start()

    def taken(self) -> Iterator[Sample]:
        """What was measured since the last call."""
        while self._samples:
            yield self._samples.popleft()

    def close(self) -> None:
        """Ends the thread."""
        self._ended.set()
        self._thread.join()

    def _measure(self) -> None:
        process = psutil.Process()
        psutil.cpu_percent()
        wait = self._first
        with nvidia() as gpus:
            while not self._ended.wait(wait):
                self._samples.append((time.time(), {**machine(process), **gpus()}))
                wait = self._interval


def machine(process: psutil.Process) -> dict[str, float]:
    """Processor since the last call, and memory."""
    return {
        "system/cpu": psutil.cpu_percent(),
        "system/memory": psutil.virtual_memory().percent,
        "system/process_memory": process_memory(process),
    }


def process_memory(process: psutil.Process | None = None) -> float:
    """What a process, or this one, has in memory, in MB."""
    return float((process or psutil.Process()).memory_info().rss) / MEGABYTE


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


class _Memory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


@contextmanager
def nvidia() -> Iterator[Callable[[], dict[str, float]]]:
    """A function that measures the graphics processors of NVIDIA that this process may use; nothing without any.

    Asks the driver's own library, which costs microseconds where nvidia-smi takes tenths of a second.
    """
    library = _library()
    if library is None or library.nvmlInit_v2() != 0:
        yield dict
        return
    try:
        handles = list(_handles(library))
        yield lambda: {tag: value for number, handle in handles for tag, value in _gpu(library, number, handle)}
    finally:
        library.nvmlShutdown()


@cache
def _library() -> Any:
    for name in NVML:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _handles(library: Any) -> Iterator[tuple[int, ctypes.c_void_p]]:
    """The processors that are visible, numbered as torch numbers them."""
    count = ctypes.c_uint()
    library.nvmlDeviceGetCount_v2(ctypes.byref(count))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    named = [str(number) for number in range(count.value)] if visible is None else visible.split(",")
    for number, name in enumerate(name.strip() for name in named):
        handle = ctypes.c_void_p()
        if name.isdecimal():
            found = library.nvmlDeviceGetHandleByIndex_v2(int(name), ctypes.byref(handle))
        else:
            found = library.nvmlDeviceGetHandleByUUID(name.encode(), ctypes.byref(handle))
        if found == 0:
            yield number, handle


def _gpu(library: Any, number: int, handle: ctypes.c_void_p) -> Iterator[tuple[str, float]]:
    """What one processor tells of itself; a part of a divided one does not tell its use."""
    use, memory, degrees = _Utilization(), _Memory(), ctypes.c_uint()
    if library.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(use)) == 0:
        yield f"system/gpu{number}/use", float(use.gpu)
    if library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0 and memory.total:
        yield f"system/gpu{number}/memory", 100.0 * memory.used / memory.total
    if library.nvmlDeviceGetTemperature(handle, TEMPERATURE, ctypes.byref(degrees)) == 0:
        yield f"system/gpu{number}/temperature", float(degrees.value)
