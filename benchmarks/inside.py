"""What looking inside costs: the live statistics at their default schedule, and the looks at the ends of epochs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from benchmarks.measure import Options, Report, Spread
from benchmarks.process import fresh
from torchwork.catalog.vision import vision
from torchwork.inside import EpochLook, Statistics, overview, rarely
from torchwork.inside.statistics import EVERY
from torchwork.record import EventWriter

EAGER, COMPILED = 1.03, 1.01
FIRST = 40
"""Steps before the measured ones: all of the first are looked into, and a compiled network is compiled."""
CHANNELS = (3, 32, 32, 64, 64, 128, 128)
EPOCHS, BYTES = 100, 100e6
"""Of ResNet-50, what may be recorded of its outputs, maps and kernels."""


def run(options: Options, report: Report) -> None:
    """Statistics in eager mode and compiled, then what an epoch's end costs and writes."""
    report.say(COUNTED)
    for compiled, limit in ((False, EAGER), (True, COMPILED)):
        report_steps(*fresh(step_ratios, compiled, options.size(2000, 40)), compiled, limit, report)
    report_epochs(options, report)


COUNTED = """
The network of six convolutions with batch norm and ReLU, 0.29 M parameters, batches of 64 pictures 3x32x32, SGD with
momentum, one thread. Two trainings, with and without statistics, take turns step by step in one process, each the first
in every second turn, so that a busy moment of the machine meets both; CPU time. Every tenth step is looked into. The
ratio of a training is that of its steps: nine between two looks, one looked into; each by the median of its pairs."""


def report_steps(idle: Sequence[float], looked: Sequence[float], compiled: bool, limit: float, report: Report) -> None:
    """Both kinds of steps, with where their median lies, and a training of nine to one."""
    report.say(f"\n{'compiled' if compiled else 'eager'}: a step with statistics / without")
    ends = []
    for name, found in (("between two looks", Spread.of(idle)), ("looked into", Spread.of(looked))):
        low, high = found.interval
        ends.append((low, found.median, high))
        report.say(
            f"  {name:42}{found.median:9.4f}   median lies in {low:.4f} to {high:.4f} (95 %), n {len(found.values)}"
        )
    low, middle, high = (at_default(*values) for values in zip(*ends, strict=True))
    report.check("a training of nine to one", middle, limit)
    report.say(f"  {'':42}           at most {high:.4f}, at least {low:.4f}")


def network() -> nn.Sequential:
    """The network on which the limits are set."""
    torch.manual_seed(0)
    parts: list[nn.Module] = []
    for number, (before, after) in enumerate(pairwise(CHANNELS)):
        parts += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        parts += [nn.MaxPool2d(2)] if number % 2 else []
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(CHANNELS[-1], 10))


class Side:
    """A training, with or without statistics."""

    def __init__(self, seen: bool, compiled: bool) -> None:
        self.model = network()
        self.statistics = Statistics(self.model, always=compiled) if seen else None
        if self.statistics:
            self.statistics.attach()
        self.network = torch.compile(self.model) if compiled else self.model
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.SGD(self.parameters, 0.01, momentum=0.9)
        self.inputs, self.targets = torch.randn(64, 3, 32, 32), torch.randint(0, 10, (64,))
        self.step = 0

    @property
    def looked(self) -> bool:
        """Whether the last step was looked into."""
        return self.statistics is not None and self.statistics.wants(self.step)

    def run(self) -> float:
        """Seconds of the processor that the next step takes."""
        begun = time.process_time()
        self.step += 1
        looking = self.statistics if self.looked else None
        if looking:
            looking.before_step(self.step)
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.network(self.inputs), self.targets).backward()
        if looking:
            looking.after_backward(self.parameters)
        self.optimizer.step()
        if looking:
            looking.after_step()
            looking.read()
        return time.process_time() - begun


def at_default(idle: float, looked: float) -> float:
    """A training at the default schedule: of ten steps one is looked into."""
    return (idle * (EVERY - 1) + looked) / EVERY


def step_ratios(compiled: bool, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds with statistics over seconds without, step by step: between two looks, and of those looked into."""
    torch.set_num_threads(1)
    without, seen = Side(False, compiled), Side(True, compiled)
    found: tuple[list[float], list[float]] = [], []
    for number in range(FIRST + pairs):
        order = (without, seen) if number % 4 in (0, 3) else (seen, without)
        seconds = {side: side.run() for side in order}
        if number >= FIRST:
            found[seen.looked].append(seconds[seen] / seconds[without])
    return found


def report_epochs(options: Options, report: Report) -> None:
    """The end of an epoch of ResNet-50 at 224 pixels: seconds, and bytes over a hundred epochs."""
    model = vision().models.resnet50()
    look = EpochLook(model, torch.randn(8, 3, options.size(224, 64), options.size(224, 64)))
    look.take()
    report.table(
        "ResNet-50, seconds once an epoch that is looked at",
        {"a look with 8 samples": _seconds(look.take, options)},
    )
    looks = sum(rarely(epoch, EPOCHS) for epoch in range(1, EPOCHS + 1))
    size = _bytes(look)
    report.say(f"  {looks} looks in {EPOCHS} epochs, {size / 1e6:.2f} MB each")
    report.check("bytes of outputs, maps and kernels", looks * size, BYTES)
    report.say(f"  {len(overview(model, torch.randn(2, 3, 64, 64), timed=False).layers)} layers")


def _seconds(do: Callable[[], object], options: Options) -> list[float]:
    found = []
    for _ in range(options.size(3, 1)):
        begun = time.process_time()
        do()
        found.append(time.process_time() - begun)
    return found


def _bytes(look: EpochLook) -> int:
    """What one look writes; noise as input compresses worst."""
    with tempfile.TemporaryDirectory() as folder:
        with EventWriter(folder) as writer:
            look.take().record(writer, 1)
        return sum(file.stat().st_size for file in Path(folder).iterdir())
