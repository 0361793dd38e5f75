"""What each template of `torchwork new` reaches when it is trained for about a minute on two cores."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from benchmarks import training
from benchmarks.measure import Options, Report
from benchmarks.process import fresh


@dataclass(frozen=True)
class Case:
    """How a template is shortened, and what it must reach: of `measure`, where guessing reaches `chance`."""

    chance: float
    least: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    measure: str = "accuracy"
    folder: str = ""
    """the data set that it needs"""


FALLS = 0.9
"""The loss of the last epoch, as a share of the first one's."""
SMALL = {"data.limit": 2000}
CASES = {
    "shapes": Case(1 / 10, 0.6, {"train.epochs": 4}),
    "fashion": Case(1 / 10, 0.75, {"train.epochs": 3, "data.limit": 12_000}, folder="fashion_mnist"),
    "pictures": Case(1 / 2, 0.6, {"train.epochs": 12}, folder="hymenoptera_small"),
    "table": Case(1 / 3, 0.85, {"train.epochs": 20}, folder="csv"),
    "lenet": Case(1 / 10, 0.5, {"train.epochs": 15}),
    "alexnet": Case(1 / 10, 0.4, {"train.epochs": 15}),
    "resnet18": Case(1 / 10, 0.4, {"train.epochs": 4, **SMALL}),
    "unet": Case(0.5, 0.85, {"train.epochs": 4, "data.limit": 500}),
    "transformer": Case(1 / 10, 0.4, {"train.epochs": 8}),
    "lstm": Case(1 / 5, 0.5, {"train.epochs": 8}),
}
DATA = {
    "fashion": ("data.source.FashionMNIST.root", ""),
    "pictures": ("data.source.ImageFolder.root", ""),
    "table": ("data.source.Table.path", "iris.csv"),
}
"""The setting that says where the data of a template lie, and the file in their folder."""


def run(options: Options, report: Report) -> None:
    """Each learns: its loss falls clearly, and it is far better than guessing. Nothing is chosen by hand afterwards."""
    report.say(f"\n{'template':14}{'epochs':>7}{'seconds':>9}   loss (train)        measure (valid)")
    reached = {}
    for name, case in CASES.items():
        settings = {**case.settings, **where(options, name, case)}
        if options.quick:
            settings |= {"train.epochs": 2, "data.limit": 64}
        losses, found, seconds = fresh(trained, name, settings, case.measure)
        reached[name] = (losses[-1] / losses[0], found[-1])
        first = f"{losses[0]:.3f} to {losses[-1]:.3f}"
        report.say(
            f"{name:14}{len(losses):7}{seconds:9.0f}   {first:20}{case.measure} {found[-1]:.3f}, best {max(found):.3f}"
        )
    report.say()
    for name, (share, value) in reached.items():
        report.check(f"{name}: last loss by the first", share, FALLS)
        report.check(f"{name}: guessing gives {CASES[name].chance:.2f}", value, CASES[name].least, least=True)


def where(options: Options, name: str, case: Case) -> dict[str, Any]:
    """Where the data of a template lie, if it needs any."""
    if name not in DATA:
        return {}
    place, file = DATA[name]
    return {place: options.folder(case.folder) / file, **({"data.source.Table.target": "species"} if file else {})}


def trained(name: str, settings: Mapping[str, Any], measure: str) -> tuple[list[float], list[float], float]:
    """The losses of training and the validation's measure by epoch, and the seconds of the whole."""
    document = Path(str(resources.files("torchwork.templates") / f"{name}.yaml"))
    begun = time.perf_counter()
    with training.trained(document, settings) as run:
        seconds = time.perf_counter() - begun
        log = run.metrics
        return log["train/loss"].values.tolist(), log[f"valid/{measure}"].values.tolist(), seconds
