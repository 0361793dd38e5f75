"""Documents of trainings that take a moment, for tests that look into their runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

NUMBERS = """name: numbers
seed: 1
data: {source: {Table: {path: table.csv, target: y}}, split: {valid: 0.25}, batch_size: 8}
model: {layers: [{Linear: {out_features: 1}}]}
loss: MSELoss
optimizer: {Adam: {lr: 0.1}}
train: {epochs: 1}
"""
"""One number from the two columns of TABLE."""
TABLE = "a,b,y\n" + "".join(f"{i},{i % 3},{2 * i + 1}\n" for i in range(40))
DEEP = """name: deep
seed: 1
data: {source: {Shapes: {size: 256, train: 2, valid: 2, test: 2, classes: [circle, square]}}, batch_size: 2}
model:
  layers:
    - {Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}}
    - {Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}, repeat: 6}
    - {AdaptiveAvgPool2d: {output_size: 1}}
    - Flatten
    - {Linear: {out_features: classes}}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 1, memory_format: contiguous, record: {images: 0, maps: 0, statistics: 0}}
"""
"""Hundreds of its pictures take many seconds."""
PAIR = """torchwork: 1
name: pair
data: {source: {Arrays: {path: pair.npz}}, batch_size: 8}
model:
  inputs: [left, right]
  nodes:
    one: {Conv2d: {out_channels: 4, kernel_size: 3}, from: left}
    other: {Conv2d: {out_channels: 4, kernel_size: 5}, from: right}
    both: {cat: {dim: 1}, from: [one, other]}
    pool: {AdaptiveAvgPool2d: {output_size: 1}}
    flat: Flatten
    out: {Linear: {out_features: classes}}
loss: CrossEntropyLoss
optimizer: Adam
train: {epochs: 1, device: cpu, memory_format: contiguous}
"""
"""Two pictures of 8 and of 10 pixels, from the arrays of `write_pair`."""


def write_pair(folder: Path) -> None:
    """The samples of PAIR, in `pair.npz`."""
    random = np.random.default_rng(0)
    left, right = (random.integers(0, 256, (24, size, size), dtype=np.uint8) for size in (8, 10))
    np.savez(folder / "pair.npz", x1=left, x2=right, y=np.arange(24) % 2)


def masks(task: str = "labels, classes: [circle, square]", out: str = "classes", loss: str = "CrossEntropyLoss") -> str:
    """Something for each of 16 x 16 pixels of 40 pictures for training and 10 for validation.

    `task` is what Shapes gives: `labels` or `masks`; `out` are the channels of the network's output.
    """
    return f"""name: masks
seed: 1
data: {{source: {{Shapes: {{size: 16, train: 40, valid: 10, task: {task}}}}}, batch_size: 10}}
model:
  layers:
    - {{Conv2d: {{out_channels: 8, kernel_size: 3, padding: 1}}}}
    - ReLU
    - {{Conv2d: {{out_channels: {out}, kernel_size: 3, padding: 1}}}}
loss: {loss}
optimizer: {{Adam: {{lr: 0.05}}}}
train: {{epochs: 1, memory_format: contiguous}}
"""
