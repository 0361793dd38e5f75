"""Which task a document describes: from what it says, else from what the data's target is."""

from __future__ import annotations

from typing import Literal

from torch import nn

from torchwork.data import Spec
from torchwork.engine import Classification, Regression, Task
from torchwork.errors import DocumentError, Problem

Kind = Literal["auto", "classification", "regression"]


def make_task(kind: Kind, criterion: nn.Module, spec: Spec) -> Task:
    """The task for this target.

    Raises:
        DocumentError: the data have no target, classes are wanted of numbers, or the loss has weights.
    """
    _refuse_weights(criterion)
    if spec.target == "none":
        raise DocumentError(
            Problem("data.source", "the data have no target to learn", "choose a source with classes or numbers")
        )
    if kind == "classification" and spec.target != "class":
        raise DocumentError(Problem("task", "expected classes as targets for classification, the data have numbers"))
    if kind == "regression" or (kind == "auto" and spec.target == "value"):
        return Regression(criterion)
    return Classification(criterion, spec.classes or ())


def _refuse_weights(criterion: nn.Module) -> None:
    """Weights inside the loss would be neither trained nor saved, and predictions would be made without them."""
    if any(parameter.requires_grad for parameter in criterion.parameters()):
        message = f"{type(criterion).__name__} has weights of its own, which belong into the model"
        raise DocumentError(Problem("loss", message, "write a Linear as its last layer, and the loss without weights"))
