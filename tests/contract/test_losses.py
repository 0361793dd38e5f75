"""Every loss of torch.nn on the targets it is for, with the outputs it wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from torchwork.catalog import catalog

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


STEPS = {
    "layers": [
        {"Unflatten": {"dim": 1, "unflattened_size": [6, 1]}},
        {"Linear": {"out_features": "classes + 1"}},
        {"LogSoftmax": {"dim": -1}},
        {"permute": {"dims": [1, 0, 2]}},
    ]
}
"""the six features as a sequence: log probabilities [time, samples, classes and the blank]"""
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
    "CTCLoss": Case(model=STEPS, args={"blank": "classes"}),
    "LinearCrossEntropyLoss": Case(args={"in_features": 3, "num_classes": "classes"}),
}
"""losses that compare something else than one row of scores with a class"""
ENTRIES = catalog().entries("loss")


@pytest.mark.parametrize("name", ENTRIES)
def test_loss(name: str, base: Path) -> None:
    case = CASES.get(name, Case())
    built = trained(document(data=case.data, model=case.model, loss={name: case.args}), base)
    assert type(built.task.criterion).__name__ == name  # type: ignore[attr-defined]
    assert all(parameter.grad is not None for parameter in built.model.parameters())


def test_nothing_is_left_out() -> None:
    assert CASES.keys() <= ENTRIES.keys()
    assert len(ENTRIES) == 22
