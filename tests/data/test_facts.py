"""Facts of the data: what the network gets, copies, order; cheap, and without a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from torchwork.data import data_facts, open_data
from torchwork.experiment.spec import Data


def facts(folder: Path, arrays: dict[str, np.ndarray], **settings: Any) -> dict[str, Any]:
    np.savez(folder / "data.npz", **arrays)  # type: ignore[arg-type]
    source = {"Arrays": {"path": str(folder / "data.npz")}}
    bundle = open_data(Data.model_validate({"source": source, "split": {"valid": "valid"}, **settings}), cache=folder)
    return data_facts(train=bundle.train, valid=bundle.valid, test=bundle.test)


def pictures(seed: int = 0, **changes: np.ndarray) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    found = {}
    for split, count in (("train", 120), ("valid", 40)):
        found[f"x_{split}"] = random.integers(0, 256, (count, 3, 8, 8), dtype=np.uint8)
        found[f"y_{split}"] = np.arange(count) % 4
    return found | changes


def test_inputs_are_those_of_the_network(tmp_path: Path) -> None:
    normalised = facts(tmp_path, pictures())["inputs"]["train"][0]
    assert normalised["mean"] == pytest.approx(0, abs=0.01) and normalised["std"] == pytest.approx(1, abs=0.01)
    plain = facts(tmp_path, pictures(), normalize="none")["inputs"]["train"][0]
    assert plain["mean"] == pytest.approx(0.5, abs=0.02) and plain["max"] <= 1


def test_samples_of_every_split_are_counted(tmp_path: Path) -> None:
    assert facts(tmp_path, pictures())["samples"] == {"train": 120, "valid": 40}


def test_copies_are_counted_exactly(tmp_path: Path) -> None:
    arrays = pictures()
    arrays["x_valid"][:10] = arrays["x_train"][20:30]
    found = facts(tmp_path, arrays)
    assert found["copies"] == pytest.approx(0.25) and found["repeats"] == 0


def test_rows_that_repeat_in_training_are_counted_too(tmp_path: Path) -> None:
    arrays = pictures()
    arrays["x_train"][:30] = arrays["x_train"][0]
    assert facts(tmp_path, arrays)["repeats"] == pytest.approx(29 / 120)


def test_order_of_labels(tmp_path: Path) -> None:
    assert facts(tmp_path, pictures())["sorted"] == 0
    assert facts(tmp_path, pictures(y_train=np.sort(np.arange(120) % 4)))["sorted"] > 0.95


def test_features_of_a_table_are_described_one_by_one(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    arrays = {"x_train": random.normal(size=(60, 3)) * [1, 10, 1000], "y_train": random.normal(5, 2, 60),
              "x_valid": random.normal(size=(20, 3)), "y_valid": random.normal(size=20)}  # fmt: skip
    found = facts(tmp_path, arrays, normalize="none")
    one, ten, thousand = found["inputs"]["train"][0]["feature_std"]
    assert one < 2 < ten < 20 < thousand
    assert found["targets"]["train"]["mean"] == pytest.approx(5, abs=1)


def test_the_global_generator_is_left_as_it_was(tmp_path: Path) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    facts(tmp_path, pictures())
    assert torch.equal(torch.get_rng_state(), before)


def test_data_of_ones_own_are_counted() -> None:
    class Own:
        samples = 12

    assert data_facts(train=Own(), valid=None) == {"samples": {"train": 12}, "inputs": {}, "targets": {}}
