"""The learning rates of a whole run before it begins, from the very objects that training steps."""

from __future__ import annotations

import math
import time
import warnings
from typing import Any

import numpy as np
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from torchwork.answer.keeping import checked
from torchwork.answer.measuring import expectation
from torchwork.answer.plain import plain
from torchwork.answer.thinning import corners
from torchwork.build import Checked, blank_model, make_update, steps_of
from torchwork.engine import Schedules, Update
from torchwork.errors import DocumentError, Problem, TrainingError
from torchwork.experiment import Experiment

POINTS = 400
"""of a curve at most"""
SECONDS = 10.0
"""for stepping the schedules; what comes after is not drawn"""


def schedule(text: str, path: str, measure: bool) -> dict[str, Any]:
    """Learning rates by step for each group, and steps and warm-up, of the run that a text describes.

    With `measure` a few real steps are tried, so that its seconds can be told. What is wrong is in `problems`.
    """
    try:
        document = Experiment.loads(text, file=path)
    except DocumentError as error:
        return {"problems": plain(error.problems)}
    looked = checked(document)
    if looked.bundle is None or not len(looked.bundle.train):
        return {"problems": plain(looked.problems)}
    steps = steps_of(document, len(looked.bundle.train))
    found: dict[str, Any] = {"steps_per_epoch": steps, "epochs": document.train.epochs}
    try:
        found |= _drawn(looked, steps)
        found |= expectation(looked) if measure and not looked.problems else {}
    except DocumentError as error:
        looked.problems = list(dict.fromkeys([*looked.problems, *map(document.locate, error.problems)]))
    return {**found, "problems": plain(looked.problems)}


def _drawn(looked: Checked, steps: int) -> dict[str, Any]:
    """Curves, warm-up and notes."""
    document, model = looked.experiment, _model(looked)
    if model is None:  # while the network is not right: one group, as without rules
        document, model = document.model_copy(update={"parameters": []}), nn.Linear(1, 1, bias=False, device="meta")
    assert looked.bundle is not None
    update = make_update(document, model, len(looked.bundle.train))
    names, warmup = group_names(update, document, model), _warmup(update)
    try:
        rates = recorded_rates(update, document.train.epochs, steps)
    except TrainingError as error:
        raise DocumentError(Problem("schedule", str(error))) from None
    total = steps * document.train.epochs
    return {
        "curves": [_curve(name, column) for name, column in zip(names, rates.T, strict=True)],
        "warmup": min(warmup, total),
        "notes": _notes(update, len(rates), total),
    }


def _model(looked: Checked) -> nn.Module | None:
    """The network without memory for its weights; None while it cannot be built."""
    resolved = looked.graph
    if resolved is None or resolved.problems or resolved.not_run or looked.bundle is None:
        return None
    return blank_model(looked)


def recorded_rates(update: Update, epochs: int, steps: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The rate of each group at each step of a run, [steps, groups], as training records it.

    A watched metric is taken to improve in every epoch. Fewer steps where they take too long.
    """
    schedules, rows, end = Schedules(update), [], time.monotonic() + SECONDS
    schedules.check_length(epochs, steps)
    with warnings.catch_warnings(action="ignore"):  # no optimizer has stepped, which torch would warn of
        for epoch in range(epochs):
            rows += _epoch(schedules, steps)
            if time.monotonic() > end:
                break
            schedules.after_epoch({update.monitor: _better(update, epoch)})
    return np.array(rows, dtype=np.float64)


def _epoch(schedules: Schedules, steps: int) -> list[list[float]]:
    rows: list[list[float]] = []
    while len(rows) < steps:
        schedules.before_step()
        rows.append([float(rate) for rate in schedules.rates()])
        schedules.after_step()
        if schedules.dampening.over and not schedules.every_step:
            rows += [[float(rate) for rate in schedules.rates()]] * (steps - len(rows))  # nothing changes any more
    return rows


def _better(update: Update, epoch: int) -> float:
    """What a metric would be in an epoch, if it improved in each."""
    upwards = any(isinstance(item, ReduceLROnPlateau) and item.mode == "max" for item in update.schedules)
    return 2.0 ** min(epoch, 1000) if upwards else 2.0 ** -min(epoch, 1000)


def group_names(update: Update, document: Experiment, model: nn.Module) -> list[str]:
    """What each group of parameters is called: the patterns of the rules that made it, else `all` or `others`."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = [group for optimizer in update.optimizers for group in optimizer.param_groups]
    rest = "others" if len(groups) > 1 else "all"
    found = []
    for group in groups:
        first = names[id(group["params"][0])]
        rules = [rule for rule in document.parameters if (rule.set or rule.optimizer) and rule.matches(first)]
        found.append(", ".join(rule.match for rule in rules) or rest)
    return found


def _warmup(update: Update) -> int:
    """Steps of warm-up: its period, where it never ends wholly."""
    warmup = update.warmup
    if warmup is None:
        return 0
    groups = [group for optimizer in update.optimizers for group in optimizer.param_groups]
    return math.ceil(max(warmup.length_for(group) for group in groups))


def _curve(name: str, rates: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    kept = corners(rates, POINTS)
    return {"name": name, "steps": [place + 1 for place in kept], "rates": [float(rates[place]) for place in kept]}


def _notes(update: Update, drawn: int, total: int) -> list[str]:
    notes = []
    if Schedules(update).watches:
        notes.append(f"ReduceLROnPlateau acts when {update.monitor} stops improving; drawn as if it always improved")
    if drawn < total:
        notes.append(f"the schedule is drawn up to step {drawn:,} of {total:,}")
    return notes
