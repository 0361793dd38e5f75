"""What a document describes, checked as a whole, before any weight is made."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from torchwork import data, graph
from torchwork.build.fit import SAMPLES, check_monitors, fit_loss
from torchwork.build.parameters import apply_rules, rule_problems
from torchwork.build.parts import make, part_problems
from torchwork.build.schedules import schedule_scope
from torchwork.build.task import make_task, put_loss
from torchwork.build.update import rehearse
from torchwork.build.weights import check_weights, read_weights
from torchwork.catalog import vision_note
from torchwork.data.loading import free_memory, in_words
from torchwork.errors import DocumentError, Problem, TorchworkError, WeightsError
from torchwork.experiment import Experiment
from torchwork.graph.value import unknown_in

OPTIMIZER_STATES = {"SGD": 1, "Rprop": 2, "Adagrad": 1, "RMSprop": 1, "Muon": 1, "Adafactor": 0}
"""Tensors that an optimizer keeps for each weight, where it is not two as for Adam and its relatives."""


@dataclass
class Checked:
    """A document looked at from end to end: the data as opened, the model as resolved, and every problem found."""

    experiment: Experiment
    problems: list[Problem] = field(default_factory=list)
    bundle: data.Bundle | None = None
    graph: graph.Resolved | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def too_large(self) -> str:
        """Says so when weights and gradients alone need more memory than is free; empty when they do not."""
        need = self.graph.totals.parameter_bytes + self.graph.totals.gradient_bytes if self.graph else 0
        free = free_memory(torch.device("cpu"))
        if need <= free:
            return ""
        return (
            f"model: its weights and gradients need {in_words(need)}, but {in_words(free)} of memory are free; "
            "make the largest layers smaller"
        )

    @property
    def totals(self) -> dict[str, Any]:
        """Parameters, MAC and FLOP for one sample, and bytes at the document's batch size."""
        batch = self.experiment.data.batch_size
        if self.graph is None:
            return {}
        totals = self.graph.totals
        states = OPTIMIZER_STATES.get(self.experiment.optimizer.name, 2)
        return {
            "parameters": totals.parameters,
            "trainable": totals.trainable,
            "mac": totals.mac // batch,
            "flop": totals.flop // batch,
            "batch_size": batch,
            "state_bytes": totals.parameter_bytes + (1 + states) * totals.gradient_bytes,
            "activation_bytes": totals.activation_bytes,
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON, for programs."""
        problems = [vars(problem) for problem in self.problems]
        model = (
            {} if self.graph is None else {"layers": [row.as_dict() for row in self.graph.rows], "totals": self.totals}
        )
        found = {} if self.bundle is None else {"data": self.bundle.spec.as_dict()}
        return {"problems": problems, "notes": self.notes, **found, **model}


def check(
    experiment: Experiment,
    *,
    base: Path | None = None,
    trust: bool = False,
    device: str = "cpu",
    opened: Checked | None = None,
) -> Checked:
    """Looks at the whole document and lists everything that is wrong with it, in its own order; never raises for that.

    Data are opened, the model is resolved on fake tensors, and loss, optimizer and schedule are tried without weights.
    `opened` is another document that was checked with the same base, trust and device: data alike are not opened again.
    """
    checked = Checked(experiment)
    checked.problems += _part_problems(experiment)
    base = base or Path.cwd()
    _attempt(checked, "data", lambda: _open(checked, base, trust, device, opened))
    if checked.bundle is not None:
        checked.notes += checked.bundle.notes
        if data.needs_torchvision(experiment.data):  # another document's torchvision says nothing about this one
            checked.notes += filter(None, [vision_note()])
        _resolve(checked, checked.bundle, trust)
        checked.notes += code_notes(checked.graph)
    seen_whole = checked.bundle is not None and checked.graph is not None and not checked.graph.not_run
    if seen_whole and not checked.problems:
        _attempt(checked, "", lambda: _try(checked, base))
        checked.notes += filter(None, [checked.too_large])
    found = sorted(dict.fromkeys(checked.problems), key=_section)
    checked.problems = [experiment.locate(problem) for problem in found]
    return checked


def _section(problem: Problem) -> int:
    """The number of the section that a problem is in, so that they are told in the order of the document."""
    sections, (name, *_) = list(Experiment.model_fields), problem.path.split(".")
    return sections.index(name) if name in sections else len(sections)


def _attempt(checked: Checked, path: str, action: Callable[[], None]) -> None:
    try:
        action()
    except DocumentError as error:
        checked.problems += error.problems
    except TorchworkError as error:
        checked.problems.append(_placed(path, str(error)))


def _placed(path: str, message: str) -> Problem:
    """The problem of an error whose message may begin with the place in the document that it is about."""
    place, _, rest = message.partition(": ")
    within = path and (place == path or place.startswith((f"{path}.", f"{path}[")))
    return Problem(place, rest) if within and " " not in place else Problem(path, message)


def _part_problems(experiment: Experiment) -> list[Problem]:
    """Names and arguments of every part that is not in the model."""
    problems = data.part_problems(experiment.data)
    # What the data define is not known yet; any number serves to look at types.
    problems += part_problems("loss", experiment.loss, "loss", dict.fromkeys(data.SYMBOLS, 1))
    problems += part_problems("optimizer", experiment.optimizer, "optimizer")
    problems += rule_problems(experiment.parameters, experiment.optimizer)
    if experiment.schedule is not None and experiment.schedule.name:
        problems += part_problems(
            "scheduler", experiment.schedule, "schedule", schedule_scope(experiment.train.epochs, 1)
        )
    return problems


def _open(checked: Checked, base: Path, trust: bool, device: str, opened: Checked | None) -> None:
    if any(problem.path.startswith("data.") for problem in checked.problems):
        return
    experiment = checked.experiment
    if opened and (opened.experiment.data, opened.experiment.seed) == (experiment.data, experiment.seed):
        checked.bundle = opened.bundle
    checked.bundle = checked.bundle or data.open_data(
        experiment.data, seed=experiment.seed, device=device, base=base, trust=trust
    )
    if not len(checked.bundle.train):
        count = checked.bundle.spec.samples["train"]
        message = f"train has {count} samples, which is no whole batch of {experiment.data.batch_size}"
        checked.problems.append(Problem("data.drop_last", message, "write a smaller batch_size, or `drop_last: false`"))


def input_specs(spec: data.Spec, batch_size: int) -> list[graph.TensorSpec]:
    """What the model gets: the data's inputs with the batch dimension in front."""
    return [graph.TensorSpec((batch_size, *shape), spec.dtype) for shape in spec.inputs]


def code_notes(resolved: graph.Resolved | None) -> list[str]:
    """Says of each definition that is code, and was not run, that it is not known what it gives."""
    names = [path.rpartition(".")[2] for path in resolved.not_run] if resolved else []
    return [f"{name} is code: its shapes, parameters and MAC are not known; --trust runs it" for name in names]


def _resolve(checked: Checked, bundle: data.Bundle, trust: bool) -> None:
    model, batch = checked.experiment.model, checked.experiment.data.batch_size
    checked.graph = graph.resolve(model, input_specs(bundle.spec, batch), bundle.spec.symbols, trust=trust)
    checked.problems += [_without_classes(problem, bundle.spec) for problem in checked.graph.problems]


def _without_classes(problem: Problem, spec: data.Spec) -> Problem:
    """A template's `classes` on a target of numbers is a mistake of its own kind."""
    if spec.classes is not None or "`classes`" not in problem.message:
        return problem
    message = "there are no `classes`: the target is numbers"
    return replace(problem, message=message, fix="write `targets` or a number, and a loss such as MSELoss")


def _try(checked: Checked, base: Path) -> None:
    """Makes everything that has weights on the meta device, where they cost nothing, and puts it together once."""
    assert checked.graph is not None and checked.bundle is not None
    experiment, spec = checked.experiment, checked.bundle.spec
    criterion, foreseen = _loss(checked), _foreseen(checked)
    said = _tried(checked, foreseen)
    if said in _fitting and not experiment.model.weights:  # a file of weights may be another now
        return
    alone = foreseen is not None and not experiment.model.weights and not any(True for _ in criterion.parameters())
    model = graph.bare(checked.graph) if alone else _blank(checked, criterion)
    if experiment.model.weights:
        try_weights(model, base / experiment.model.weights)
    apply_rules(model, experiment.parameters)
    rehearse(experiment, model, len(checked.bundle.train))
    measured = fit_loss(model, make_task(experiment.task, criterion, spec), spec, foreseen)
    check_monitors(experiment, measured, checked.bundle)
    if alone:
        if len(_fitting) >= FITTING:
            _fitting.clear()
        _fitting[said] = None


_fitting: dict[tuple[Any, ...], None] = {}
"""What was tried and found right before: while a network is edited, loss, optimizer and schedule mostly stay."""
FITTING = 100


def _tried(checked: Checked, foreseen: graph.Value | None) -> tuple[Any, ...]:
    """All that a trial without weights of a file depends on, as what can be compared."""
    assert checked.graph is not None and checked.bundle is not None
    sections = checked.experiment.model_dump_json(exclude={"model"})
    ties, splits = tuple(checked.graph.ties.items()), (len(checked.bundle.train), checked.bundle.valid is None)
    return tuple(graph.named_weights(checked.graph)), ties, foreseen, sections, repr(checked.bundle.spec), splits


def _foreseen(checked: Checked) -> graph.Value | None:
    """What the model gives for a small batch, as its nodes say; None where only torch can tell."""
    assert checked.bundle is not None
    spec = checked.bundle.spec
    found = graph.resolve(checked.experiment.model, input_specs(spec, SAMPLES), spec.symbols)
    return None if found.problems or found.not_run or unknown_in([found.output]) else found.output


def blank_model(checked: Checked) -> nn.Module:
    """The model of a document without problems, changed by its rules, on the meta device: it has no numbers.

    Raises:
        DocumentError: a rule that matches no parameter, or an initialisation that does not fit one.
    """
    model = _blank(checked, _loss(checked))
    apply_rules(model, checked.experiment.parameters)
    return model


def _blank(checked: Checked, criterion: nn.Module) -> nn.Module:
    """The model, with its loss where that has weights, on the meta device."""
    assert checked.graph is not None
    with torch.device("meta"), warnings.catch_warnings(action="ignore"):  # torch will warn when it is built
        return put_loss(checked.graph.build(), criterion)


def _loss(checked: Checked) -> nn.Module:
    assert checked.bundle is not None
    with torch.device("meta"), warnings.catch_warnings(action="ignore"):
        made: nn.Module = make("loss", checked.experiment.loss, path="loss", scope=checked.bundle.spec.symbols)
    return made


def try_weights(model: nn.Module, path: Path) -> None:
    """Raises DocumentError when the weights in the file are not those of the model."""
    try:
        check_weights(model, read_weights(path), str(path))
    except WeightsError as error:
        told = str(error).replace(str(path), path.name)  # the document says where it lies
        raise DocumentError(Problem("model.weights", told)) from None
