"""Every initializer of torch.nn.init, as a rule for parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.build import build
from torchwork.catalog import catalog
from torchwork.experiment import Experiment

from .flow import CLASSES, PICTURES, document, trained, weights

ARGUMENTS: dict[str, dict[str, Any]] = {"constant_": {"val": 0.25}, "sparse_": {"sparsity": 0.5}}
CONVOLUTION = {
    "layers": [{"Conv2d": {"out_channels": 4, "kernel_size": 3}}, "Flatten", {"Linear": {"out_features": 3}}]
}
ENTRIES = catalog().entries("initializer")


@pytest.mark.parametrize("name", ENTRIES)
def test_initializer(name: str, base: Path) -> None:
    sections: dict[str, Any] = {"data": CLASSES, "loss": "CrossEntropyLoss"}
    if name == "dirac_":  # for the kernels of convolutions
        sections |= {"data": PICTURES, "model": CONVOLUTION}
    rule = {"match": "0.weight", "init": {name: ARGUMENTS.get(name, {})}}
    plain, changed = (
        weights(build(Experiment.parse(document(**sections, parameters=rules)), base=base).model)
        for rules in ([], [rule])
    )
    assert {key for key in plain if not torch.equal(plain[key], changed[key])} == {"0.weight"}
    trained(document(**sections, parameters=[rule]), base)


def test_nothing_is_left_out() -> None:
    assert ARGUMENTS.keys() <= ENTRIES.keys()
    assert len(ENTRIES) == 14
