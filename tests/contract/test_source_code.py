"""Every data source as code: the printed text gives the run's batches, where torchwork cannot be imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from torchwork.code.data.batches import print_data
from torchwork.data import open_data
from torchwork.errors import DocumentError
from torchwork.experiment.spec import Data

from .data_script import check
from .test_sources import SAMPLES, WRITERS

SPLITS: dict[str, dict[str, Any]] = {
    "fraction": {"split": {"valid": 0.2}},
    "two fractions": {"split": {"valid": 0.2, "test": 0.3}},
    "limit": {"split": {"valid": 0.4}, "limit": 5},
    "plain": {},
}


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", [name for name in WRITERS if name != "Code"])
@pytest.mark.usefixtures("base")
def test_source(name: str, split: str, tmp_path: Path) -> None:
    check({"source": {name: WRITERS[name](tmp_path)}, "batch_size": 4, **SPLITS[split]}, tmp_path)


def test_ones_own_code_has_no_script(tmp_path: Path) -> None:
    data = Data.model_validate({"source": {"Code": WRITERS["Code"](tmp_path)}, "batch_size": SAMPLES})
    bundle = open_data(data, base=tmp_path, trust=True)
    with pytest.raises(DocumentError, match="expected data that a script can read by itself, got Code"):
        print_data(data, bundle, base=tmp_path)
