"""Code: printing and reading back, the lines of LeNet's script, and its epoch beside that of the run."""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import training
from benchmarks.graph import resnet50
from benchmarks.measure import Options, Report, Spread, arguments, in_turns, ratios
from benchmarks.process import fresh
from torchwork.build import check
from torchwork.code.network.classes import print_network
from torchwork.code.reading import read_script
from torchwork.code.script import print_checked, print_script
from torchwork.experiment import Experiment
from torchwork.graph import TensorSpec, resolve

PRINTING = 50.0
"""Milliseconds in which ResNet-50's network is printed."""
LINES = 119
"""of the script of LeNet on Fashion-MNIST, all counted."""
TIMES = 20
"""Repetitions of what takes milliseconds."""
EDIT = ("lr=0.01", "lr=0.02")


def run(options: Options, report: Report) -> None:
    """The network of ResNet-50, then the script of LeNet: printed, counted, read back, trained."""
    root = options.folder("fashion_mnist").resolve()
    found = {"ResNet-50's network, after the first": network(), **script(root, options)}
    report.table("milliseconds", {name: spread.values for name, spread in found.items()})
    text = print_script(lenet(root, {}), base=root)
    report.say()
    report.check("printing ResNet-50's network", next(iter(found.values())), PRINTING, unit=" ms")
    report.check("lines of LeNet's script", text.count("\n"), LINES)
    epochs(root, options, report)


def network() -> Spread:
    """Printing ResNet-50, resolved before."""
    model = resnet50()
    resolved = resolve(model, [TensorSpec((1, 3, 224, 224))])
    return timed(lambda: print_network(model, resolved, "ResNet50"), TIMES)


def script(root: Path, options: Options) -> dict[str, Spread]:
    """LeNet's whole script, with its data opened and without; and the way back."""
    experiment = lenet(root, {})
    checked = check(experiment, base=root)
    text = print_checked(checked, base=root)
    edited = text.replace(*EDIT)
    rounds = options.rounds
    return {
        "LeNet's script, data opened": timed(lambda: print_script(experiment, base=root), rounds),
        "LeNet's script, checked before": timed(lambda: print_checked(checked, base=root), TIMES),
        "read back untouched": timed(lambda: read_script(text, base=root), TIMES),
        "read back with one edit": timed(lambda: read_script(edited, base=root), rounds),
    }


def timed(action: Callable[[], object], times: int) -> Spread:
    """Milliseconds of an action, after a first time that is not counted."""
    action()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        found.append(1000 * (time.perf_counter() - begun))
    return Spread.of(found)


def epochs(root: Path, options: Options, report: Report) -> None:
    """An epoch of the script against one of the run that it repeats, validation included on both sides."""
    limit = {"data__limit": 2000} if options.quick else {}
    settings = training.fashion(root, train__epochs=3, train__memory_format="contiguous", **limit)
    sides = {
        "the run, all that it records": partial(fresh, run_seconds, settings),
        "its script": partial(fresh, script_seconds, settings),
    }
    measured = in_turns(sides, options.rounds)
    report.table("seconds an epoch, training and validation", measured)
    ours, printed = measured.values()
    report.say(f"  {'the run / its script':42}{ratios(ours, printed)}")


def run_seconds(settings: dict[str, Any]) -> float:
    """Seconds of an epoch of the run, all but the first."""
    return statistics.mean(training.epochs_of(settings).whole)


def script_seconds(settings: dict[str, Any]) -> float:
    """Seconds of an epoch of the script, all but the first, from the end of one evaluation to that of the next."""
    text = print_script(lenet(Path(), settings), base=Path())
    space: dict[str, Any] = {"__name__": "printed"}
    exec(compile(text, "printed.py", "exec"), space)
    evaluate, ends = space["evaluate"], list[float]()

    def watched(*given: Any) -> Any:
        measured = evaluate(*given)
        ends.append(time.perf_counter())
        return measured

    space["evaluate"] = watched
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)  # this process is the script's own; it writes its best weights here
        space["main"]()
    return (ends[-1] - ends[0]) / (len(ends) - 1)


def lenet(root: Path, settings: dict[str, Any]) -> Experiment:
    """The example, with its data at `root` where the settings do not say."""
    given = settings or training.fashion(root)
    return Experiment.load(training.LENET, arguments(given))
