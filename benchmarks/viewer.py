"""A log of a million scalars, opened: the first curve against TensorBoard's readers; and many runs in memory."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.measure import Options, Report, SkippedError, Spread, in_turns, ratios
from benchmarks.process import fresh, peak_memory
from torchwork.record import EventWriter, summary
from torchwork.record.frame import frame
from torchwork.serve.messages import SeriesQuery
from torchwork.serve.series import answer
from torchwork.serve.workspace import Workspace

TAGS = 50
SHARE = 0.1
"""Of the time of TensorBoard's Python reader that the first curve may take."""
RUNS, POINTS = 200, 100_000
MEMORY = 500.0
"""Megabytes that a server of so many runs of so many points may take."""


def run(options: Options, report: Report) -> None:
    """Both forms of the log, then the memory."""
    steps = options.size(20_000, 50)
    for name, write in (("one event for each step, as ours", whole_steps), ("one for each scalar", single_scalars)):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "run", steps)
            _compare(Path(folder), name, steps, options, report)
    used = fresh(memory, options.size(RUNS, 3), options.size(POINTS, 1000))
    report.say()
    report.check(f"{RUNS} runs of {POINTS:,} points, all drawn, MB", used / 1e6, MEMORY, unit=" MB")


def _compare(folder: Path, name: str, steps: int, options: Options, report: Report) -> None:
    sides: dict[str, Callable[[], float]] = {
        "first curve": partial(fresh, first_curve, folder),
        "tensorboard's Python reader": partial(fresh, accumulator, folder / "run"),
    }
    if fresh(has_native):
        sides["tensorboard's native reader"] = partial(fresh, native, folder, steps)
    found = in_turns(sides, options.size(options.rounds, 1))
    report.table(f"{steps * TAGS:,} scalars, {name}, seconds", found)
    ours, *others = found.values()
    report.check("of the Python reader's time", ratios(ours, others[0]), SHARE)
    if len(others) > 1:
        report.check("of the native reader's time", Spread.of(ratios(ours, others[1]).values), 1.0)


def whole_steps(folder: Path, steps: int) -> None:
    """All scalars of a step in one event."""
    with EventWriter(folder) as writer:
        rows = np.arange(steps * TAGS).reshape(steps, TAGS) * 0.5
        writer.scalar_rows(0, [f"tag/{number}" for number in range(TAGS)], rows, np.arange(steps) + 1e9)


def single_scalars(folder: Path, steps: int) -> None:
    """Each scalar in an event of its own, as torch.utils.tensorboard writes."""
    folder.mkdir()
    with (folder / "events.out.tfevents.1000000000.host.1.0").open("wb") as file:
        file.write(frame(summary.version_event(1e9)))
        for step in range(steps):
            for number in range(TAGS):
                event = summary.scalar_event(1e9 + step, step, (f"tag/{number}",), (step * 0.5,))
                file.write(frame(event))


def first_curve(folder: Path) -> float:
    """Seconds from opening the folder to the bytes of a curve."""
    begun = time.perf_counter()
    workspace = Workspace(folder)
    answer([SeriesQuery(runs=["run"], tag="tag/7", smoothing=0.6)], workspace.reading)
    return time.perf_counter() - begun


def accumulator(folder: Path) -> float:
    """Seconds that TensorBoard's EventAccumulator needs for all scalars of the run."""
    try:
        from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator
    except ImportError:
        raise SkippedError("needs the package tensorboard") from None
    begun = time.perf_counter()
    reader = EventAccumulator(str(folder), size_guidance={SCALARS: 0})
    reader.Reload()
    reader.Scalars("tag/7")
    return time.perf_counter() - begun


def has_native() -> bool:
    """Whether TensorBoard has its native reader on this machine."""
    try:
        import tensorboard_data_server

        return tensorboard_data_server.server_binary() is not None
    except ImportError:
        return False


def native(folder: Path, steps: int) -> float:
    """Seconds from the start of TensorBoard's native reader until it answers with the last step of a curve."""
    from tensorboard import context
    from tensorboard.data import server_ingester
    from tensorboard.util.grpc_util import ChannelCredsType

    begun = time.perf_counter()
    binary = server_ingester.get_server_binary()
    ingester = server_ingester.SubprocessServerDataIngester(
        server_binary=binary, logdir=str(folder), reload_interval=1, channel_creds_type=ChannelCredsType.LOCAL
    )
    ingester.start()
    try:
        while True:
            found = ingester.data_provider.list_scalars(
                context.RequestContext(), experiment_id="", plugin_name="scalars"
            )
            if found.get("run", {}).get("tag/7") and found["run"]["tag/7"].max_step >= steps - 1:
                return time.perf_counter() - begun
            time.sleep(0.01)
    finally:
        ingester._data_provider = None
        if ingester._server_process if hasattr(ingester, "_server_process") else None:
            ingester._server_process.kill()


def memory(runs: int, points: int) -> float:
    """The most bytes held by a process that lists, measures and draws so many runs of so many points, of ten tags."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with EventWriter(folder / "run-0") as writer:
            rows = np.random.default_rng(0).normal(size=(points // 10, 10))
            writer.scalar_rows(0, [f"step/{number}" for number in range(10)], rows, np.arange(points // 10) + 1e9)
        for number in range(1, runs):
            shutil.copytree(folder / "run-0", folder / f"run-{number}")
        return fresh(_watched, folder)


def _watched(folder: Path) -> float:
    workspace = Workspace(folder)
    listed = workspace.runs()
    while workspace.busy:
        time.sleep(0.05)
    answer([SeriesQuery(runs=[run.id], tag="step/0") for run in listed], workspace.reading)
    return peak_memory()
