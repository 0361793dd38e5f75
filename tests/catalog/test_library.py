"""The catalog against torch's own namespaces: everything is offered, under its own name, and can be made."""

from __future__ import annotations

import pytest
import torch

from torchwork.catalog import KINDS, catalog
from torchwork.errors import DocumentError


def test_every_kind_has_entries() -> None:
    assert all(catalog().entries(kind) for kind in KINDS)


def test_a_layer_is_made_of_json_values() -> None:
    layer = catalog().find("layer", "Conv2d").construct({"in_channels": 3, "out_channels": 4, "kernel_size": [3, 5], "dtype": "float64"})
    assert layer(torch.zeros(1, 3, 8, 8, dtype=torch.float64)).shape == (1, 4, 6, 4)


def test_a_name_of_another_kind_says_which() -> None:
    with pytest.raises(DocumentError, match="CrossEntropyLoss is a loss"):
        catalog().find("layer", "CrossEntropyLoss", "model.layers[0]")
