"""An unseen input becomes exactly what a validation sample of the same content was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from torchwork.data import Bundle, Preprocess, Spec
from torchwork.data.randomness import order
from torchwork.errors import DataError

Opener = Callable[..., Bundle]


def preprocess(bundle: Bundle) -> Preprocess:
    """As in another process, from JSON."""
    return Preprocess(bundle.resolved, Spec.from_dict(bundle.spec.as_dict()))


def first_valid(bundle: Bundle) -> torch.Tensor:
    assert bundle.valid is not None
    return next(iter(bundle.valid.epoch(0)))[0][0]


@pytest.mark.parametrize("section", [
    {"prepare": [{"Resize": {"size": [8, 8]}}]},
    {"prepare": [{"Resize": {"size": 9}}], "augment": [{"RandomCrop": {"size": 8}}]},
    {"augment": [{"RandomResizedCrop": {"size": 6}}, "RandomHorizontalFlip"]},
    {"augment": [{"RandomCrop": {"size": 6}}], "normalize": "none"},
], ids=str)  # fmt: skip
def test_a_picture_becomes_what_validation_saw(
    pictures: Callable[..., Path], opened: Opener, section: dict[str, Any]
) -> None:
    root = pictures("root/train", cats=3, dogs=3).parent
    pictures("root/val", cats=1, dogs=1)
    bundle = opened(source={"ImageFolder": {"root": str(root)}}, **section)
    file = root / "val" / "cats" / "0.png"
    with Image.open(file) as image:
        for value in (file, str(file), file.read_bytes(), image, np.asarray(image)):
            assert torch.equal(preprocess(bundle)(value), first_valid(bundle))


def test_a_photograph_fits_a_model_of_small_grey_pictures(shared: Path, opened: Opener) -> None:
    bundle = opened(source={"MNIST": {"root": str(shared / "data" / "mnist")}}, limit=100)
    made = preprocess(bundle)(shared / "data" / "photos" / "zebra.jpg")
    assert made.shape == (1, 28, 28) and made.dtype == torch.float32
    digit = bundle.valid.store.gather(torch.tensor([0]))[0] if bundle.valid else None
    assert torch.equal(preprocess(bundle)(digit), first_valid(bundle))


def test_unnormalize_gives_the_picture_back(opened: Opener) -> None:
    bundle = opened(source={"Shapes": {"train": 20, "valid": 10, "size": 16}})
    inputs, _ = next(iter(bundle.train.epoch(0)))
    assert torch.equal(preprocess(bundle).unnormalize(inputs), bundle.train.store.gather(order(20, 0, 0)))
    assert preprocess(bundle).unnormalize(inputs[0]).shape == (3, 16, 16)


def test_a_row_becomes_features(shared: Path, opened: Opener) -> None:
    path = shared / "data" / "csv" / "penguins.csv"
    bundle = opened(source={"Table": {"path": str(path), "target": "species"}})
    row = {
        "island": "Dream",
        "bill_length_mm": "40",
        "bill_depth_mm": 18,
        "flipper_length_mm": "",
        "body_mass_g": None,
        "sex": "MALE",
    }
    made = preprocess(bundle)(row)
    names = bundle.spec.encoding["features"]
    assert made.shape == (len(names),) and not made.isnan().any()
    assert made[names.index("flipper_length_mm")].abs() < 1e-6  # missing: the mean of train
    assert torch.equal(preprocess(bundle)([row[name] for name in row]), made)
    listed = preprocess(bundle).read(path)
    assert len(listed) == 344 and listed[0][0] == "penguins.csv:2"


@pytest.mark.parametrize(("row", "message"), [
    ({"sepal_length": 1}, "expected a value .* for sepal_width, petal_length, petal_width"),
    ([1, 2], r"expected 4 cells \(sepal_length, "),
    ([1, 2, 3, "wide"], "expected a number in a column of numbers.*wide"),
])  # fmt: skip
def test_a_row_that_does_not_fit_is_told(shared: Path, opened: Opener, row: Any, message: str) -> None:
    bundle = opened(source={"Table": {"path": str(shared / "data" / "csv" / "iris.csv"), "target": "species"}})
    with pytest.raises(DataError, match=message):
        preprocess(bundle)(row)


def test_an_array_of_another_shape_is_told(opened: Opener, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).normal(size=(40, 5)), y=np.arange(40) % 2)
    bundle = opened(source={"Arrays": {"path": "a.npz"}})
    assert preprocess(bundle)([1, 2, 3, 4, 5]).shape == (5,)
    np.save(tmp_path / "three.npy", np.ones((3, 5)))
    assert [name for name, _ in preprocess(bundle).read(tmp_path / "three.npy")] == [
        f"three.npy[{i}]" for i in range(3)
    ]
    with pytest.raises(DataError, match=r"expected"):
        preprocess(bundle)([1, 2])
