"""Import: every classification and segmentation model of torchvision, and networks as people write them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from benchmarks.measure import Options, Report
from tests.capture.nets import NETS
from torchwork.capture import Captured, capture
from torchwork.capture.constructors import watched
from torchwork.capture.report import CLOSE
from torchwork.catalog import vision

RESNET50 = 5.0
"""Seconds that an import of ResNet-50 may take, its proof included."""
CODE = 0.1
"""Largest share of classes that may stay code."""
QUICK = ("resnet18", "squeezenet1_1", "mobilenet_v3_small")
Makes = tuple[str, Callable[[], nn.Module], Callable[[], list[Tensor]]]


def run(options: Options, report: Report) -> None:
    """A line for each model: seconds, classes by the way they were taken over, the largest differences."""
    found: dict[str, tuple[Captured, float]] = {}
    report.say(f"{'model':32}{'seconds':>8}{'classes':>8}{'code':>6}{'recorded':>9}{'outputs':>9}{'step':>9}")
    for name, make, inputs in models(options):
        with watched() as made:
            module = make()
        begun = time.perf_counter()
        found[name] = capture(module, inputs(), name, made), time.perf_counter() - begun
        report.say(line(name, *found[name]))
    conclude(found, report)


def models(options: Options) -> Iterator[Makes]:
    """Every model with its inputs."""
    for name, net in NETS.items():
        yield name, net.make, net.inputs
    library = vision().models
    for module in (library, library.segmentation):
        for name in library.list_models(module):
            if not options.quick or name in QUICK:
                yield name, lambda module=module, name=name: made(module, name), lambda name=name: [picture(name)]  # type: ignore[misc]


def made(module: object, name: str) -> nn.Module:
    """A model of torchvision with random weights."""
    more = {} if module is vision().models else {"weights_backbone": None}
    model: nn.Module = vision().models.get_model(name, weights=None, **more)
    return model


def picture(name: str) -> Tensor:
    """One picture of the size that the model was made for."""
    side = 299 if name == "inception_v3" else 224
    return torch.rand(1, 3, side, side)


def line(name: str, captured: Captured, seconds: float) -> str:
    """What the table says of one model."""
    ways = [row.way for row in captured.report.classes]
    proof = captured.report.proof
    outputs, step = (f"{value:9.1e}" if value is not None else f"{'-':>9}" for value in (proof.outputs, proof.step))
    counts = f"{len(ways):8}{ways.count('code'):6}{ways.count('recorded'):9}"
    return f"{name:32}{seconds:8.1f}{counts}{outputs}{step} {proof.problem}"


def conclude(found: dict[str, tuple[Captured, float]], report: Report) -> None:
    """The numbers that are claimed."""
    reports = [captured.report for captured, _ in found.values()]
    classes = [row for one in reports for row in one.classes]
    worst = max(float("inf") if one.proof.outputs is None else one.proof.outputs for one in reports)
    report.check("largest relative difference of outputs", worst, CLOSE)
    report.check("share of classes that stay code", sum(row.way == "code" for row in classes) / len(classes), CODE)
    if "resnet50" in found:
        report.check("import of ResNet-50", found["resnet50"][1], RESNET50, unit=" s")
