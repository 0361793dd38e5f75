"""What a batch is, how loss and metrics are computed, how a prediction is shown.

Shapes: N samples, C classes, ... further dimensions (positions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from torchwork.engine.batches import Batch
from torchwork.engine.nested import shapes_of, tensors_of
from torchwork.errors import TrainingError

Sums = Mapping[str, Any]
"""Sums over samples by name: numpy numbers or arrays."""


class Task(Protocol):
    """One kind of learning. Tasks to come (pairs of networks, lists of targets) differ only in these methods."""

    reduction: Literal["mean", "sum"]
    """whether `loss` is a mean or a sum over the samples of the batch"""
    maximize: frozenset[str]
    """metrics of which more is better; of all others, less is"""

    def size(self, batch: Batch) -> int:
        """Samples in the batch."""

    def loss(self, model: nn.Module, batch: Batch, update: str) -> tuple[Tensor, Any]:
        """The 0-d loss that the update named `update` lowers, and the outputs."""

    def predict(self, model: nn.Module, inputs: Any) -> Any:
        """The outputs for inputs without targets."""

    def measure(self, outputs: Any, batch: Batch) -> dict[str, Tensor]:
        """Sums over the samples of the batch, on its device, always with the same names and shapes."""

    def summarize(self, sums: Sums, samples: Any) -> dict[str, Any]:
        """Metrics from sums over `samples` samples, `loss` among them; works on numbers and on arrays [n] alike."""

    def show(self, outputs: Any) -> list[Any]:
        """What a person should see of each sample's prediction, as plain values."""

    def probabilities(self, outputs: Any) -> Tensor | None:
        """Scores [N, C, ...] between 0 and 1 of each class; None where the outputs are no classes."""


LOSS = "loss"
"""The child of a model that is its loss, where the loss has weights: they are trained, averaged and saved with it."""


class SupervisedTask:
    """What classification and regression share: one model, one loss module of torch, inputs and targets."""

    maximize: frozenset[str] = frozenset()

    def __init__(self, criterion: nn.Module) -> None:
        self.criterion = criterion
        self.weighted = any(True for _ in criterion.parameters())
        self.unreduced = getattr(criterion, "reduction", "mean") == "none"
        self.reduction: Literal["mean", "sum"] = "sum" if getattr(criterion, "reduction", "mean") == "sum" else "mean"

    def size(self, batch: Batch) -> int:
        return next(tensors_of(batch[0])).shape[0]

    def loss(self, model: nn.Module, batch: Batch, update: str) -> tuple[Tensor, Any]:
        """The criterion's value (its mean when it does not reduce) and the model's outputs."""
        outputs, criterion = model(batch[0]), self._criterion_of(model)
        value = call_criterion(criterion, outputs, self.fit_targets(outputs, batch[1]))
        return (value.mean() if self.unreduced else value), self._scores(criterion, outputs)

    def predict(self, model: nn.Module, inputs: Any) -> Any:
        return self._scores(self._criterion_of(model), model(inputs))

    def _criterion_of(self, model: nn.Module) -> nn.Module:
        """The loss; one with weights is the model's, for an average of the model has other weights."""
        return getattr(model, LOSS) if self.weighted else self.criterion

    def _scores(self, criterion: nn.Module, outputs: Any) -> Any:
        """What is measured and shown of what the model gives."""
        return outputs

    def fit_targets(self, outputs: Any, targets: Any) -> Any:
        """The targets in the shape and type that the criterion compares with `outputs`."""
        return targets

    def measure(self, outputs: Any, batch: Batch) -> dict[str, Tensor]:
        return {}

    def summarize(self, sums: Sums, samples: Any) -> dict[str, Any]:
        return {name: value / samples for name, value in sums.items()}

    def show(self, outputs: Any) -> list[Any]:
        return _main(outputs).tolist()

    def probabilities(self, outputs: Any) -> Tensor | None:
        """Scores [N, C, ...] between 0 and 1 of each class; None where the outputs are no classes."""
        return None


def call_criterion(criterion: nn.Module, outputs: Any, targets: Any) -> Tensor:
    """Calls a loss of torch.nn with as many outputs and targets as it takes.

    A model that returns a tuple feeds losses of several inputs: (mean, variance) for GaussianNLLLoss, two embeddings
    for CosineEmbeddingLoss, (anchor, positive, negative) for TripletMarginLoss, whose targets are not looked at.
    Targets in a tuple follow: (targets, input_lengths, target_lengths) for CTCLoss.
    """
    if isinstance(outputs, Tensor) and isinstance(targets, Tensor):
        return criterion(outputs, targets)  # type: ignore[no-any-return]
    given = [*outputs] if isinstance(outputs, list | tuple) else [outputs]
    wanted = [*targets] if isinstance(targets, list | tuple) else [targets]
    if isinstance(criterion, nn.GaussianNLLLoss):
        return criterion(given[0], wanted[0].view_as(given[0]), given[1])  # type: ignore[no-any-return]
    if isinstance(criterion, nn.TripletMarginLoss | nn.TripletMarginWithDistanceLoss):
        wanted = []
    return criterion(*given, *wanted)  # type: ignore[no-any-return]


INDEX_LOSSES = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)
"""Losses whose targets are class indices [N] (or [N, ...])."""
SIGNED_LOSSES = (nn.SoftMarginLoss, nn.HingeEmbeddingLoss)
"""Losses whose targets are -1 and 1."""
PROBABILITY_LOSSES = (nn.BCELoss,)
"""Losses whose inputs are probabilities already."""
BINARY_LOSSES = (nn.BCELoss, nn.BCEWithLogitsLoss)
"""Losses whose targets lie between 0 and 1."""
LABEL_LOSSES = (
    *BINARY_LOSSES,
    nn.MultiLabelSoftMarginLoss,
    nn.SoftMarginLoss,
    nn.HingeEmbeddingLoss,
)
"""Losses that judge each output alone, as one label that is there or not."""
LOG_PROBABILITY_LOSSES = (nn.NLLLoss, nn.KLDivLoss)
"""Losses whose inputs are logarithms of probabilities."""


class Classification(SupervisedTask):
    """Classes as targets: indices [N], probabilities [N, C] (MixUp), or several labels at once [N, C] of 0 and 1.

    One output per sample (with BCEWithLogitsLoss or BCELoss) is the score of class 1 of two. Measures `accuracy`, the
    share of right classes (of right labels, where a sample has several).
    """

    maximize = frozenset({"accuracy"})

    def __init__(self, criterion: nn.Module, classes: Sequence[str] = ()) -> None:
        super().__init__(criterion)
        self.classes = list(classes)
        self.takes_indices = isinstance(criterion, INDEX_LOSSES) or type(criterion).__name__ == "LinearCrossEntropyLoss"
        self.several = isinstance(criterion, LABEL_LOSSES)
        self.threshold = 0.5 if isinstance(criterion, PROBABILITY_LOSSES) else 0.0
        self.ignored: int | None = getattr(criterion, "ignore_index", None)
        """the class of positions that count for nothing"""

    def fit_targets(self, outputs: Any, targets: Any) -> Any:
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
            return targets
        if self.takes_indices:
            return _indices(outputs, targets)
        if isinstance(self.criterion, nn.MultiLabelMarginLoss):
            return _listed(outputs, targets.long())
        dense = self._dense(outputs, targets).to(outputs.dtype)
        return dense * 2 - 1 if isinstance(self.criterion, SIGNED_LOSSES) and not targets.is_floating_point() else dense

    def _scores(self, criterion: Any, outputs: Any) -> Any:
        """The scores [N, C, ...] of each class, which LinearCrossEntropyLoss makes of features [N, F] itself."""
        if not self.weighted:
            return outputs
        with torch.no_grad():
            return class_scores(criterion, outputs)

    def _dense(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Targets of the outputs' shape: class indices become one-hot rows."""
        if targets.numel() == outputs.numel():
            return targets.view_as(outputs)
        if targets.is_floating_point() or outputs.dim() < 2:
            raise _misfit(self.criterion, outputs, targets)
        rows = functional.one_hot(targets.reshape(len(outputs), *outputs.shape[2:]).long(), outputs.shape[1])
        return rows.movedim(-1, 1)

    def measure(self, outputs: Any, batch: Batch) -> dict[str, Tensor]:
        targets = batch[1]
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor) or outputs.dim() == 0:
            return {}
        if self.ignored is not None and outputs.dim() > 2 and outputs[:, 0].shape == targets.shape:
            return {"accuracy": _right_positions(outputs, targets, self.ignored)}
        return {"accuracy": _right(outputs, targets, self.threshold if self.several else None)}

    def show(self, outputs: Any) -> list[Any]:
        """For each sample `{"class": name or index, "score": p, "scores": [p of each class]}`.

        Where each position has a class, a score is the share of them that has it, of the `"pixels"` or `"positions"`
        that `"of"` names.
        """
        return _ranked(self.probabilities(_main(outputs).float()), self.classes)

    def probabilities(self, outputs: Any) -> Tensor:
        """Scores [N, C, ...] between 0 and 1 of each class."""
        return self._probabilities(_main(outputs))

    def _probabilities(self, outputs: Tensor) -> Tensor:
        if outputs.dim() == 1 or outputs.shape[1] == 1:
            one = outputs[:, None] if outputs.dim() == 1 else outputs
            one = one if isinstance(self.criterion, PROBABILITY_LOSSES) else one.sigmoid()
            return torch.cat([1 - one, one], 1)
        if isinstance(self.criterion, PROBABILITY_LOSSES):
            return outputs
        if isinstance(self.criterion, LOG_PROBABILITY_LOSSES):
            return outputs.exp()
        return outputs.sigmoid() if self.several else outputs.softmax(1)


def _ranked(scores: Tensor, classes: Sequence[str] = ()) -> list[Any]:
    """What is shown of scores [N, C, ...], of several positions the share that each class has."""
    of = {} if scores.dim() == 2 else {"of": "pixels" if scores.dim() == 4 else "positions"}
    if of:
        scores = functional.one_hot(scores.argmax(1), scores.shape[1]).float().flatten(1, -2).mean(1)
    return [
        {"class": classes[index] if index < len(classes) else index, "score": row[index], "scores": row, **of}
        for index, row in zip(scores.argmax(1).tolist(), scores.tolist(), strict=True)
    ]


def class_scores(criterion: Any, features: Tensor) -> Tensor:
    """The scores [N, C, ...] that LinearCrossEntropyLoss makes of features [N, F], with gradients."""
    scores: Tensor = criterion.linear(features).unflatten(1, (criterion.num_classes, *criterion.out_features))
    return scores


def _indices(outputs: Tensor, targets: Tensor) -> Tensor:
    """Targets for a loss over class indices; probabilities of the outputs' shape stay."""
    if targets.is_floating_point():
        if targets.shape != outputs.shape:
            raise TrainingError(
                f"expected class indices as whole numbers, or probabilities of shape {list(outputs.shape)}, "
                f"got {shapes_of(targets)}; use a loss for regression such as MSELoss, or whole numbers as targets"
            )
        return targets.to(outputs.dtype)
    if targets.dim() == outputs.dim() and targets.shape[1:] == (1,):
        targets = targets[:, 0]
    return targets if targets.dtype == torch.int64 else targets.long()


def _listed(outputs: Tensor, targets: Tensor) -> Tensor:
    """Class indices [N] as lists of the classes that are there [N, C], ended by -1; such lists stay."""
    if targets.shape == outputs.shape:
        return targets
    return functional.pad(targets.reshape(len(outputs), -1), (0, outputs.shape[1] - 1), value=-1)


def _right_positions(outputs: Tensor, targets: Tensor, ignored: int) -> Tensor:
    """The sum over samples of the share of right positions, among those that count."""
    counted = targets != ignored
    right = (outputs.argmax(1) == targets) & counted
    return (right.flatten(1).sum(1) / counted.flatten(1).sum(1).clamp(min=1)).sum()


def _right(outputs: Tensor, targets: Tensor, threshold: float | None) -> Tensor:
    """The sum over samples of the share of right classes; with a threshold each output is one label, there or not."""
    if threshold is not None and outputs.numel() == targets.numel():
        right = (outputs > threshold).view_as(targets) == (targets > 0.5)
    else:
        classes = outputs.argmax(1)
        soft = targets.shape == outputs.shape
        right = classes == (targets.argmax(1) if soft else targets.view_as(classes))
    return right.sum() if right.dim() == 1 else right.flatten(1).float().mean(1).sum()


class Regression(SupervisedTask):
    """Numbers as targets, of the outputs' shape. Measures `mae` and `rmse` over all elements."""

    def __init__(self, criterion: nn.Module) -> None:
        super().__init__(criterion)
        self.binary = isinstance(criterion, BINARY_LOSSES)
        """whether each number is 0 or 1"""

    def probabilities(self, outputs: Any) -> Tensor | None:
        """With BCEWithLogitsLoss or BCELoss, as for masks of 0 and 1, each number is a class, 0 or 1: [N, 2, ...].

        A channel of one is left out: of masks [N, 1, H, W] it is [N, 2, H, W].
        """
        if not self.binary:
            return None
        one = _main(outputs)
        one = one if isinstance(self.criterion, PROBABILITY_LOSSES) else one.sigmoid()
        both = torch.stack([1 - one, one], 1)
        if one.numel() == len(one):
            return both.flatten(1)
        return both.squeeze(2) if self._of_pixels(one) else both

    def show(self, outputs: Any) -> list[Any]:
        """The numbers of each sample; of masks of 0 and 1 what share of the pixels each has, as of classes."""
        main = _main(outputs)
        scores = self.probabilities(main.float()) if self._of_pixels(main) else None
        return super().show(outputs) if scores is None else _ranked(scores)

    def _of_pixels(self, outputs: Tensor) -> bool:
        """Whether each pixel is 0 or 1."""
        return self.binary and outputs.dim() == 4 and outputs.shape[1] == 1

    def fit_targets(self, outputs: Any, targets: Any) -> Any:
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
            return targets
        if targets.numel() != outputs.numel():
            raise _misfit(self.criterion, outputs, targets)
        # [N] against [N, 1] would broadcast to [N, N] without a word.
        return targets.to(outputs.dtype).view_as(outputs)

    def measure(self, outputs: Any, batch: Batch) -> dict[str, Tensor]:
        main, targets = _main(outputs), batch[1]
        if not isinstance(targets, Tensor) or targets.numel() != main.numel():
            return {}
        error = (main.float() - targets.view_as(main)).reshape(len(main), -1)
        return {"mae": error.abs().mean(1).sum(), "rmse": error.square().mean(1).sum()}

    def summarize(self, sums: Sums, samples: Any) -> dict[str, Any]:
        means = super().summarize(sums, samples)
        return {name: np.sqrt(value) if name == "rmse" else value for name, value in means.items()}


def _main(outputs: Any) -> Tensor:
    """The first tensor of the outputs: the prediction of a model that returns more."""
    return next(tensors_of(outputs))


def _misfit(criterion: nn.Module, outputs: Tensor, targets: Tensor) -> TrainingError:
    return TrainingError(
        f"{type(criterion).__name__} cannot compare outputs of shape {list(outputs.shape)} with targets of shape "
        f"{list(targets.shape)}; give the last layer as many outputs as a target has values"
    )
