"""A light tracker for people with their own loop: settings as attributes, batches counted, values recorded."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from torchwork.errors import RunFolderError, nearest
from torchwork.inside import EpochLook, Watching, parameter_histograms, rarely
from torchwork.inside.statistics import EVERY
from torchwork.record import EventWriter, RunFolder
from torchwork.record.system import process_memory

if TYPE_CHECKING:
    from torch import nn

COUNT = "correct"
"""A value logged under this name is a count; an epoch's count over its samples is recorded as accuracy."""


class Tracker:
    """One run of one's own loop. The run's settings are its attributes: `run.lr`, `run.batch_size`.

    Values given to `log` are recorded as `step/<name>` at once, and as `train/<name>` (the mean over the epoch's
    samples) when `epochs` goes on to the next epoch.
    """

    def __init__(self, folder: RunFolder, settings: Mapping[str, Any]) -> None:
        clash = sorted(name for name in settings if hasattr(Tracker, name))
        if clash:
            raise RunFolderError(f"the tracker has a {', '.join(clash)} of its own; call the setting something else")
        self._folder, self._settings = folder, dict(settings)
        self._writer = EventWriter(folder.path)
        self._writer.hparams(settings)
        self._model: nn.Module | None = None
        self._watching: Watching | None = None
        self._look: EpochLook | None = None
        self._step = self._epoch = 0
        self._open = False
        self._samples, self._waited, self._trained = 0, 0.0, 0.0
        self._rows: list[dict[str, Any]] = []
        self._forget()

    def __getattr__(self, name: str) -> Any:
        settings = self.__dict__.get("_settings", {})
        if name not in settings:
            hint = nearest(name, settings) or f"there are {', '.join(settings) or 'none'}"
            raise AttributeError(f"this run has no setting {name}; {hint}")
        return settings[name]

    @property
    def path(self) -> Any:
        """The run folder."""
        return self._folder.path

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of this run."""
        return dict(self._settings)

    @property
    def results(self) -> list[dict[str, Any]]:
        """One row for each finished epoch: settings, epoch, duration and the means of what was logged."""
        return list(self._rows)

    def watch(self, model: nn.Module, inputs: Any = None, *, every: int = EVERY) -> None:
        """Records what happens inside the model until the run ends.

        Norms of weights, gradients and updates and the outputs of all layers in every `every`-th of `batches`;
        histograms of weights and gradients at the end of each epoch; with a few `inputs`, a batch for the model, also
        histograms and feature maps of its outputs, at the ends of epochs 1, 2, 3, 5, 8, ...
        """
        if self._watching is not None:
            self._watching.close()
        self._model, self._watching = model, Watching(model, every)
        self._look = None if inputs is None else EpochLook(model, inputs)

    def epochs(self, count: int) -> Iterator[int]:
        """The numbers 1 to `count`; each epoch is closed and recorded when the next begins.

        One that is left with `break` is recorded when the run ends, or goes on with more epochs.
        """
        self._close_left()
        for epoch in range(1, count + 1):
            self._epoch, self._open = epoch, True
            self._forget()
            yield epoch
            self._close_epoch(count)

    def batches(self, loader: Iterable[Any]) -> Iterator[Any]:
        """The batches of any iterable, with steps and samples counted, and how long they are waited for."""
        begun = asked = time.perf_counter()
        for batch in loader:
            self._waited += time.perf_counter() - asked
            self._step += 1
            if self._watching is not None:
                self._watching.begin(self._step)
                self._record_steps(self._watching.due)
            self._size = _size(batch)
            self._samples += self._size
            yield batch
            asked = time.perf_counter()
        self._trained += time.perf_counter() - begun

    def log(self, **values: Any) -> None:
        """Records numbers or 0-d tensors at the current step: means over the batch, and `correct` as a count."""
        numbers = {name: _number(value) for name, value in values.items()}
        self._writer.scalars(self._step, {f"step/{name}": value for name, value in numbers.items()})
        for name, value in numbers.items():
            self._sums[name] = self._sums.get(name, 0.0) + (value if name == COUNT else value * self._size)

    def record(self, **values: Any) -> None:
        """Records values of the whole epoch, such as a validation's: `run.record(valid_loss=...)` is `valid/loss`."""
        self._extra |= {name.replace("_", "/", 1): _number(value) for name, value in values.items()}

    def _forget(self) -> None:
        self._sums: dict[str, float] = {}
        self._extra: dict[str, float] = {}
        self._samples = self._size = 0
        self._waited = self._trained = 0.0
        self._started = time.perf_counter()

    def _close_left(self) -> None:
        """Closes an epoch that was left with `break`, where it had begun to do anything."""
        if self._open and (self._samples or self._sums or self._extra):
            self._close_epoch(self._epoch)

    def _close_epoch(self, last: int) -> None:
        self._open = False
        samples = max(self._samples, 1)
        means = {("accuracy" if name == COUNT else name): total / samples for name, total in self._sums.items()}
        metrics = {f"train/{name}": value for name, value in means.items()} | self._extra
        seconds = time.perf_counter() - self._started
        machine = {"time/epoch": seconds, "system/process_memory": process_memory()}
        if self._trained:
            machine["time/waiting"] = self._waited / self._trained
        self._writer.scalars(self._step, {**metrics, "epoch": self._epoch, **machine})
        self._record_model(last)
        self._rows.append({**self._settings, "epoch": self._epoch, "duration": seconds, **metrics})
        self._folder.update(result=metrics)

    def _record_steps(self, due: bool) -> None:
        for step, values in self._watching.read() if self._watching is not None and due else ():
            self._writer.scalars(step, values)

    def _record_model(self, last: int) -> None:
        """Statistics since the last epoch, and how the model stands now."""
        if self._model is None or self._watching is None:
            return
        self._record_steps(True)
        self._writer.scalars(self._step, self._watching.statistics.dead())
        for tag, found in parameter_histograms(self._model):
            found.record(self._writer, self._step, tag)
        if self._look is not None and rarely(self._epoch, last):
            self._look.take().record(self._writer, self._step)

    def _told(self) -> str:
        """The results of the last epoch, or what else was recorded."""
        last = self._rows[-1] if self._rows else {}
        results = ", ".join(f"{name} {value:.4g}" for name, value in last.items() if "/" in name)
        watched = self._watching is not None and self._step > 0
        others = ["single steps"] * bool(self._sums) + ["what its layers did"] * watched
        return results or f"{' and '.join(others) or 'nothing'} recorded"

    def _finish(self, error: BaseException | None) -> None:
        if error is None:
            self._close_left()
        if self._watching is not None:
            self._record_steps(error is None)
            self._watching.close()
        self._writer.close()
        left = isinstance(error, GeneratorExit | KeyboardInterrupt)
        status = "done" if error is None else "stopped" if left else "failed"
        self._folder.update(status=status, error=None if error is None else repr(error))


def _size(batch: Any) -> int:
    """Samples in a batch: the length of the first thing in it that has one."""
    first = batch
    while isinstance(first, list | tuple | dict) and first:
        first = next(iter(first.values() if isinstance(first, dict) else first))
    return len(first) if hasattr(first, "__len__") else 1


def _number(value: Any) -> float:
    """A number, or a tensor with one element, as a float."""
    return float(value.item() if hasattr(value, "item") else value)
