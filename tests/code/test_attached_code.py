"""Scripts of pictures with masks and boxes: the same batches as the run's, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..contract.data_script import check
from ..data.test_masks import folder

MOVED: list[Any] = [
    "RandomHorizontalFlip",
    {"RandomCrop": {"size": 28, "padding": 4}},
    {"ColorJitter": {"brightness": 0.4}},
    {"RandomAffine": {"degrees": 20, "fill": 99}},
    "RandomErasing",
    {"RandomResizedCrop": {"size": 24}},
    "RandomGrayscale",
]
PREPARED: list[Any] = [{"Resize": {"size": 40}}, {"CenterCrop": {"size": 30}}]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("augment", [[], MOVED], ids=["plain", "augmented"])
@pytest.mark.parametrize("prepare", [[], PREPARED], ids=["as it is", "prepared"])
@pytest.mark.parametrize("task", ["masks", "labels", "boxes"])
def test_shapes(task: str, prepare: list[Any], augment: list[Any], tmp_path: Path) -> None:
    source = {"Shapes": {"size": 32, "train": 24, "valid": 8, "test": 8, "task": task}}
    written = {"source": source, "split": {"valid": 0.25}, "batch_size": 8, "prepare": prepare, "augment": augment}
    check(written, tmp_path)


def test_folders_of_masks(tmp_path: Path) -> None:
    folder(tmp_path / "scenes", count=12)
    (tmp_path / "scenes" / "masks" / "1.png").unlink()
    (tmp_path / "scenes" / "masks" / "2.png").write_bytes(b"no picture")
    source = {"MaskFolder": {"root": "scenes", "ignore": 1}}
    augment = ["RandomVerticalFlip", {"RandomRotation": {"degrees": 30}}, {"RandomCrop": {"size": 8, "padding": 1}}]
    text = check({"source": source, "split": {"valid": 0.25}, "batch_size": 4, "augment": augment}, tmp_path)
    assert 'MASKS = {"images": "masks"}' in text and "{0: 0, 2: 2}.get(number, 255)" in text


def test_streamed_masks(tmp_path: Path) -> None:
    folder(tmp_path / "scenes")
    written = {"source": {"MaskFolder": {"root": "scenes"}}, "loading": "streamed", "workers": 0, "batch_size": 3}
    check(written, tmp_path)
