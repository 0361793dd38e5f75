"""One's own `nn.Module` and data, with settings written as in the document, to everything that training needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from torchwork import data, experiment
from torchwork import train as engine
from torchwork.build.assemble import Built, seed_everything
from torchwork.build.parameters import apply_rules, make_optimizers
from torchwork.build.parts import make
from torchwork.build.schedules import cadence, make_schedules, make_warmup, schedule_scope
from torchwork.build.task import Kind, make_task
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Section, problems_of

S = TypeVar("S", bound=Section)


def build_own(
    model: nn.Module,
    *,
    train: Any,
    valid: Any = None,
    test: Any = None,
    loss: Any = "CrossEntropyLoss",
    optimizer: Any = "Adam",
    schedule: Any = None,
    parameters: Sequence[Any] = (),
    task: Kind | engine.Task = "auto",
    classes: Sequence[str] = (),
    batch_size: int = 64,
    seed: int = 0,
    **training: Any,
) -> Built:
    """Takes what `torchwork.train(model, ...)` takes; see there.

    Raises:
        DocumentError: a setting that is not right, told with its name.
        DataError: data that are no (inputs, targets), `Dataset` or `DataLoader`.
    """
    settings = section(experiment.Train, training, "train")
    rules = [section(experiment.Rule, rule, f"parameters[{number}]") for number, rule in enumerate(parameters)]
    batches = engine.as_batches(train, batch_size, shuffle=True, seed=seed)
    held_out = [None if part is None else engine.as_batches(part, batch_size, shuffle=False, seed=seed) for part in (valid, test)]
    spec = _describe(batches, classes)
    seed_everything(seed)
    apply_rules(model, rules)
    criterion = loss if isinstance(loss, nn.Module) else _criterion(loss)
    return Built(
        model=model,
        task=make_task(task, criterion, spec) if isinstance(task, str) else task,
        updates=[_update(model, optimizer, schedule, rules, settings, len(batches))],
        train=batches,
        valid=held_out[0],
        test=held_out[1],
        settings=settings,
        seed=seed,
        spec=spec,
    )


def section(kind: type[S], value: Any, path: str) -> S:
    """`value` as a section of the document, with problems told as for a document."""
    if isinstance(value, kind):
        return value
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems = problems_of(error, value, kind)
        raise DocumentError([Problem(f"{path}.{item.path}".strip("."), item.message, item.fix) for item in problems]) from None


class _Function(nn.Module):
    """A function of (outputs, targets) as a loss."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *tensors: Any) -> Tensor:
        return self.function(*tensors)


def _criterion(loss: Any) -> nn.Module:
    if callable(loss) and not isinstance(loss, type):
        return _Function(loss)
    if isinstance(loss, type) and issubclass(loss, nn.Module):
        return loss()
    module: nn.Module = make("loss", section(experiment.Loss, loss, "loss"), path="loss")
    return module


def _update(
    model: nn.Module, optimizer: Any, schedule: Any, rules: Sequence[experiment.Rule], settings: experiment.Train, batches: int
) -> engine.Update:
    steps = -(-batches // settings.accumulate)
    if isinstance(optimizer, torch.optim.Optimizer):
        optimizers = [optimizer]
    else:
        optimizers = make_optimizers(model, section(experiment.Optimizer, optimizer, "optimizer"), rules)
    if isinstance(schedule, LRScheduler):
        return engine.Update(optimizers, [schedule])
    written = None if schedule is None else section(experiment.Schedule, schedule, "schedule")
    return engine.Update(
        optimizers,
        make_schedules(written, optimizers, schedule_scope(settings.epochs, steps)),
        every=cadence(written),
        monitor=written.monitor if written else "valid/loss",
        warmup=make_warmup(written, steps, optimizers),
    )


def _describe(batches: engine.Batches, classes: Sequence[str]) -> data.Spec:
    """What a sample is, read off the first batch."""
    inputs, targets = next(iter(batches.epoch(0)))
    tensors = [item for item in _flat(inputs) if isinstance(item, Tensor)]
    target = next((item for item in _flat(targets) if isinstance(item, Tensor)), None)
    return data.Spec(
        inputs=[list(item.shape[1:]) for item in tensors],
        dtype=str(tensors[0].dtype).removeprefix("torch.") if tensors else "float32",
        target="none" if target is None else "value" if target.is_floating_point() else "class",
        target_shape=[] if target is None else list(target.shape[1:]),
        classes=list(classes) or None,
        samples={"train": batches.samples},
        kind="array",
    )


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _flat(item)]
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, list | tuple) else [value]
