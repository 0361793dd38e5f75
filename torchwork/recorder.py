"""Turns what the engine reports into records in the run folder."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from torchwork.engine import Batches, EpochReport, Info, Listener, Outcome, Probe, Task
from torchwork.experiment import Record, Train
from torchwork.inside import EpochLook, Statistics, parameter_histograms, rarely, untouched
from torchwork.inside.grids import scaled
from torchwork.record import EventWriter, RunFolder
from torchwork.record.system import SystemMonitor

CHARTS = {"loss": ["train/loss", "valid/loss"], "accuracy": ["train/accuracy", "valid/accuracy"]}
"""Tags that belong in one chart."""


class Recorder(Listener):
    """Writes scalars of every step and epoch, histograms, pictures, settings and how busy the machine is.

    `look` makes what looks at the network at the end of epochs.
    """

    def __init__(
        self,
        folder: RunFolder,
        model: nn.Module,
        settings: Train,
        pictures: Tensor | None = None,
        look: Callable[[], EpochLook] | None = None,
    ) -> None:
        self.folder, self.model, self.settings, self.pictures = folder, model, settings.record, pictures
        self._make_look = look if self.settings.histograms or self.settings.maps else None
        self._look: EpochLook | None = None
        self.epochs = settings.epochs
        self.writer: EventWriter | None = None
        every = settings.record.statistics
        self.statistics = Statistics(model, every, always=settings.compile) if every else None
        self.system: SystemMonitor | None = None

    def on_start(self, info: Info) -> None:
        """Opens the event file; a new run begins with its settings and some of its pictures.

        `run.json` says how long an epoch is, so that others can tell the time left before the first one has ended.
        """
        self.writer = EventWriter(self.folder.path, info.step + 1 if info.resumed else 0)
        if not info.resumed:
            self.writer.hparams(self.folder.info.settings)
            for number, picture in enumerate(self.pictures if self.pictures is not None else ()):
                self.writer.image(0, f"train/picture-{number}", picture.permute(1, 2, 0).numpy())
        self.writer.layout(CHARTS)
        facts = {**self.folder.info.data, "steps_per_epoch": info.steps_per_epoch}
        self.folder.update(status="running", error=None, data=facts)
        self.system = SystemMonitor()
        if self.statistics is not None:
            self.statistics.attach()

    @property
    def probes(self) -> list[Probe]:
        """What is to look into single steps."""
        return [self.statistics] if self.statistics is not None else []

    def on_steps(
        self, first_step: int, names: Sequence[str], rows: Sequence[Sequence[float]], wall_times: Sequence[float]
    ) -> None:
        """One event for each step with all its scalars."""
        assert self.writer is not None
        self.writer.scalar_rows(first_step, names, rows, wall_times)
        self._record_statistics()
        self._record_system(first_step + len(rows) - 1)

    def on_epoch(self, report: EpochReport) -> None:
        """One event with all scalars of the epoch, and histograms of weights and of the last step's gradients."""
        assert self.writer is not None
        clock = {"epoch": float(report.epoch), "time/epoch": report.seconds, "time/rate": report.rate}
        clock["time/waiting"] = report.waiting
        dead = self.statistics.dead() if self.statistics is not None else {}
        self.writer.scalars(report.step, {**report.metrics, **clock, **dead})
        for tag, found in parameter_histograms(self.model) if self.settings.histograms else ():
            found.record(self.writer, report.step, tag)
        if rarely(report.epoch, self.epochs):
            self._record_look(report.step)
        self._record_system(report.step)
        self.folder.update(result=report.metrics)

    def _record_look(self, step: int) -> None:
        """What the layers give for the probe batch; once also what they cost. Training goes on where that fails."""
        if self._make_look is None:
            return
        try:
            self._look = self._look or self._make_look()
            view = self._look.take()
        except Exception as error:  # a network that takes other inputs, or no memory left: whatever a model may raise
            why = str(error).strip().partition("\n")[0] or type(error).__name__
            warnings.warn(f"the outputs of the layers are not recorded: {why}", stacklevel=2)
            self._make_look = None
            return
        assert self.writer is not None
        view.record(self.writer, step)

    def _record_statistics(self) -> None:
        assert self.writer is not None
        for step, values in self.statistics.read() if self.statistics is not None else ():
            self.writer.scalars(step, values)

    def _record_system(self, step: int) -> None:
        """What was measured meanwhile; by this thread, so that a full disk is told to the training and nobody else."""
        assert self.writer is not None and self.system is not None
        for moment, values in self.system.taken():
            self.writer.scalars(step, values, moment)

    def on_save(self) -> None:
        """What a checkpoint counts as done must not wait in the queue when the process is killed behind it."""
        if self.writer is not None:
            self.writer.flush()

    def on_end(self, outcome: Outcome) -> None:
        """Closes the event file; `early_stopped` is a way of being done. Why it failed is for the caller to say."""
        if self.statistics is not None:
            self.statistics.close()
        if self.system is not None:
            self.system.close()
        if self.writer is not None:
            self.writer.close()
        if outcome.metrics:
            self.folder.update(result={**outcome.metrics, **_best(outcome)})
        if outcome.status != "failed":
            self.folder.update(status="done" if outcome.status == "early_stopped" else outcome.status)


def _best(outcome: Outcome) -> dict[str, float]:
    best = outcome.best
    return {} if best is None else {f"best {best.monitor}": best.value, "best epoch": best.epoch}


def pictures_of(batches: Batches, count: int) -> Tensor | None:
    """The first `count` inputs of the first batch as uint8 pictures [n, C, H, W], each stretched to its own range.

    None where inputs are no pictures.
    """
    inputs = next(iter(batches.epoch(0)))[0] if count else None
    if not isinstance(inputs, Tensor) or inputs.dim() != 4 or inputs.shape[1] not in (1, 3):
        return None
    return torch.from_numpy(scaled(inputs[:count]).pixels)


def look_of(model: nn.Module, task: Task, batches: Batches, settings: Record) -> EpochLook:
    """Looks at the model at the end of epochs with the first samples of `batches`; no random generator is moved."""
    with untouched():
        inputs = next(iter(batches.epoch(0)))[0]
    return EpochLook(model, inputs, task.predict, maps=settings.maps, histograms=settings.histograms)
