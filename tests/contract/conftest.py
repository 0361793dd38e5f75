"""Data that every entry of the catalog is tried on: a few made-up samples, written once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from .flow import BATCH, FEATURES


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the .npz files that `flow.py` and the tests name."""
    folder, random = tmp_path_factory.mktemp("contract"), np.random.default_rng(0)
    total = BATCH + 3  # 3 for validation, one of each class
    rows, targets = (random.normal(size=(total, size)).astype(np.float32) for size in (FEATURES, 3))
    pixels, labels = random.integers(0, 256, (total, 3, 12, 10), dtype=np.uint8), np.arange(total) % 3
    written = {"numbers": (rows, targets), "classes": (rows, labels), "pictures": (pixels, labels)}
    written["videos"] = random.random((total, 4, 3, 6, 5), dtype=np.float32), labels
    written["signs"] = rows, (labels % 2 * 2 - 1).astype(np.float32)
    for name, (x, y) in written.items():
        arrays = {"x_train": x[:BATCH], "y_train": y[:BATCH], "x_valid": x[BATCH:], "y_valid": y[BATCH:]}
        np.savez(folder / f"{name}.npz", **arrays)
    return folder


@pytest.fixture(autouse=True)
def not_deterministic() -> Iterator[None]:
    """A printed script sets what is the process's for itself alone."""
    yield
    torch.use_deterministic_algorithms(False)
