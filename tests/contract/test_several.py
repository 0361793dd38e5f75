"""A network of two inputs on its whole way: checked, trained, resumed, asked, exported as program and as script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import torchwork
from torchwork.build import build
from torchwork.errors import DocumentError

from .data_script import check
from .printed import repeated

RANDOM = np.random.default_rng(1)
COLOUR = RANDOM.integers(0, 256, (24, 6, 7, 3), dtype=np.uint8)
NUMBERS, TIMES, LABELS = RANDOM.normal(size=(24, 4)), RANDOM.normal(size=24), np.arange(24) % 3
MODEL = {
    "inputs": ["image", "table"],
    "nodes": {
        "conv": {"Conv2d": {"out_channels": 4, "kernel_size": 3}, "from": "image"},
        "flat": "Flatten",
        "both": {"cat": {"dim": 1}, "from": ["flat", "table"]},
        "out": {"Linear": {"out_features": "classes"}},
    },
}
ARRAYS: dict[str, dict[str, Any]] = {
    "one split": {"x1": COLOUR, "x2": NUMBERS, "y": LABELS},
    "splits by name": {
        f"{name}_{end}": array
        for end in ("train", "valid")
        for name, array in {"x1": COLOUR[..., 0], "x2": COLOUR.transpose(0, 3, 1, 2), "x3": TIMES, "y": LABELS}.items()
    },
    "values": {"x1": NUMBERS, "x2": TIMES, "y": TIMES},
    "numbers only": {"x1": NUMBERS[:, 0], "x2": TIMES, "y": LABELS},
}


def written(folder: Path, **sections: Any) -> dict[str, Any]:
    np.savez(folder / "two.npz", x1=COLOUR, x2=NUMBERS, y=LABELS)
    return {
        "name": "two",
        "data": {"source": {"Arrays": {"path": "two.npz"}}, "split": {"valid": 0.25}, "batch_size": 5},
        "model": MODEL,
        "loss": "CrossEntropyLoss",
        "train": {"epochs": 2, "device": "cpu", "memory_format": "contiguous"},
        **sections,
    }


@pytest.mark.parametrize("normalize", ["auto", "none", {"mean": [0.5], "std": [2]}], ids=str)
@pytest.mark.parametrize("name", ARRAYS)
def test_the_printed_data_are_those_of_the_run(name: str, normalize: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "several.npz", **ARRAYS[name])
    source = {"Arrays": {"path": "several.npz"}}
    check({"source": source, "batch_size": 5, "normalize": normalize, "drop_last": True}, tmp_path)


@pytest.mark.parametrize("sections", [
    {},
    {"train": {"epochs": 2, "device": "cpu", "memory_format": "channels_last", "ema": 0.9}},
    {"train": {"epochs": 2, "device": "cpu", "memory_format": "contiguous", "accumulate": 2}},
    {"optimizer": {"LBFGS": {"max_iter": 3}}},
], ids=["plain", "channels last", "accumulated", "closure"])  # fmt: skip
def test_the_script_repeats_the_run(sections: dict[str, Any], tmp_path: Path) -> None:
    repeated(written(tmp_path, **sections), tmp_path)


def test_it_is_trained_resumed_asked_and_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = torchwork.Experiment.parse(written(tmp_path))
    whole = torchwork.train(experiment)
    parts = torchwork.train(experiment.with_settings("train.epochs=1"))
    torchwork.resume(parts.path, epochs=2)
    for name, weight in whole.weights("last").items():
        assert torch.equal(weight, parts.weights("last")[name])
    run = torchwork.Run.open(whole.path)
    assert len(run.predict(["two.npz"])) == 24
    [prediction] = run.predict([[COLOUR[3], NUMBERS[3]]])
    assert sum(prediction.scores.values()) == pytest.approx(1)
    inputs = torch.rand(5, 3, 6, 7), torch.rand(5, 4)
    program = torch.export.load(run.export("pt2")).module()
    assert torch.allclose(program(*inputs), run.model()(*inputs), atol=1e-6)


def test_a_model_of_another_number_of_inputs_is_refused(tmp_path: Path) -> None:
    one = torchwork.Experiment.parse(written(tmp_path, model={"layers": ["Flatten", {"Linear": {"out_features": 3}}]}))
    with pytest.raises(DocumentError, match="2"):
        build(one, base=tmp_path)
