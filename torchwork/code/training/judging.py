"""How a script compares outputs with targets: the loss of a batch, and what is measured beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from torchwork.data import Spec
from torchwork.engine import Classification, Regression, SupervisedTask, Transcription
from torchwork.graph import TensorSpec
from torchwork.graph.value import Value

FUNCTIONAL = "import torch.nn.functional as F"
TRIPLETS = (nn.TripletMarginLoss, nn.TripletMarginWithDistanceLoss)


@dataclass(frozen=True)
class Judge:
    """`loss` is an expression of `outputs` and `targets`; `measures` are expressions of sums over a batch, by name.

    `roots` names the measures whose root is taken of the mean; `scores` is an expression of what is measured of the
    `outputs` of a model, empty where that is the outputs themselves.
    """

    loss: str
    measures: dict[str, str]
    reduction: str
    roots: tuple[str, ...] = ()
    maximize: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    definitions: list[str] = field(default_factory=list)
    scores: str = ""
    before: list[str] = field(default_factory=list)
    """statements that the measures build on"""


@dataclass(frozen=True)
class Seen:
    """What the judge knows of a batch before there is one: the model's output, the target, how exact numbers are."""

    task: SupervisedTask
    spec: Spec
    output: Value
    mixed: bool
    exact: bool

    @property
    def tensor(self) -> bool:
        return not isinstance(self.output, tuple)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The output's, without samples; None where it is not known."""
        return self.output.shape[1:] if isinstance(self.output, TensorSpec) else None

    @property
    def alike(self) -> bool:
        """Whether outputs and targets hold as many numbers."""
        shape = self.shape
        return shape is not None and math.prod(shape) == math.prod(self.spec.target_shape)


def judge(seen: Seen) -> Judge:
    """The loss and the measures that the engine's task computes, for just these outputs and targets."""
    task = seen.task
    if isinstance(task, Transcription):
        return _transcription(task)
    targets, definitions = "targets", list[str]()
    if seen.tensor and isinstance(task, Classification):
        targets, definitions = _class_targets(seen, task)
    elif seen.tensor and isinstance(task, Regression):
        targets = _value_targets(seen)
    before, measures = _accuracy(seen, task) if isinstance(task, Classification) else _errors(seen)
    if seen.mixed and isinstance(task, Classification):
        definitions = [*definitions, _mixed_accuracy(task)]
    texts = " ".join([targets, *definitions])
    return Judge(
        loss=_loss(seen, targets),
        measures=measures,
        before=before,
        reduction=task.reduction,
        roots=("rmse",) if isinstance(task, Regression) else (),
        maximize=task.maximize,
        imports=frozenset({FUNCTIONAL} if "F." in texts else set()),
        definitions=definitions,
        scores=_scores(task) if task.weighted else "",
    )


def _loss(seen: Seen, targets: str) -> str:
    task, criterion = seen.task, seen.task.criterion
    name, given = "model.loss" if task.weighted else "criterion", f"outputs, {targets}"
    if not seen.tensor:
        given = "*outputs, targets"
        if isinstance(criterion, nn.GaussianNLLLoss):
            given = "outputs[0], targets.view_as(outputs[0]), outputs[1]"
        if isinstance(criterion, TRIPLETS):
            given = "*outputs"
    return f"{name}({given})" + ".mean()" * task.unreduced


def _value_targets(seen: Seen) -> str:
    """Numbers in the shape of the outputs: [N] against [N, 1] would broadcast to [N, N] without a word."""
    same = isinstance(seen.output, TensorSpec) and seen.output.dtype == "float32" and seen.exact
    cast = "" if same and seen.spec.target == "value" else ".to(outputs.dtype)"
    view = "" if seen.shape == tuple(seen.spec.target_shape) else ".view_as(outputs)"
    return f"targets{cast}{view}"


def _class_targets(seen: Seen, task: Classification) -> tuple[str, list[str]]:
    """Class indices in the form that the loss takes, and the function that makes it where it is more than a call."""
    shape = seen.shape or ()
    if task.takes_indices:
        column = seen.spec.target_shape == [1] and len(shape) == 1
        if seen.mixed and not seen.exact:
            return "targets.to(outputs.dtype) if targets.is_floating_point() else targets", []
        return "targets[:, 0]" if column else "targets", []
    if isinstance(task.criterion, nn.MultiLabelMarginLoss):
        listed = f"F.pad(targets.reshape(len(outputs), -1), (0, {shape[0] - 1}), value=-1)"
        return ("targets" if seen.alike and seen.spec.target_shape else listed), []
    dense = _dense(seen, shape)
    signed = isinstance(task.criterion, nn.SoftMarginLoss | nn.HingeEmbeddingLoss)
    if not seen.mixed:
        return f"{dense} * 2 - 1" if signed else dense, []
    lines = ["def rows_of(outputs: Tensor, targets: Tensor) -> Tensor:"]
    lines += ['    """Targets [N, C] between 0 and 1, mixed ones as they are, of classes [N] otherwise."""']
    lines += ["    if targets.is_floating_point():", "        return targets.view_as(outputs).to(outputs.dtype)"]
    lines += [f"    return {dense}" + " * 2 - 1" * signed]
    return "rows_of(outputs, targets)", ["\n".join(lines)]


def _dense(seen: Seen, shape: tuple[int, ...]) -> str:
    """Targets of the outputs' shape: class indices become one-hot rows."""
    if seen.alike:
        return "targets.view_as(outputs).to(outputs.dtype)"
    classes = shape[0] if shape else "outputs.shape[1]"
    if len(shape) == 1 and not seen.spec.target_shape:
        return f"F.one_hot(targets, {classes}).to(outputs.dtype)"
    flat = "targets.reshape(len(outputs), *outputs.shape[2:])"
    return f"F.one_hot({flat}, {classes}).movedim(-1, 1).to(outputs.dtype)"


def _accuracy(seen: Seen, task: Classification) -> tuple[list[str], dict[str, str]]:
    """The sum over samples of the share of right classes, or of right labels; with the statements before it."""
    shape, target = seen.shape, tuple(seen.spec.target_shape)
    if seen.tensor and shape and not seen.mixed and task.ignored is not None and target and target == shape[1:]:
        before = [f"counted = targets != {task.ignored}", "right = (outputs.argmax(1) == targets) & counted"]
        share = "right.flatten(1).sum(1) / counted.flatten(1).sum(1).clamp(min=1)"
        return before, {"accuracy": f"({share}).sum()"}
    return [], _share_right(seen, task)


def _share_right(seen: Seen, task: Classification) -> dict[str, str]:
    """The sum over samples of the share of right classes, or of right labels, whichever they are."""
    if not seen.tensor or seen.shape is None:
        return {}
    target, threshold = tuple(seen.spec.target_shape), task.threshold if task.several else None
    if seen.mixed:
        return {"accuracy": "count_right(outputs, targets)"}
    if threshold is not None and seen.alike:
        view = "" if target == seen.shape else ".view_as(targets)"
        compared = f"(outputs > {threshold:g}){view} == (targets > 0.5)"
        return {"accuracy": _summed(compared, len(target))}
    if not seen.shape:
        return {}
    wanted = "targets" if target == seen.shape[1:] else "targets.view_as(outputs.argmax(1))"
    if target == seen.shape:
        wanted = "targets.argmax(1)"
    return {"accuracy": _summed(f"outputs.argmax(1) == {wanted}", len(seen.shape) - 1)}


def _mixed_accuracy(task: Classification) -> str:
    """The function that counts right samples, where targets may be classes or mixtures of them."""
    lines = ["def count_right(outputs: Tensor, targets: Tensor) -> Tensor:"]
    if task.several:
        lines += ['    """The right samples; of mixed ones the share of right labels."""']
        lines += ["    if targets.is_floating_point():"]
        lines += [f"        return ((outputs > {task.threshold:g}) == (targets > 0.5)).float().mean(1).sum()"]
        lines += ["    return (outputs.argmax(1) == targets).sum()"]
    else:
        lines += ['    """The right samples; of mixed ones the larger share counts."""']
        lines += ["    classes = targets.argmax(1) if targets.is_floating_point() else targets"]
        lines += ["    return (outputs.argmax(1) == classes).sum()"]
    return "\n".join(lines)


def _summed(compared: str, further: int) -> str:
    """The sum over samples; with further dimensions of the share in each sample."""
    return f"({compared}).flatten(1).float().mean(1).sum()" if further else f"({compared}).sum()"


def _errors(seen: Seen) -> tuple[list[str], dict[str, str]]:
    """Absolute and squared errors, means over each sample's numbers; with the statements before them."""
    main: Value = seen.output
    name = "outputs"
    while isinstance(main, tuple):
        main, name = main[0], f"{name}[0]"
    if isinstance(main, TensorSpec) and math.prod(main.shape[1:]) != math.prod(seen.spec.target_shape):
        return [], {}
    before = [] if name == "outputs" else [f"prediction = {name}"]
    name = "prediction" if before else name
    error = f"{name}.float() - targets"
    if not (isinstance(main, TensorSpec) and main.shape[1:] == tuple(seen.spec.target_shape) and len(main.shape) == 2):
        error = f"({name}.float() - targets.view_as({name})).reshape(len(targets), -1)"
    measures = {"mae": "error.abs().mean(1).sum()", "rmse": "error.square().mean(1).sum()"}
    return [*before, f"error = {error}"], measures


def _scores(task: SupervisedTask) -> str:
    """The scores of each class, which LinearCrossEntropyLoss makes of features itself."""
    criterion: Any = task.criterion
    classes, further = criterion.num_classes, criterion.out_features
    sizes = ", ".join(map(str, (classes, *further)))
    return f"model.loss.linear(outputs.detach()).unflatten(1, ({sizes}{',' * (not further)}))"


def _transcription(task: Transcription) -> Judge:
    """CTC: targets are sequences that the blank pads."""
    blank = task.blank
    loss = f'''def compare(outputs: Tensor, targets: Tensor) -> Tensor:
    """The loss of log probabilities [T, N, C] and classes [N, S], which the blank pads."""
    sequences = targets.long().reshape(len(targets), -1)
    times = torch.full((len(targets),), len(outputs), device=targets.device)
    return criterion(outputs, sequences, times, (sequences != {blank}).sum(1)){".mean()" * task.unreduced}'''
    right = f'''def count_right(outputs: Tensor, targets: Tensor) -> Tensor:
    """How many sequences are read rightly where each time step's best class counts."""
    best = outputs.argmax(2).T
    kept = best != {blank}
    kept[:, 1:] &= best[:, 1:] != best[:, :-1]
    order = (~kept).byte().argsort(dim=1, stable=True)  # to the front comes what is kept
    read = best.masked_fill(~kept, {blank}).gather(1, order)
    targets = targets.long().reshape(len(targets), -1)
    width = max(read.shape[1], targets.shape[1])
    read, targets = (F.pad(rows, (0, width - rows.shape[1]), value={blank}) for rows in (read, targets))
    return (read == targets).all(1).sum()'''
    return Judge(
        loss="compare(outputs, targets)",
        measures={"accuracy": "count_right(outputs, targets)"},
        reduction=task.reduction,
        maximize=task.maximize,
        imports=frozenset({FUNCTIONAL}),
        definitions=[loss, right],
    )
