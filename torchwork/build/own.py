"""One's own `nn.Module` and data, with settings written as in the document, to everything that training needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from pydantic import Field, NonNegativeInt
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from torchwork import data, engine, experiment
from torchwork.build.assemble import Built, seed_everything
from torchwork.build.fit import fit_loss
from torchwork.build.parameters import apply_rules, make_optimizers
from torchwork.build.parts import make
from torchwork.build.schedules import cadence, make_schedules, make_warmup, schedule_scope
from torchwork.build.task import Kind, make_task, refuse_weights
from torchwork.experiment import parse_section

TORCH_OBJECTS = (nn.Module, torch.optim.Optimizer, LRScheduler)


class OwnSettings(experiment.Section):
    """What a document would say beside data and model; written as there."""

    seed: NonNegativeInt = 0
    parameters: list[experiment.Rule] = Field(default_factory=list)
    loss: experiment.Loss = experiment.Loss(name="CrossEntropyLoss")
    optimizer: experiment.Optimizer = experiment.Optimizer(name="Adam")
    schedule: experiment.Schedule | None = None
    train: experiment.Train = experiment.Train()


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
    written = {"loss": loss, "optimizer": optimizer, "schedule": schedule, "parameters": [*parameters], "seed": seed}
    given = {name: value for name, value in written.items() if not _is_torch(value)}
    settings = parse_section(OwnSettings, {**given, "train": training})
    splits = [train, valid, test]
    batches, *held_out = [
        None if split is None and number else engine.as_batches(split, batch_size, shuffle=not number, seed=seed)
        for number, split in enumerate(splits)
    ]
    assert batches is not None
    spec = _describe(batches, classes)
    seed_everything(seed)
    apply_rules(model, settings.parameters)
    criterion = _criterion(loss if _is_torch(loss) else settings.loss)
    refuse_weights(criterion)
    built = Built(
        model=model,
        task=make_task(task, criterion, spec) if isinstance(task, str) else task,
        updates=[_update(model, optimizer, schedule, settings, len(batches))],
        train=batches,
        valid=held_out[0],
        test=held_out[1],
        settings=settings.train,
        seed=seed,
        spec=spec,
    )
    fit_loss(built.model, built.task, spec)
    return built


def _is_torch(value: Any) -> bool:
    """Whether `value` is an object or a class of torch, or a function, rather than a part as a document writes it."""
    return isinstance(value, TORCH_OBJECTS) or callable(value)


class _Function(nn.Module):
    """A function of (outputs, targets) as a loss."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *tensors: Any) -> Tensor:
        return self.function(*tensors)


def _criterion(loss: Any) -> nn.Module:
    if isinstance(loss, nn.Module):
        return loss
    if isinstance(loss, type) and issubclass(loss, nn.Module):
        return loss()
    if callable(loss):
        return _Function(loss)
    module: nn.Module = make("loss", loss, path="loss")
    return module


def _update(model: nn.Module, optimizer: Any, schedule: Any, settings: OwnSettings, batches: int) -> engine.Update:
    steps = -(-batches // settings.train.accumulate)
    if isinstance(optimizer, torch.optim.Optimizer):
        optimizers = [optimizer]
    else:
        optimizers = make_optimizers(model, settings.optimizer, settings.parameters)
    if isinstance(schedule, LRScheduler):
        return engine.Update(optimizers, [schedule])
    return engine.Update(
        optimizers,
        make_schedules(settings.schedule, optimizers, schedule_scope(settings.train.epochs, steps)),
        every=cadence(settings.schedule),
        monitor=settings.schedule.monitor if settings.schedule else "valid/loss",
        warmup=make_warmup(settings.schedule, steps, optimizers),
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
