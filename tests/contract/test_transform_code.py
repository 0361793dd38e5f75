"""Every transform as code: the printed text gives the run's batches, where torchwork cannot be imported."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from torchwork.catalog import vision_note
from torchwork.errors import DataError

from .data_script import check
from .test_transforms import ENTRIES, NEEDS_OPERATORS, REFUSED, written


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in REFUSED])
def test_transform(name: str, base: Path) -> None:
    if name in NEEDS_OPERATORS and vision_note():
        pytest.skip(f"{name}: {NEEDS_OPERATORS[name]}")
    torch.manual_seed(0)  # a transform that is random is tried with what is drawn next
    refusals = [refusal(name, place, base) for place in ("prepare", "augment")]
    assert refusals in (["", ""], ["augment", ""], ["", "prepare"])


def refusal(name: str, place: str, base: Path) -> str:
    """Where the document must have the transform instead; empty when it may stand here and its code is right."""
    try:
        check(written(name, place)["data"], base)
    except DataError as error:
        return str(error).rpartition("data.")[2]
    return ""
