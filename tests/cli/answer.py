"""What a command answers, as a person sees it: its exit status and what it prints."""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from torchwork.cli import main

DOCUMENT = """name: first
seed: 1
data:
  source: {Shapes: {size: 16, train: 48, valid: 16}}
  batch_size: 16
model:
  layers:
    - {Conv2d: {out_channels: 4, kernel_size: 3}, name: conv}
    - ReLU
    - {AdaptiveAvgPool2d: {output_size: 4}, name: pool}
    - Flatten
    - {Linear: {out_features: classes}, name: head}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
schedule: {CosineAnnealingLR: {T_max: epochs}}
train: {epochs: 2, memory_format: contiguous}
"""
"""Small, so that a training takes a fraction of a second."""

TABLE = """name: table
data: {source: {Table: {path: table.csv, target: y}}, split: {valid: 0.25}, batch_size: 8}
model: {layers: [{Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 1, memory_format: contiguous}
"""


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def errors(self) -> list[str]:
        """The sentences on what is wrong; beside them only warnings may stand on stderr."""
        lines = [line for line in self.err.splitlines() if not line.startswith("warning: ")]
        assert all(line.startswith("error: ") for line in lines), self.err
        return [line.removeprefix("error: ") for line in lines]


def ask(*arguments: str | Path) -> Answer:
    """Runs one command in this process."""
    out, err = io.StringIO(), io.StringIO()
    seen = warnings.catch_warnings(action="default")  # as for a person: tests alone take warnings for errors
    with seen, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as exit_:  # argparse: a wrong command line, --help, --version
            status = int(exit_.code or 0)
    return Answer(status, out.getvalue(), err.getvalue())


def refused(*arguments: str | Path) -> str:
    """Runs a command that cannot work; its one sentence."""
    answer = ask(*arguments)
    assert answer.status == 2, answer
    (sentence,) = answer.errors
    return sentence


def settings(*values: str) -> list[str]:
    """`--set` for each."""
    return [item for value in values for item in ("--set", value)]


def files(folder: Path) -> set[str]:
    """Everything below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def picture(path: Path, size: int = 16, seed: int = 0) -> Path:
    """A picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (size, size, 3), np.uint8)).save(path)
    return path


def pictures(root: Path, **classes: int) -> Path:
    """`root/train/CLASS/*.png` and `root/val/CLASS/*.png`, so many each."""
    for split in ("train", "val"):
        for name, count in classes.items():
            for number in range(count):
                picture(root / split / name / f"{number}.png", seed=number)
    return root
