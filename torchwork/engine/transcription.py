"""Sequences of classes as targets, read from outputs that nobody aligned with them: CTC.

Shapes: N samples, T time steps of the outputs, C classes with the blank, S the longest target.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from torchwork.engine.batches import Batch
from torchwork.engine.task import SupervisedTask
from torchwork.errors import TrainingError


class Transcription(SupervisedTask):
    """Outputs are log probabilities [T, N, C], as CTCLoss takes them; targets are classes [N, S], or one each [N].

    The loss's blank is no class, and so pads shorter targets. Measures `accuracy`, the share of samples whose whole
    sequence is read rightly where each time step's best class counts.
    """

    maximize = frozenset({"accuracy"})

    def __init__(self, criterion: nn.CTCLoss) -> None:
        super().__init__(criterion)
        self.blank = criterion.blank

    def fit_targets(self, outputs: Any, targets: Any) -> Any:
        """The targets with the lengths of outputs and targets; those that a data set gives itself stay."""
        if not isinstance(targets, Tensor):
            return targets
        if not isinstance(outputs, Tensor) or outputs.dim() != 3 or outputs.shape[1] != len(targets):
            given = list(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
            raise TrainingError(
                f"CTCLoss takes log probabilities of shape [time, samples, classes], the model gives {given}; end it "
                "with `LogSoftmax: {dim: -1}`, and `permute: {dims: [1, 0, 2]}` where the samples come first"
            )
        sequences = targets.long().reshape(len(targets), -1)
        times = torch.full((len(targets),), len(outputs), device=targets.device)
        return sequences, times, (sequences != self.blank).sum(1)

    def measure(self, outputs: Any, batch: Batch) -> dict[str, Tensor]:
        if not isinstance(batch[1], Tensor):
            return {}
        targets = batch[1].long().reshape(len(batch[1]), -1)
        read, width = self.read(outputs), max(len(outputs), targets.shape[1])
        right = _padded(read, width, self.blank) == _padded(targets, width, self.blank)
        return {"accuracy": right.all(1).sum()}

    def show(self, outputs: Any) -> list[Any]:
        """For each sample the classes that were read."""
        return [[index for index in row if index != self.blank] for row in self.read(outputs).tolist()]

    def read(self, outputs: Tensor) -> Tensor:
        """The best classes [N, T], repetitions and blanks taken out, filled up with blanks."""
        best = outputs.argmax(2).T
        kept = best != self.blank
        kept[:, 1:] &= best[:, 1:] != best[:, :-1]
        # A stable sort brings what is kept to the front, in its order.
        order = (~kept).byte().argsort(dim=1, stable=True)
        return best.masked_fill(~kept, self.blank).gather(1, order)


def _padded(sequences: Tensor, width: int, blank: int) -> Tensor:
    return nn.functional.pad(sequences, (0, width - sequences.shape[1]), value=blank)
