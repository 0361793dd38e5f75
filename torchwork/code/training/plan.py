"""All that decides how the loop of a script looks, and the layout of its statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from torchwork.code.text import wrap
from torchwork.code.training.judging import Judge
from torchwork.code.training.optimizing import Optimizers
from torchwork.code.training.schedule import Scheduling
from torchwork.experiment import Experiment


@dataclass(frozen=True)
class Plan:
    """All that decides how the loop of a script looks."""

    experiment: Experiment
    judge: Judge
    optimizers: Optimizers
    scheduling: Scheduling
    make: str
    """the expression that makes the model"""
    batches: Mapping[str, str]
    """by split the expression that gives its batches, that of training for the epoch called `epoch`"""
    criterion: str = ""
    """the expression of a loss with weights, which is the model's child"""
    sparse: bool = False
    """whether gradients may be sparse"""
    pictures: bool = False
    """whether inputs have four dimensions"""
    several: bool = False
    """whether a model takes more than one input"""
    draws: bool = False
    """whether the model draws random numbers in evaluation too"""
    foreign: bool = False
    """whether the model has code that may draw from the generators of python and numpy"""
    weights: Sequence[str] = field(default_factory=list)
    """statements that load the weights to begin from"""

    @property
    def inputs(self) -> str:
        """The type of a batch's inputs."""
        return "tuple[Tensor, ...]" if self.several else "Tensor"

    @property
    def has_valid(self) -> bool:
        """Whether there is a split to validate on."""
        return "valid" in self.batches

    @property
    def closing(self) -> list[bool]:
        """By optimizer, whether it evaluates the loss itself."""
        return [part.name == "LBFGS" for part in self.optimizers.parts]

    @property
    def monitor(self) -> str:
        """The metric of the best epoch."""
        wanted = self.experiment.train.checkpoint.best
        return wanted if self.has_valid else f"train/{wanted.removeprefix('valid/').removeprefix('train/')}"

    def upwards(self, tag: str) -> bool:
        """Whether more is better."""
        return tag.rpartition("/")[2] in self.judge.maximize

    @property
    def watched(self) -> bool:
        """Whether something follows a metric of training, so that each epoch must sum it up."""
        stop, scheduling = self.experiment.train.early_stop, self.scheduling
        tags = [self.monitor, stop.monitor if stop else ""]
        return any(tag.startswith("train/") for tag in tags) or scheduling.metric.startswith("train[")


def block(head: str, body: Iterable[str]) -> list[str]:
    """A statement with an indented body."""
    return [head, *(f"    {line}" if line else "" for line in body)]


def joined(lines: Iterable[str]) -> str:
    """Indented statements as text, long ones wrapped; a statement of several lines stays as it is."""
    return "\n".join(wrapped(line) for line in lines)


def wrapped(line: str) -> str:
    """An indented statement, in several lines where it is long."""
    inner = line.lstrip(" ")
    return line if "\n" in line else wrap(inner, len(line) - len(inner)) if inner else ""


def indented(text: str) -> str:
    """An expression of several lines, indented as the body of a function wants it."""
    return text.replace("\n", "\n    ")
