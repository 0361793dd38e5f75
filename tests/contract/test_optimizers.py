"""Every optimizer of torch.optim with its own defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from torchwork.catalog import catalog

from .flow import PERCEPTRON, document, trained

WITHOUT_BIAS = {"layers": [{"Linear": {"out_features": 3, "bias": False}}]}
SPARSE = {
    "nodes": {
        "scores": {"Linear": {"out_features": 4}, "from": "input"},
        "words": {"argsort": {}, "from": "scores"},
        "embed": {"EmbeddingBag": {"num_embeddings": 4, "embedding_dim": 3, "sparse": True}, "from": "words"},
    }
}
CASES: Mapping[str, dict[str, Any]] = {
    "Muon": {"model": WITHOUT_BIAS},  # for matrices only
    "SparseAdam": {  # for sparse gradients only
        "model": SPARSE,
        "parameters": [{"match": "scores.*", "optimizer": "Adam"}],
    },
}
"""documents for optimizers that do not take every parameter"""
ENTRIES = catalog().entries("optimizer")


@pytest.mark.parametrize("name", ENTRIES)
def test_optimizer(name: str, base: Path) -> None:
    built = trained(document(optimizer=name, **CASES.get(name, {})), base)
    names = [type(optimizer).__name__ for update in built.updates for optimizer in update.optimizers]
    assert name in names


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in ("LBFGS", *CASES)])
def test_parameters_have_settings_of_their_own(name: str, base: Path) -> None:
    rules = [{"match": "*.bias", "set": {"lr": 0.5}}, {"match": "0.weight", "freeze": True}]
    built = trained(document(optimizer={name: {"lr": 0.1}}, model=PERCEPTRON, parameters=rules), base)
    groups = built.updates[0].optimizers[0].param_groups
    assert [float(group["lr"]) for group in groups] == [0.5, 0.1]
    assert isinstance(built.model, nn.Sequential)
    assert groups[1]["params"] == [built.model[2].weight]


def test_nothing_is_left_out() -> None:
    assert CASES.keys() <= ENTRIES.keys()
    assert len(ENTRIES) == 15
