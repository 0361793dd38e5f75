"""A light tracker for people with their own loop: settings as attributes, batches counted, values recorded."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from torchwork.errors import RunFolderError, nearest
from torchwork.inside import parameter_histograms
from torchwork.record import EventWriter, RunFolder

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
        self._step = self._epoch = 0
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

    def watch(self, model: nn.Module) -> None:
        """Records histograms of the model's weights and gradients at the end of each epoch."""
        self._model = model

    def epochs(self, count: int) -> Iterator[int]:
        """The numbers 1 to `count`; each epoch is closed and recorded when the next begins."""
        for epoch in range(1, count + 1):
            self._epoch = epoch
            self._forget()
            yield epoch
            self._close_epoch()

    def batches(self, loader: Iterable[Any]) -> Iterator[Any]:
        """The batches of any iterable, with steps and samples counted."""
        for batch in loader:
            self._step += 1
            self._size = _size(batch)
            self._samples += self._size
            yield batch

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
        self._started = time.perf_counter()

    def _close_epoch(self) -> None:
        samples = max(self._samples, 1)
        means = {("accuracy" if name == COUNT else name): total / samples for name, total in self._sums.items()}
        metrics = {f"train/{name}": value for name, value in means.items()} | self._extra
        seconds = time.perf_counter() - self._started
        self._writer.scalars(self._step, {**metrics, "epoch": self._epoch, "time/epoch": seconds})
        for tag, found in parameter_histograms(self._model) if self._model is not None else ():
            self._writer.histogram_counts(
                self._step, tag, found.edges, found.counts, total=found.total, squares=found.squares
            )
        self._rows.append({**self._settings, "epoch": self._epoch, "duration": seconds, **metrics})
        self._folder.update(result=metrics)

    def _finish(self, error: BaseException | None) -> None:
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
