"""The trial of model and loss on tensors without values: it refuses what cannot work, and nothing else."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import Tensor, nn

from torchwork import data
from torchwork.build.fit import fit_loss
from torchwork.engine import Classification
from torchwork.errors import DocumentError

SPEC = data.Spec(inputs=[[6]], target="class", classes=["a", "b", "c"], kind="array")


class Branching(nn.Module):
    """Looks at values, has a tensor that is no buffer, and a lock that cannot be copied."""

    def __init__(self, lock: bool) -> None:
        super().__init__()
        self.linear, self.shift = nn.Linear(6, 3), torch.ones(6)
        self.lock = threading.Lock() if lock else None

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x + self.shift) if float(x.sum()) > 0 else self.linear(x)


@pytest.mark.parametrize("lock", [False, True])
def test_a_module_that_needs_values_is_left_to_the_first_step(lock: bool) -> None:
    assert fit_loss(Branching(lock), Classification(nn.CrossEntropyLoss()), SPEC) == []


def test_what_is_measured_is_known_before_training() -> None:
    assert fit_loss(nn.Linear(6, 3), Classification(nn.CrossEntropyLoss()), SPEC) == ["loss", "accuracy"]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (nn.Linear(5, 3), "model: the model does not take a batch of 2x6 float32"),
        (nn.Sequential(nn.Unflatten(0, (4, -1)), nn.Flatten(0)), "it must take any number of samples"),
        (
            nn.Linear(6, 2),
            "model: the model gives 2 outputs for 3 classes (give the last layer `out_features: classes`)",
        ),
    ],
)
def test_what_cannot_work_is_refused(model: nn.Module, told: str) -> None:
    with pytest.raises(DocumentError) as caught:
        fit_loss(model, Classification(nn.CrossEntropyLoss()), SPEC)
    assert told in str(caught.value)
