"""Samples of several inputs: read, divided, normalised each by itself, and taken apart for the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from torchwork.data import Bundle, Preprocess
from torchwork.errors import DataError

Opener = Callable[..., Bundle]
RANDOM = np.random.default_rng(0)
COLOUR = RANDOM.integers(0, 256, (20, 6, 5, 3), dtype=np.uint8)
NUMBERS = RANDOM.normal(3, 2, (20, 4))
TIMES = RANDOM.normal(size=20)
LABELS = np.arange(20) % 2


def written(folder: Path, **arrays: np.ndarray) -> dict[str, Any]:
    np.savez(folder / "a.npz", **arrays)
    return {"Arrays": {"path": "a.npz"}}


def test_each_input_has_its_shape_and_its_own_mean(tmp_path: Path, opened: Opener) -> None:
    source = written(tmp_path, x1=COLOUR, x2=NUMBERS, x3=TIMES, y=LABELS)
    bundle = opened(source=source, batch_size=18, shuffle=False, split={"valid": 0.1})
    assert bundle.spec.inputs == [[3, 6, 5], [4], [1]] and bundle.spec.kind == "array"
    assert bundle.spec.symbols == {"classes": 2, "channels": 3, "height": 6, "width": 5, "features": 4}
    [(inputs, targets)] = bundle.train.epoch(0)
    assert targets is not None and [list(item.shape) for item in inputs] == [[18, 3, 6, 5], [18, 4], [18, 1]]
    for item in inputs:
        flat = item.transpose(0, 1).flatten(1)
        assert flat.mean(1).abs().max() < 1e-4 and (flat.std(1, correction=0) - 1).abs().max() < 1e-4


def test_a_sample_keeps_its_inputs_and_its_target_together(tmp_path: Path, opened: Opener) -> None:
    numbers = np.arange(20.0)
    pictures = np.repeat(np.arange(20, dtype=np.uint8), 4).reshape(20, 2, 2)
    source = written(tmp_path, x1=pictures, x2=numbers[:, None], y=numbers)
    bundle = opened(source=source, batch_size=3, normalize="none", limit=10, split={"valid": 0.5})
    for batches in (bundle.train, bundle.valid):
        assert batches is not None
        for inputs, targets in batches.epoch(1):
            assert targets is not None and torch.equal(inputs[1][:, 0], targets)
            assert torch.equal((inputs[0] * 255).round()[:, 0, 1, 1], targets)


def test_splits_by_name_and_a_given_mean(tmp_path: Path, opened: Opener) -> None:
    names = {f"x1_{end}": NUMBERS for end in ("train", "valid")} | {f"x2_{end}": TIMES for end in ("train", "valid")}
    source = written(tmp_path, **names, y_train=LABELS, y_valid=LABELS)
    given = {"mean": [1, 2, 3, 4, 5], "std": [2, 2, 2, 2, 4]}
    bundle = opened(source=source, batch_size=20, normalize=given)
    assert bundle.valid is not None
    [(inputs, _)] = bundle.valid.epoch(0)
    assert torch.allclose(inputs[0], (torch.tensor(NUMBERS).float() - torch.tensor([1.0, 2, 3, 4])) / 2)
    assert torch.allclose(inputs[1], (torch.tensor(TIMES).float()[:, None] - 5) / 4)


def test_an_unseen_sample_is_treated_as_those_of_validation(tmp_path: Path, opened: Opener) -> None:
    source = written(tmp_path, x1=COLOUR, x2=NUMBERS, y=LABELS)
    bundle = opened(source=source, batch_size=20, split={"valid": "train"})
    assert bundle.valid is not None
    preprocess = Preprocess(bundle.resolved, bundle.spec)
    read = preprocess.read(tmp_path / "a.npz")
    assert [name for name, _ in read][:2] == ["a.npz[0]", "a.npz[1]"]
    [(inputs, _)] = bundle.valid.epoch(0)
    for place, given in enumerate(zip(*(preprocess.given(prepared) for _, prepared in read), strict=True)):
        assert torch.equal(torch.cat(given), inputs[place])
    with pytest.raises(DataError, match=r"expected an input of shape \[4\], got \[3\]"):
        preprocess([COLOUR[0], NUMBERS[0, :3]])
    with pytest.raises(DataError, match="expected 2 inputs, got 1"):
        preprocess([COLOUR[0]])


@pytest.mark.parametrize("loading", ["resident", "cached", "streamed"])
def test_every_way_of_loading_gives_the_same(tmp_path: Path, opened: Opener, loading: str) -> None:
    source = written(tmp_path, x1=COLOUR, x2=NUMBERS, y=LABELS)
    plain, other = (opened(source=source, batch_size=7, loading=way).train.epoch(1) for way in ("resident", loading))
    for (inputs, _), (found, _) in zip(plain, other, strict=True):
        assert all(map(torch.equal, inputs, found))


@pytest.mark.parametrize(("arrays", "section", "message"), [
    ({"x1": COLOUR, "x2": NUMBERS[:9], "y": LABELS}, {}, "expected as many targets as inputs in train, got 20 and 9"),
    ({"x1": COLOUR, "x2": NUMBERS[:9]}, {}, "expected as many samples in every input of train, got 20, 9"),
    ({"x1_train": COLOUR, "x2_train": TIMES, "x1_test": COLOUR}, {}, "expected an array 'x2_test'"),
    (
        {"x1_train": NUMBERS, "x2_train": TIMES, "x1_valid": NUMBERS[:, :2], "x2_valid": TIMES},
        {},
        r"expected inputs of the shapes \[\[4\], \[1\]\] in valid, got \[\[2\], \[1\]\]",
    ),
    ({"x1": COLOUR, "x2": NUMBERS, "y": LABELS}, {"augment": ["RandomHorizontalFlip"]}, "data.augment: .* 2 inputs"),
    ({"x1": COLOUR, "x2": NUMBERS, "y": LABELS}, {"normalize": {"mean": [1, 2], "std": [1, 2]}}, "expected 7 values"),
])  # fmt: skip
def test_what_does_not_fit_is_told(
    tmp_path: Path, opened: Opener, arrays: dict[str, Any], section: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        opened(source=written(tmp_path, **arrays), **section)
