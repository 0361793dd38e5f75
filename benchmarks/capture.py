"""Import: every classification and segmentation model of torchvision, and networks as people write them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.measure import ROOT, Options, Report, Spread, in_turns
from benchmarks.process import fresh, limit_memory
from tests.capture.nets import NETS
from torchwork.capture import capture
from torchwork.capture.constructors import watched
from torchwork.capture.report import CLOSE
from torchwork.catalog import vision

RESNET50 = 5.0
"""Seconds that the command may take for ResNet-50: start, model, capture and proof."""
CODE = 0.1
"""Largest share of classes that may stay code."""
QUICK = ("resnet18", "squeezenet1_1", "mobilenet_v3_small")
MEMORY = 0.8
"""Share of the free memory that one model may take; one that needs more is left out with a notice."""
ROWS = ROOT / "build" / "benchmarks" / "capture"
"""What was found of each model, so that a measurement that was broken off goes on; remove it to begin again."""


@dataclass(frozen=True)
class Row:
    """What the table says of one model; `problem` is empty when it was proved."""

    name: str
    seconds: float = 0.0
    ways: tuple[str, ...] = ()
    outputs: float | None = None
    step: float | None = None
    problem: str = ""
    skipped: str = ""

    def __str__(self) -> str:
        if self.skipped:
            return f"{self.name:28} skipped: {self.skipped}"
        counts = "".join(f"{self.ways.count(way):9}" for way in ("native", "recorded", "code"))
        differences = "".join(f"{'-' if each is None else f'{each:.1e}':>9}" for each in (self.outputs, self.step))
        return f"{self.name:28}{len(self.ways):8}{counts}{differences}{self.seconds:9.1f}  {self.problem}".rstrip()


def run(options: Options, report: Report) -> None:
    """A line for each model, each in a process of its own; then the time of the whole command for ResNet-50."""
    heads = "".join(f"{head:>9}" for head in ("native", "recorded", "code", "outputs", "step", "seconds"))
    report.say(f"\n{'model':28}{'classes':>8}{heads}")
    rows = []
    for name in names(options):
        rows.append(kept(name))
        report.say(str(rows[-1]))
    conclude(rows, report)
    command(options, report)


def names(options: Options) -> Iterator[str]:
    """The networks of the tests, and every model of torchvision that classifies or segments."""
    yield from NETS
    library = vision().models
    for module in (library, library.segmentation):
        yield from (name for name in library.list_models(module) if not options.quick or name in QUICK)


def kept(name: str) -> Row:
    """The row of an earlier measurement, or a new one, which is kept unless the model was left out."""
    file = ROWS / f"{name}.json"
    if file.is_file():
        found = json.loads(file.read_text("utf-8"))
        return Row(**{**found, "ways": tuple(found["ways"])})
    try:
        row = fresh(measured, name)
    except BrokenProcessPool:
        row = Row(name, skipped="its process was ended, which is what systems do that run out of memory")
    if not row.skipped:
        ROWS.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(row)), "utf-8")
    return row


def measured(name: str) -> Row:
    """Captures one model in this process."""
    limit_memory(MEMORY)
    make, inputs = known(name)
    try:
        with watched() as made:
            module = make()
        begun = time.perf_counter()
        found = capture(module, inputs(), name, made).report
    except Exception as error:  # a table tells of a failure and goes on
        return Row(name, **_failure(str(error)))
    seconds, proof = time.perf_counter() - begun, found.proof
    failure = _failure(proof.problem) if proof.problem else {}
    return Row(name, seconds, tuple(each.way for each in found.classes), proof.outputs, proof.step, **failure)


def _failure(told: str) -> dict[str, str]:
    first = (told.splitlines() or ["no memory"])[0]
    return {"skipped": "it needs more memory than is free"} if "memory" in first else {"problem": first}


def known(name: str) -> tuple[Callable[[], nn.Module], Callable[[], list[Tensor]]]:
    """How a model is made, with random weights, and its inputs."""
    if name in NETS:
        return NETS[name].make, NETS[name].inputs
    library = vision().models
    more = {"weights_backbone": None} if name in library.list_models(library.segmentation) else {}
    side = 299 if name == "inception_v3" else 224
    return partial(library.get_model, name, weights=None, **more), lambda: [torch.rand(1, 3, side, side)]


def conclude(rows: list[Row], report: Report) -> None:
    """The numbers that are claimed, over all models that fit into memory."""
    tried = [row for row in rows if not row.skipped]
    ways = [way for row in tried for way in row.ways]
    worst = max(float("inf") if row.problem or row.outputs is None else row.outputs for row in tried)
    report.say(f"\n{len(tried)} models, {len(rows) - len(tried)} left out, {len(ways)} classes")
    report.check("largest relative difference of outputs", worst, CLOSE)
    report.check("share of classes that stay code", ways.count("code") / len(ways), CODE)


def command(options: Options, report: Report) -> None:
    """Seconds of `torchwork import torchvision.models:resnet50`, from the start of its process to its end."""
    found = in_turns({"resnet50": imported}, options.rounds if not options.quick else 1)
    report.check("torchwork import of ResNet-50", Spread.of(found["resnet50"]), RESNET50, unit=" s")


def imported() -> float:
    """Seconds of one import of ResNet-50."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["import", "torchvision.models:resnet50", "-o", str(Path(folder) / "resnet50.yaml")]
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "torchwork", *words], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun
