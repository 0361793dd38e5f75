"""Every loss of torch.nn on the targets it is for, with the outputs it wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from torchwork.build import build
from torchwork.catalog import catalog
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment

from .flow import CLASSES, NUMBERS, PERCEPTRON, document, trained

SIGNS = {**NUMBERS, "source": {"Arrays": {"path": "signs.npz", "target": "value"}}}
"""samples of 6 features, targets are -1 or 1"""


def ending(*layers: Any) -> dict[str, Any]:
    """The perceptron with layers behind it."""
    return {"layers": [*PERCEPTRON["layers"], *layers]}


def several(size: int, *last: str) -> dict[str, Any]:
    """A model with one output for each of `last`, operations behind a layer of `size` features."""
    heads = {f"head{i}": {"Linear": {"out_features": size}, "from": "input"} for i in range(len(last))}
    ends = {f"out{i}": {name: {}, "from": f"head{i}"} for i, name in enumerate(last)}
    return {"nodes": heads | ends, "outputs": list(ends)}


@dataclass(frozen=True)
class Case:
    """What a loss needs that is not for classes: data, a model, arguments."""

    data: dict[str, Any] = field(default_factory=lambda: CLASSES)
    model: dict[str, Any] = field(default_factory=lambda: PERCEPTRON)
    args: dict[str, Any] = field(default_factory=dict)


VALUES = Case(NUMBERS)
CASES = {
    **dict.fromkeys(("HuberLoss", "L1Loss", "MSELoss", "PoissonNLLLoss", "SmoothL1Loss"), VALUES),
    "BCELoss": Case(model=ending("Sigmoid")),
    "NLLLoss": Case(model=ending({"LogSoftmax": {"dim": 1}})),
    "KLDivLoss": Case(
        model=ending({"LogSoftmax": {"dim": 1}}), args={"reduction": "batchmean"}
    ),  # torch warns of its own
    "GaussianNLLLoss": Case(NUMBERS, several(3, "tanh", "exp")),
    "CosineEmbeddingLoss": Case(SIGNS, several(4, "tanh", "tanh")),
    "MarginRankingLoss": Case(SIGNS, several(1, "ravel", "ravel")),
    "TripletMarginLoss": Case(NUMBERS, several(4, "tanh", "tanh", "tanh")),
    "TripletMarginWithDistanceLoss": Case(NUMBERS, several(4, "tanh", "tanh", "tanh")),
}
"""losses that compare something else than one row of scores with a class"""
REFUSED = {
    "CTCLoss": (
        {},
        "takes log_probs, targets, input_lengths, target_lengths, but the model gives 2x3",
    ),  # no source has sequences yet
    "LinearCrossEntropyLoss": (
        {"in_features": 3, "num_classes": 3},
        "has weights of its own, which belong into the model",
    ),
}
"""losses that no document can use, with their arguments, and what a person is told"""
ENTRIES = catalog().entries("loss")


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in REFUSED])
def test_loss(name: str, base: Path) -> None:
    case = CASES.get(name, Case())
    built = trained(document(data=case.data, model=case.model, loss={name: case.args}), base)
    assert type(built.task.criterion).__name__ == name  # type: ignore[attr-defined]
    assert all(parameter.grad is not None for parameter in built.model.parameters())


@pytest.mark.parametrize("name", REFUSED)
def test_a_loss_that_cannot_be_used_says_why(name: str, base: Path) -> None:
    args, told = REFUSED[name]
    with pytest.raises(DocumentError, match=rf"^loss: .*{told}[^\n]*$"):
        build(Experiment.parse(document(data=CLASSES, loss={name: args})), base=base)


def test_nothing_is_left_out() -> None:
    assert (CASES | REFUSED).keys() <= ENTRIES.keys()
    assert len(ENTRIES) == 22
