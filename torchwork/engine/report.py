"""What the engine tells whoever listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from torch import Tensor

from torchwork.engine.stop import Best

Status = Literal["done", "stopped", "early_stopped", "failed"]


@dataclass(frozen=True)
class Info:
    """What is about to be trained, and where it begins: `epoch` epochs and `step` steps are done already."""

    device: str
    parameters: int
    epochs: int
    steps_per_epoch: int
    samples: int
    epoch: int = 0
    step: int = 0
    resumed: bool = False


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch: `epoch` counts from 1, `step` is its last, `metrics` are `train/loss`, `valid/accuracy`, ...

    `seconds` is the time of training and validation together, `rate` the samples per second of training alone,
    and `waiting` the share of that which went by waiting for batches, 0 to 1.
    """

    epoch: int
    step: int
    metrics: dict[str, float]
    seconds: float
    rate: float
    waiting: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How training ended: `metrics` are those of the last finished epoch, `best` the best epoch if one was watched."""

    status: Status
    epoch: int
    step: int
    metrics: dict[str, float] = field(default_factory=dict)
    best: Best | None = None


class Listener:
    """Base of everything that watches training; each method does nothing. All are called in the training thread."""

    def on_start(self, info: Info) -> None:
        """Training begins, or goes on after a resume."""

    def on_steps(
        self, first_step: int, names: Sequence[str], rows: Sequence[Sequence[float]], wall_times: Sequence[float]
    ) -> None:
        """The last steps, one row each, the first of them number `first_step` (from 1); `names` are `step/loss`, ...

        `wall_times` are seconds since 1970 at the end of each step's work on the host.
        """

    def on_epoch(self, report: EpochReport) -> None:
        """An epoch is done; the parameters still hold the gradients of its last step."""

    def on_save(self) -> None:
        """A checkpoint is about to be written, after which nothing reported so far will be reported again."""

    def on_checkpoint(self, path: Path) -> None:
        """A checkpoint is complete on the disk."""

    def on_note(self, text: str) -> None:
        """Something a person should know, in one sentence."""

    def on_end(self, outcome: Outcome) -> None:
        """Training ended; also called when it failed, before the exception goes on."""


class Probe(Protocol):
    """Looks into single steps, between their parts, in the training thread; it should never wait for the device."""

    def wants(self, step: int) -> bool:
        """Whether it looks into step `step` (from 1)."""

    def before_step(self, step: int) -> None:
        """A step begins that it wanted."""

    def after_backward(self, own: Sequence[Tensor]) -> None:
        """The gradients are there, as the loss gives them: not scaled for fp16, not clipped.

        Once for each update, whose parameters `own` are, and for each evaluation of an optimizer that makes several;
        what others have there is of no use.
        """

    def after_step(self) -> None:
        """The optimizers have stepped."""


class Listeners(Listener):
    """Several listeners as one, told in their order."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self.listeners = tuple(listeners)

    def on_start(self, info: Info) -> None:
        for listener in self.listeners:
            listener.on_start(info)

    def on_steps(
        self, first_step: int, names: Sequence[str], rows: Sequence[Sequence[float]], wall_times: Sequence[float]
    ) -> None:
        for listener in self.listeners:
            listener.on_steps(first_step, names, rows, wall_times)

    def on_epoch(self, report: EpochReport) -> None:
        for listener in self.listeners:
            listener.on_epoch(report)

    def on_save(self) -> None:
        for listener in self.listeners:
            listener.on_save()

    def on_checkpoint(self, path: Path) -> None:
        for listener in self.listeners:
            listener.on_checkpoint(path)

    def on_note(self, text: str) -> None:
        for listener in self.listeners:
            listener.on_note(text)

    def on_end(self, outcome: Outcome) -> None:
        for listener in self.listeners:
            listener.on_end(outcome)
