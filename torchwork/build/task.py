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
        DocumentError: the data have no target, or classes are wanted of numbers.
    """
    if spec.target == "none":
        raise DocumentError(
            Problem("data.source", "the data have no target to learn", "choose a source with classes or numbers")
        )
    if kind == "classification" and spec.target != "class":
        raise DocumentError(Problem("task", "expected classes as targets for classification, the data have numbers"))
    if kind == "regression" or (kind == "auto" and spec.target == "value"):
        return Regression(criterion)
    return Classification(criterion, spec.classes or ())
