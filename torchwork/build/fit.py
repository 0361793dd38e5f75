"""Whether model, loss, target and what settings watch belong together, found without computing a value."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from torchwork import data
from torchwork.catalog.entry import first_sentence
from torchwork.engine import LOSS, Task
from torchwork.errors import DocumentError, Problem, TorchworkError, nearest
from torchwork.experiment import Experiment
from torchwork.graph.value import Value, empty_like

SAMPLES = 2
"""of the batch that is tried; another number than any that a document may have in mind"""


def fit_loss(model: nn.Module, task: Task, spec: data.Spec, foreseen: Value | None = None) -> list[str]:
    """Computes the loss once on tensors without values, so that a loss that does not fit its target is found at once.

    Returns the names of what each epoch measures. `foreseen` is what the model gives for SAMPLES samples, where that is
    known: then it is not tried.

    Raises:
        DocumentError: says what the model gives, what the target is, and what would fit.
    """
    batch = _empty_batch(spec)
    try:
        outputs = _tried(model, batch[0]) if foreseen is None else _empty(foreseen)
    except Exception as error:
        if _needs_values(error):
            return []
        message = f"the model does not take a batch of {_shapes(batch[0])}: {first_sentence(error)}"
        raise DocumentError(
            Problem("model", message, "it must take any number of samples; write -1 for that size")
        ) from None
    _check_classes(outputs, spec, task)
    try:
        _, scores = task.loss(_Answer(outputs, model), batch, "model")
        return ["loss", *task.measure(scores, batch)]
    except Exception as error:
        if _needs_values(error):
            return []
        raise DocumentError(_misfit(task, outputs, batch[1], spec, error)) from None


def _misfit(task: Task, outputs: Any, targets: torch.Tensor, spec: data.Spec, error: Exception) -> Problem:
    """Why the loss cannot be computed of what the model gives."""
    given = f"the model gives {_shapes(outputs)}, the target is {_shapes(targets)}"
    criterion = getattr(task, "criterion", None)
    if criterion is not None and "positional argument" in str(error):
        takes = ", ".join(inspect.signature(criterion.forward).parameters)
        hint = "a model with several `outputs:` gives all but the last"
        return Problem("loss", f"{type(criterion).__name__} takes {takes}, but {given}", hint)
    if isinstance(outputs, torch.Tensor) and outputs.shape[:1] != (SAMPLES,):
        message = f"the model gives {_shapes(outputs)} for a batch of {SAMPLES} samples"
        hint = "the first dimension of what it gives must be the samples; recurrent layers need `batch_first: true`"
        return Problem("model", message, hint)
    if isinstance(outputs, torch.Tensor) and spec.target == "class" and outputs.dim() > 2 and targets.dim() == 1:
        message = f"expected one output for each class of a sample, the model gives {_shapes(outputs)}"
        return Problem("model", message, "put Flatten before its last layer")
    if isinstance(error, TorchworkError):
        return Problem("loss", str(error))
    return Problem("loss", f"the loss does not fit: {given}: {first_sentence(error)}", _loss_hint(spec, criterion))


def _tried(model: nn.Module, inputs: Any) -> Any:
    """What a copy of the model gives in training; what torch warns of will be seen when it is trained."""
    try:
        copied = copy.deepcopy(model)
    except Exception:
        raise NotImplementedError("a module that cannot be copied is not tried") from None
    with torch.no_grad(), warnings.catch_warnings(action="ignore"):
        return copied.to("meta").train()(inputs)


def _needs_values(error: Exception) -> bool:
    """Whether it failed only because meta tensors have no values (`item`, `nonzero`, no such kernel).

    Then nothing is known, and the first step will tell.
    """
    return isinstance(error, NotImplementedError) or "meta" in str(error).lower()


def _empty(value: Value) -> Any:
    with torch.device("meta"):
        return empty_like(value, tracked=False)


class _Answer(nn.Module):
    """A model that has already answered, and its loss where that is a part of it."""

    def __init__(self, outputs: Any, model: nn.Module) -> None:
        super().__init__()
        self.outputs = outputs
        self.add_module(LOSS, getattr(model, LOSS, None))

    def forward(self, inputs: Any) -> Any:
        return self.outputs


def _empty_batch(spec: data.Spec) -> tuple[Any, torch.Tensor]:
    """Inputs and targets of the data's shapes and types, on the meta device."""
    inputs = [torch.empty(SAMPLES, *shape, dtype=getattr(torch, spec.dtype), device="meta") for shape in spec.inputs]
    dtype = torch.int64 if spec.target == "class" else torch.float32
    targets = torch.empty(SAMPLES, *spec.target_shape, dtype=dtype, device="meta")
    return inputs[0] if len(inputs) == 1 else inputs, targets


def _check_classes(outputs: Any, spec: data.Spec, task: Task) -> None:
    classes = len(spec.classes or ())
    takes_indices = getattr(task, "takes_indices", False) and not getattr(task, "weighted", False)
    if takes_indices and isinstance(outputs, torch.Tensor) and outputs.dim() > 1 and outputs.shape[1] < classes:
        message = f"the model gives {outputs.shape[1]} output{'s' * (outputs.shape[1] != 1)} for {classes} classes"
        raise DocumentError(Problem("model", message, "give the last layer `out_features: classes`"))


def _loss_hint(spec: data.Spec, criterion: Any) -> str:
    """Another loss, where this one is not the usual one for such targets."""
    if type(criterion).__name__ in ("CrossEntropyLoss", "MSELoss", "HuberLoss", "SmoothL1Loss", "L1Loss"):
        return ""
    if spec.target == "class":
        return "for classes use CrossEntropyLoss with one output for each class"
    return "for numbers use MSELoss with one output for each number of the target"


def _shapes(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{'x'.join(map(str, value.shape)) or 'one'} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shapes(item)}" for key, item in value.items())
    return "(" + ", ".join(map(_shapes, value)) + ")" if isinstance(value, list | tuple) else repr(value)


def check_monitors(experiment: Experiment, names: list[str], bundle: data.Bundle) -> None:
    """Metrics that settings watch must be ones that an epoch measures; `names` are what it measures of each split.

    Raises:
        DocumentError: names the nearest one.
    """
    known = [f"{split}/{name}" for split in ("train", "valid") if split == "train" or bundle.valid for name in names]
    watched = {"train.checkpoint.best": experiment.train.checkpoint.best} if bundle.valid else {}
    if experiment.train.early_stop:
        watched["train.early_stop.monitor"] = experiment.train.early_stop.monitor
    if experiment.schedule is not None and experiment.schedule.name == "ReduceLROnPlateau":
        watched["schedule.monitor"] = experiment.schedule.monitor
    for path, name in watched.items():
        if names and name not in known:
            hint = nearest(name, known) or f"measured are {', '.join(known)}"
            raise DocumentError(Problem(path, f"`{name}` is not measured", hint))
