"""Training in the terminal: a bar that is redrawn by time, and one line for each epoch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from torchwork.engine.report import EpochReport, Info, Listener, Outcome

REDRAW = 0.25
"""Seconds between redraws."""


class ProgressBar(Listener):
    """Shows loss, metrics, rate and time left; where the output is no terminal only the line of each epoch."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self.bar: Progress | None = None
        self.task = TaskID(0)
        self.epochs = self.samples_per_step = 0.0
        self._drawn = 0.0

    def on_start(self, info: Info) -> None:
        self.epochs = info.epochs
        self.samples_per_step = info.samples / max(info.steps_per_epoch, 1)
        self.steps_per_epoch = info.steps_per_epoch
        if self.console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), TextColumn("left"))
            # transient: the lines of the epochs are what stays; redrawn by us: no thread beside training.
            self.bar = Progress(*columns, console=self.console, transient=True, auto_refresh=False)
            self.task = self.bar.add_task("", total=info.epochs * info.steps_per_epoch, completed=info.step)
            self.bar.start()

    def on_steps(
        self, first_step: int, names: Sequence[str], rows: Sequence[Sequence[float]], wall_times: Sequence[float]
    ) -> None:
        now = time.monotonic()
        if self.bar is None or now - self._drawn < REDRAW:
            return
        self._drawn = now
        step = first_step + len(rows) - 1
        shown = [
            f"{name.removeprefix('step/')} {value:.4g}"
            for name, value in zip(names, rows[-1], strict=True)
            if "/lr" not in name
        ]
        seconds = wall_times[-1] - wall_times[0]
        if seconds > 0:
            shown.append(f"{(len(rows) - 1) / seconds * self.samples_per_step:,.0f}/s")
        epoch = (step - 1) // self.steps_per_epoch + 1
        self.bar.update(self.task, completed=step, description=f"epoch {epoch}/{self.epochs:.0f}  " + "  ".join(shown))
        self.bar.refresh()

    def on_epoch(self, report: EpochReport) -> None:
        self.console.print(epoch_line(report, int(self.epochs)), highlight=False, markup=False, soft_wrap=True)

    def on_note(self, text: str) -> None:
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def on_end(self, outcome: Outcome) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def epoch_line(report: EpochReport, epochs: int) -> str:
    """`epoch 3/10  loss 0.234 (valid 0.145)  accuracy 0.914 (valid 0.974)  2.1 s  28,512/s`."""
    parts = [f"epoch {report.epoch}/{epochs}"]
    for tag, value in report.metrics.items():
        split, _, name = tag.partition("/")
        if split == "train":
            valid = report.metrics.get(f"valid/{name}")
            parts.append(f"{name} {value:.4g}" + (f" (valid {valid:.4g})" if valid is not None else ""))
    return "  ".join([*parts, f"{report.seconds:.1f} s", f"{report.rate:,.0f}/s"])
