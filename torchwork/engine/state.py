"""All that decides the next step, as one tree, and back into the objects it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from torchwork.engine.average import Average
from torchwork.engine.checkpoint import load_checkpoint
from torchwork.engine.meter import Totals
from torchwork.engine.policy import Position, Watched
from torchwork.engine.precision import Precision
from torchwork.engine.random_state import random_state, set_random_state
from torchwork.engine.restore import restore_model, restore_optimizer, same_kinds
from torchwork.engine.schedule import Schedules


class TrainState:
    """The state of a training.

    Its tree: `model` and `average` (state dicts; `average.model` is what was validated), `updates` (optimizers,
    schedulers, warm-up), `scaler`, `random`, `position`, `totals` (of this epoch), `metrics`, `early_stop`, `best`.
    """

    def __init__(
        self,
        model: nn.Module,
        average: Average | None,
        schedules: Sequence[Schedules],
        precision: Precision,
        watched: Watched,
    ) -> None:
        self.model, self.average, self.schedules = model, average, schedules
        self.precision, self.watched = precision, watched
        self.position, self.totals = Position(), Totals()
        self.metrics: dict[str, float] = {}

    def capture(self) -> dict[str, Any]:
        """The tree; its tensors are those of the model, not copies."""
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "updates": {schedules.update.name: _capture_update(schedules) for schedules in self.schedules},
            "scaler": self.precision.scaler.state_dict() if self.precision.scaler else None,
            "random": random_state(),
            "position": asdict(self.position),
            "totals": self.totals.state_dict(),
            "metrics": self.metrics,
            **self.watched.state_dict(),
        }

    def restore(self, path: Path) -> None:
        """Puts everything back as it was in the checkpoint `path`, bit for bit.

        Raises:
            CheckpointError: it is damaged, or was written with another model, other optimizers or other schedules.
        """
        tree = load_checkpoint(path)
        restore_model(self.model, tree["model"], path)
        same_kinds("update", list(self._updates()), list(tree["updates"]), path)
        for name, schedules in self._updates().items():
            _restore_update(schedules, tree["updates"][name], path)
        if self.average:
            # A run resumed with an average that it did not have begins one with the weights of now.
            self.average.load_state_dict(tree["average"] or {"count": 0, "model": tree["model"]})
        if self.precision.scaler and tree["scaler"]:
            self.precision.scaler.load_state_dict(tree["scaler"])
        self.position, self.totals = Position(**tree["position"]), Totals()
        self.totals.load_state_dict(tree["totals"])
        self.metrics = tree["metrics"]
        self.watched.load_state_dict(tree)
        set_random_state(tree["random"])

    def next_epoch(self) -> None:
        """An epoch is done."""
        self.position, self.totals = Position(self.position.epoch + 1, 0, self.position.step), Totals()

    def _updates(self) -> dict[str, Schedules]:
        return {schedules.update.name: schedules for schedules in self.schedules}


def _capture_update(schedules: Schedules) -> dict[str, Any]:
    optimizers = [{"kind": type(item).__name__, "state": item.state_dict()} for item in schedules.update.optimizers]
    return {"optimizers": optimizers, **schedules.state_dict()}


def _restore_update(schedules: Schedules, tree: Mapping[str, Any], path: Path) -> None:
    optimizers = schedules.update.optimizers
    for what, present in (("optimizer", optimizers), ("scheduler", schedules.schedulers)):
        same_kinds(what, [type(item).__name__ for item in present], [item["kind"] for item in tree[f"{what}s"]], path)
    for optimizer, saved in zip(optimizers, tree["optimizers"], strict=True):
        restore_optimizer(optimizer, saved["state"], path)
    schedules.load_state_dict(dict(tree))


def weights_of(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The weights to use from a checkpoint's tree: averaged ones where there are."""
    return dict(tree["average"]["model"] if tree["average"] else tree["model"])
