"""What looking inside costs: the live statistics at their default schedule, and the looks at the ends of epochs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from benchmarks.measure import Options, Report, Spread, in_turns, ratios
from benchmarks.process import fresh
from torchwork.catalog.vision import vision
from torchwork.inside import EpochLook, Statistics, overview, rarely
from torchwork.inside.statistics import EVERY
from torchwork.record import EventWriter

EAGER, COMPILED = 1.03, 1.01
BLOCK = 20
"""Steps measured in turn, the two sides next to each other; two looks fall into each."""
CHANNELS = (3, 32, 32, 64, 64, 128, 128)
EPOCHS, BYTES = 100, 100e6
"""Of ResNet-50, what may be recorded of its outputs, maps and kernels."""


def run(options: Options, report: Report) -> None:
    """Statistics in eager mode and compiled, then what an epoch's end costs and writes."""
    report.say(COUNTED)
    for compiled, limit in ((False, EAGER), (True, COMPILED)):
        found = fresh(step_ratios, compiled, options.size(60, 3), options.size(BLOCK, 2))
        name = "compiled" if compiled else "eager"
        report.check(f"step with statistics / without, {name}", Spread.of(found), limit)
    looked = fresh(step_ratios, False, options.size(40, 3), options.size(5, 2), 1)
    report.check("the same, from steps that are all looked into", Spread.of(map(at_default, looked)), EAGER)
    report_epochs(options, report)


COUNTED = """
The network of six convolutions with batch norm and ReLU, 0.29 M parameters, batches of 64 pictures 3x32x32, SGD with
momentum, one thread. Blocks of steps with and without statistics take turns in one process, each the first in every
second turn; CPU time, so that other programs disturb little. From step 41 on: every tenth step is looked at. In eager
mode a step between two looks is as one without statistics, so the cost is also that of looking over ten: less noise."""


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

    def __init__(self, seen: bool, compiled: bool, every: int = EVERY) -> None:
        self.model = network()
        self.statistics = Statistics(self.model, every, always=compiled) if seen else None
        if self.statistics:
            self.statistics.attach()
        self.network = torch.compile(self.model) if compiled else self.model
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.SGD(self.parameters, 0.01, momentum=0.9)
        self.inputs, self.targets = torch.randn(64, 3, 32, 32), torch.randint(0, 10, (64,))
        self.step = 0

    def run(self, steps: int) -> float:
        """Seconds of the processor."""
        begun = time.process_time()
        for _ in range(steps):
            self._step()
        if self.statistics:
            self.statistics.read()
        return time.process_time() - begun

    def _step(self) -> None:
        self.step += 1
        looking = self.statistics if self.statistics and self.statistics.wants(self.step) else None
        if looking:
            looking.before_step(self.step)
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.network(self.inputs), self.targets).backward()
        if looking:
            looking.after_backward(self.parameters)
        self.optimizer.step()
        if looking:
            looking.after_step()


def at_default(looked: float) -> float:
    """A step at the default schedule, where one that is looked into takes `looked` times as long as another."""
    return 1 + (looked - 1) / EVERY


def step_ratios(compiled: bool, rounds: int, block: int, every: int = EVERY) -> list[float]:
    """Seconds with statistics over seconds without, block by block."""
    torch.set_num_threads(1)
    sides = {"without": Side(False, compiled), "with": Side(True, compiled, every)}
    for side in sides.values():
        side.run(2 * block)
    measured = in_turns({name: partial(side.run, block) for name, side in sides.items()}, rounds)
    return list(ratios(measured["with"], measured["without"]).values)


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
