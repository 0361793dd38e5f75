"""A checked document to everything that training needs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from torchwork import data
from torchwork.build.parameters import apply_rules
from torchwork.build.parts import entry_of, make
from torchwork.build.plan import Checked, check
from torchwork.build.task import make_task, put_loss
from torchwork.build.update import make_update
from torchwork.build.weights import put_weights, read_weights
from torchwork.engine import Batches, Choice, Task, Update, choose_device, set_fused
from torchwork.errors import DocumentError, OutOfMemoryError
from torchwork.experiment import Experiment, Train
from torchwork.experiment import Optimizer as OptimizerPart


@dataclass
class Built:
    """Torch objects, ready for the engine. `document` is the experiment with what was decided filled in."""

    model: nn.Module
    task: Task
    updates: list[Update]
    train: Batches
    valid: Batches | None
    test: Batches | None
    settings: Train
    seed: int
    spec: data.Spec
    document: Experiment | None = None
    notes: list[str] = field(default_factory=list)


def build(
    experiment: Experiment, *, base: Path | None = None, trust: bool = False, opened: Checked | None = None
) -> Built:
    """Everything that `experiment` describes; the same document and seed give the same weights.

    `opened` is a document checked with the same base and trust on the CPU: there its data are not opened again.

    Raises:
        DocumentError: with every problem of the document.
        OutOfMemoryError: the machine has no room for the model.
    """
    device = str(choose_device(experiment.train.device))
    checked = check(experiment, base=base, trust=trust, device=device, opened=opened if device == "cpu" else None)
    if checked.problems:
        raise DocumentError(checked.problems)
    if checked.graph is not None and checked.graph.not_run:
        checked.graph.build()  # refuses: code runs only with trust
    if checked.too_large:
        raise OutOfMemoryError(checked.too_large)
    return _assemble(checked, base or Path.cwd())


def _assemble(checked: Checked, base: Path) -> Built:
    bundle, resolved = checked.bundle, checked.graph
    assert bundle is not None and resolved is not None
    document = checked.experiment.model_copy(update={"data": bundle.resolved})
    model, criterion = make_model(document, resolved.build, bundle.spec, base)
    return Built(
        model=model,
        task=make_task(document.task, criterion, bundle.spec),
        updates=[make_update(document, model, len(bundle.train))],
        train=bundle.train,
        valid=bundle.valid,
        test=bundle.test,
        settings=document.train,
        seed=document.seed,
        spec=bundle.spec,
        document=document,
        notes=checked.notes,
    )


def with_train(built: Built, **changes: Any) -> Built:
    """`built` with other settings of `train:`, also in its document, so that a resume and a repetition use the same."""
    settings = built.settings.model_copy(update=changes)
    document = built.document and built.document.model_copy(update={"train": settings})
    return replace(built, settings=settings, document=document)


def with_choice(built: Built, choice: Choice) -> Built:
    """`built` with what a trial chose, also in its document."""
    chosen = with_train(built, memory_format=choice.memory_format)
    return _with_fused(chosen) if choice.fused else chosen


def _with_fused(built: Built) -> Built:
    for optimizer in (optimizer for update in built.updates for optimizer in update.optimizers):
        set_fused(optimizer, True)
    document = built.document
    if document is None:
        return built
    rules = [
        rule.model_copy(update={"optimizer": rule.optimizer and _fused(rule.optimizer)}) for rule in document.parameters
    ]
    fused = document.model_copy(update={"optimizer": _fused(document.optimizer), "parameters": rules})
    return replace(built, document=fused)


def _fused(part: OptimizerPart) -> OptimizerPart:
    if entry_of("optimizer", part, "optimizer").argument("fused") is None or "fused" in part.args:
        return part
    return part.model_copy(update={"args": {**part.args, "fused": True}})


def seed_everything(seed: int) -> None:
    """Seeds the global generators of python, numpy and torch (all devices)."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def make_model(
    document: Experiment, make_module: Callable[[], nn.Module], spec: data.Spec, base: Path
) -> tuple[nn.Module, nn.Module]:
    """The model with its initial weights (drawn from the seed, or read), changed by the rules; and its loss."""
    seed_everything(document.seed)
    module = make_module()
    criterion: nn.Module = make("loss", document.loss, path="loss", scope=spec.symbols)
    model = put_loss(module, criterion)
    if document.model.weights:
        path = base / document.model.weights
        put_weights(model, read_weights(path), str(path))
    apply_rules(model, document.parameters)
    return model, criterion
