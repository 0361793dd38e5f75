"""Which device is used, and torch's global switches during a training: threads, deterministic algorithms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from torchwork.errors import TrainingError


def choose_device(name: str) -> torch.device:
    """The device that `auto`, `cpu`, `cuda`, `cuda:1` or `mps` means on this machine.

    Raises:
        TrainingError: the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    device = torch.device(name)
    count = torch.cuda.device_count() if device.type == "cuda" else 0
    if device.type == "cuda" and (device.index or 0) >= count:
        raise TrainingError(f"train.device is {name}, but torch finds {count} CUDA devices; set train.device: auto")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise TrainingError("train.device is mps, but torch finds no Apple GPU; set train.device: auto")
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


@contextmanager
def backend(*, threads: int | None, deterministic: bool) -> Iterator[None]:
    """Sets torch's threads and deterministic algorithms, and puts back what was set before."""
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark)
    if threads:
        torch.set_num_threads(threads)
    if deterministic:
        # cuBLAS repeats itself only with a fixed workspace, which it reads from the environment once.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
        torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        torch.backends.cudnn.benchmark = before[2]
