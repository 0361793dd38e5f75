"""What everything is measured against: plain torch, written out. Imports torch alone, for its memory is measured too.

Shapes: B pictures of a batch.
"""

from __future__ import annotations

import ctypes
import gzip
import statistics
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.process import peak_memory

SAMPLES = 60_000
Batch = tuple[Tensor, Tensor]


def lenet() -> nn.Sequential:
    """Conv(1,6,5)-ReLU-Pool2-Conv(6,12,5)-ReLU-Pool2-Linear 192-120-60-10, each with its ReLU in between."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 12, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 120),
        nn.ReLU(),
        nn.Linear(120, 60),
        nn.ReLU(),
        nn.Linear(60, 10),
    )


def keep_memory() -> None:
    """Lets glibc keep freed buffers, as torchwork does: M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h."""
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(-3, 1 << 30) or mallopt(-3, 1 << 25)
    mallopt(-1, 1 << 30)


def first_batch(folder: Path, batch_size: int) -> Batch:
    """The first pictures [B, 1, 28, 28] of Fashion-MNIST, normalised, and their classes [B].

    Real ones, so that both sides compute with values of one kind.
    """
    pictures = head(folder, "train-images-idx3-ubyte", 16, batch_size * 28 * 28).view(-1, 1, 28, 28) / 255
    return (pictures - 0.2860) / 0.3530, head(folder, "train-labels-idx1-ubyte", 8, batch_size).long()


def head(folder: Path, name: str, skipped: int, count: int) -> Tensor:
    """`count` bytes of an idx file behind its header, uint8; zipped or not."""
    zipped = folder / f"{name}.gz"
    with gzip.open(zipped) if zipped.exists() else (folder / name).open("rb") as file:
        return torch.frombuffer(bytearray(file.read(skipped + count)[skipped:]), dtype=torch.uint8)


def epoch(batch: Batch, samples: int = SAMPLES) -> float:
    """Seconds of one epoch on one preloaded batch, with a new network so that its numbers are those of learning."""
    torch.manual_seed(0)
    (inputs, targets), criterion, model = batch, nn.CrossEntropyLoss(), lenet()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    begun = time.perf_counter()
    for _ in range(-(-samples // len(targets))):
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return time.perf_counter() - begun


def epoch_seconds(folder: Path, batch_size: int, *, tuned: bool = False, samples: int = SAMPLES) -> float:
    """Seconds of an epoch in the steady state: the mean of two after a short one; `tuned` sets the allocator first."""
    if tuned:
        keep_memory()
    batch = first_batch(folder, batch_size)
    epoch(batch, samples // 10)
    return statistics.mean(epoch(batch, samples) for _ in range(2))


def peak(folder: Path, batch_size: int, samples: int = SAMPLES) -> float:
    """Bytes that this process needs at most, in an epoch."""
    epoch(first_batch(folder, batch_size), samples)
    return peak_memory()
