"""Arrays in both layouts and with every kind of target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torchwork.data import Bundle
from torchwork.data.samples import Held
from torchwork.data.sources.arrays import Arrays
from torchwork.errors import DataError

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 5, 4, 3), dtype=np.uint8)
FLOATS = np.random.default_rng(0).normal(size=(12, 7))


def saved(folder: Path, **arrays: np.ndarray) -> str:
    np.savez(folder / "a.npz", **arrays)
    return str(folder / "a.npz")


def held(source: Arrays, split: str = "train") -> Held:
    samples = source.splits[split]()
    assert isinstance(samples, Held)
    return samples


@pytest.mark.parametrize(("x", "shape"), [
    (PIXELS, (12, 3, 5, 4)),
    (PIXELS.transpose(0, 3, 1, 2), (12, 3, 5, 4)),
    (PIXELS[..., 0], (12, 1, 5, 4)),
    (PIXELS[..., :1], (12, 1, 5, 4)),
])  # fmt: skip
def test_pictures_in_every_layout(tmp_path: Path, x: np.ndarray, shape: tuple[int, ...]) -> None:
    source = Arrays(saved(tmp_path, x=x, y=np.arange(12) % 3))
    assert source.kind == "picture" and held(source).inputs.shape == shape
    assert np.array_equal(held(source).inputs[3, 0].numpy(), PIXELS[3, :, :, 0])


@pytest.mark.parametrize(("y", "classes", "first"), [
    (np.arange(12) % 3, ["0", "1", "2"], [0, 1, 2]),
    (np.array(["b", "a"] * 6), ["a", "b"], [1, 0]),
    (np.arange(12) % 2 == 0, ["0", "1"], [1, 0]),
    (np.array([10, 2000, 30] * 4), ["10", "30", "2000"], [0, 2, 1]),
    (np.linspace(0, 1, 12), None, [0.0]),
    (np.ones((12, 2)), None, [[1.0, 1.0]]),
])  # fmt: skip
def test_targets_by_their_type(tmp_path: Path, y: np.ndarray, classes: list[str] | None, first: list[Any]) -> None:
    source = Arrays(saved(tmp_path, x=FLOATS, y=y))
    targets = held(source).targets
    assert targets is not None and targets[: len(first)].tolist() == first
    assert (source.classes and [name.replace("False", "0").replace("True", "1") for name in source.classes]) == classes


def test_whole_numbers_can_be_values(tmp_path: Path) -> None:
    source = Arrays(saved(tmp_path, x=FLOATS, y=np.arange(12) % 3), target="value")
    assert source.classes is None and held(source).targets.dtype.is_floating_point  # type: ignore[union-attr]


def test_splits_and_class_names_in_one_file(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        x_train=FLOATS,
        y_train=np.arange(12) % 2,
        x_test=FLOATS[:4],
        y_test=np.ones(4, int),
        classes=np.array(["no", "yes"]),
    )
    source = Arrays(path)
    assert list(source.splits) == ["train", "test"] and source.classes == ["no", "yes"]
    assert held(source, "test").targets.tolist() == [1] * 4  # type: ignore[union-attr]


def test_two_npy_files_relative_to_the_start(tmp_path: Path, opened: Callable[..., Bundle]) -> None:
    np.save(tmp_path / "in.npy", np.repeat(FLOATS, 5, axis=0))
    np.save(tmp_path / "out.npy", np.arange(60) % 2)
    bundle = opened(source={"Arrays": {"x": "in.npy", "y": "out.npy"}})
    assert (
        bundle.spec.inputs == [[7]] and bundle.spec.kind == "array" and bundle.spec.samples == {"train": 54, "valid": 6}
    )


def test_the_real_pictures(shared: Path) -> None:
    source = Arrays(str(shared / "data" / "cifar10" / "cifar10_lossless_train4000.npz"))
    assert source.classes is not None and source.classes[6] == "frog"
    assert held(source).inputs.shape == (4000, 3, 32, 32) and held(source).targets[:3].tolist() == [6, 9, 9]  # type: ignore[index]


@pytest.mark.parametrize(("arguments", "message"), [
    ({}, "expected `path:` of an .npz file, or `x:` and `y:`"),
    ({"path": "none.npz"}, "there is no such file"),
    ({"path": "text.npz"}, "expected an .npz file"),
    ({"path": "object.npz"}, "Python objects .a pickle., which are not read"),
    ({"path": "named.npz"}, "expected arrays named x and y, .*got data, label; say which"),
    ({"path": "named.npz", "x": "dta"}, "expected an array 'dta' .*did you mean data"),
    ({"path": "short.npz"}, "expected as many targets as inputs in train, got 5 and 12"),
    ({"path": "text_x.npz"}, "expected numbers, got an array of <U1"),
    ({"path": "good.npz", "classes": ["one"]}, "expected 3 names, one for each class, got 1"),
    ({"x": "good.npz"}, "give it as `path:`"),
])  # fmt: skip
def test_wrong_files_are_told(
    tmp_path: Path, arguments: dict[str, Any], message: str, opened: Callable[..., Bundle]
) -> None:
    (tmp_path / "text.npz").write_text("hello")
    np.savez(tmp_path / "object.npz", x=np.array([{}, []], dtype=object), y=np.arange(2))
    np.savez(tmp_path / "named.npz", data=FLOATS, label=np.arange(12))
    np.savez(tmp_path / "short.npz", x=FLOATS, y=np.arange(5))
    np.savez(tmp_path / "text_x.npz", x=np.array(["a"] * 12), y=np.arange(12))
    np.savez(tmp_path / "good.npz", x=FLOATS, y=np.arange(12) % 3)
    with pytest.raises(DataError, match=message):
        opened(source={"Arrays": arguments})
