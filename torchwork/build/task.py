"""Which task a document describes: from what it says, from the loss, else from what the data's target is."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Literal

from torch import nn

from torchwork.data import Spec
from torchwork.engine import LOSS, Classification, Regression, Task, Transcription
from torchwork.errors import DocumentError, Problem

Kind = Literal["auto", "classification", "regression"]


def make_task(kind: Kind, criterion: nn.Module, spec: Spec) -> Task:
    """The task for this target.

    Raises:
        DocumentError: the data have no target, classes are wanted of numbers, or a class is CTCLoss's blank.
    """
    if spec.target == "none":
        raise DocumentError(
            Problem("data.source", "the data have no target to learn", "choose a source with classes or numbers")
        )
    if kind == "classification" and spec.target != "class":
        raise DocumentError(Problem("task", "expected classes as targets for classification, the data have numbers"))
    if isinstance(criterion, nn.CTCLoss):
        _check_blank(criterion, spec)
        return Transcription(criterion)
    if kind == "regression" or (kind == "auto" and spec.target == "value"):
        return Regression(criterion)
    return Classification(criterion, spec.classes or ())


def _check_blank(criterion: nn.CTCLoss, spec: Spec) -> None:
    classes = spec.classes or ()
    if spec.target == "class" and criterion.blank < len(classes):
        message = f"the blank {criterion.blank} is the class {classes[criterion.blank]}"
        fix = "write `blank: classes`, and `classes + 1` outputs"
        raise DocumentError(Problem("loss.CTCLoss.blank", message, fix))


def refuse_weights(criterion: nn.Module) -> None:
    """Weights inside the loss of one's own module would be neither trained nor saved.

    Raises:
        DocumentError: the loss has some.
    """
    if any(parameter.requires_grad for parameter in criterion.parameters()):
        message = f"{type(criterion).__name__} has weights of its own, which belong into the model"
        raise DocumentError(Problem("loss", message, "write a Linear as its last layer, and the loss without weights"))


class _Chain(nn.Sequential):
    """A chain beside whose layers its loss stands."""

    def forward(self, input: Any) -> Any:
        for name, layer in self.named_children():
            input = input if name == LOSS else layer(input)
        return input


def put_loss(model: nn.Module, criterion: nn.Module) -> nn.Module:
    """The model, with a loss that has weights (LinearCrossEntropyLoss) as its child `loss`; without weights as it is.

    Raises:
        DocumentError: a node has that name.
    """
    if not any(True for _ in criterion.parameters()):
        return model
    children = OrderedDict(model.named_children())
    if LOSS in children:
        message = f"{type(criterion).__name__} has weights, which are saved under the name `{LOSS}`"
        raise DocumentError(Problem("model", message, f"give the node `{LOSS}` another name"))
    model = _Chain(children) if isinstance(model, nn.Sequential) else model
    model.add_module(LOSS, criterion)
    return model
