"""Folders of pictures and masks: how they are found, what their numbers mean, and what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from torchwork.data import Bundle, open_data
from torchwork.data.sources.masks import MaskFolder
from torchwork.errors import DataError
from torchwork.experiment.spec import Data


def folder(root: Path, *, count: int = 8, pictures: str = "images", masks: str = "masks", top: int = 2) -> Path:
    """Grey pictures of 12x10 that show their masks, whose numbers go up to `top`."""
    for place in (pictures, masks):
        (root / place).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, top + 1, (10, 12), dtype=np.uint8)
        pixels[0, 0] = top
        Image.fromarray(pixels).save(root / masks / f"{number}.png")
        Image.fromarray(np.stack([pixels * 20] * 3, axis=2)).save(root / pictures / f"{number}.png")
    return root


def opened(root: Path, **more: Any) -> Bundle:
    source = {"MaskFolder": {"root": str(root), **more}}
    return open_data(Data.model_validate({"source": source, "batch_size": 3}), seed=1, cache=root / "cache")


def test_pictures_and_masks_are_paired_by_name(tmp_path: Path) -> None:
    bundle = opened(folder(tmp_path))
    assert bundle.spec.classes == ["0", "1", "2"] and bundle.spec.target == "class"
    assert bundle.spec.inputs == [[3, 10, 12]] and bundle.spec.target_shape == [10, 12]
    inputs, targets = next(iter(bundle.train.epoch(0)))
    assert isinstance(inputs, torch.Tensor) and targets is not None and targets.dtype == torch.int64
    assert torch.equal(bundle.train.normalize.undo(inputs)[:, 0].long(), targets * 20)


LAYOUTS = [
    ("train", "trainannot", {}),
    ("images/train", "masks/train", {}),
    ("JPEGImages", "SegmentationClass", {}),
    ("a/train/rgb", "b/train", {"pictures": "a/{split}/rgb", "masks": "b/{split}"}),
]


@pytest.mark.parametrize(("pictures", "masks", "given"), LAYOUTS, ids=str)
def test_layouts(pictures: str, masks: str, given: dict[str, str], tmp_path: Path) -> None:
    folder(tmp_path, pictures=pictures, masks=masks)
    folder(tmp_path, count=3, pictures=pictures.replace("train", "val"), masks=masks.replace("train", "val"))
    bundle = opened(tmp_path, **given)
    assert bundle.valid is not None
    assert len(bundle.valid.store) == (3 if "train" in pictures else 1)


def test_a_palette_gives_the_places_in_it(tmp_path: Path) -> None:
    folder(tmp_path)
    for file in (tmp_path / "masks").iterdir():
        with Image.open(file) as image:
            coloured = Image.fromarray(np.array(image), "P")
        coloured.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200])
        coloured.save(file)
    _, targets = next(iter(opened(tmp_path).train.epoch(0)))
    assert targets is not None and set(targets.unique().tolist()) == {0, 1, 2}


def test_black_and_white_are_two_classes(tmp_path: Path) -> None:
    folder(tmp_path, top=1)
    for file in (tmp_path / "masks").iterdir():
        with Image.open(file) as image:
            white = Image.fromarray(np.array(image) * 255)
        white.save(file)
    bundle = opened(tmp_path)
    _, targets = next(iter(bundle.train.epoch(0)))
    assert bundle.spec.classes == ["ground", "object"]
    assert targets is not None and set(targets.unique().tolist()) == {0, 1}


@pytest.mark.parametrize("void", ["named", "given", "255"])
def test_pixels_of_no_class_count_for_nothing(void: str, tmp_path: Path) -> None:
    folder(tmp_path)
    if void == "255":
        for file in (tmp_path / "masks").iterdir():
            with Image.open(file) as image:
                pixels = np.array(image)
            Image.fromarray(np.where(pixels == 2, 255, pixels).astype(np.uint8)).save(file)
    else:
        (tmp_path / "classes.txt").write_text("sky\nroad\nVoid\n" if void == "named" else "sky\nroad\nrest\n")
    bundle = opened(tmp_path, **({"ignore": 2} if void == "given" else {}))
    _, targets = next(iter(bundle.train.epoch(0)))
    assert len(bundle.spec.classes or ()) == 2 and bundle.spec.symbols["classes"] == 2
    assert targets is not None and set(targets.unique().tolist()) == {-100, 0, 1}


def test_what_is_damaged_or_alone_is_named_and_left_out(tmp_path: Path) -> None:
    folder(tmp_path, count=12)
    (tmp_path / "masks" / "1.png").unlink()
    (tmp_path / "masks" / "2.png").write_bytes(b"no picture")
    (tmp_path / "images" / "3.png").write_bytes(b"no picture")
    Image.fromarray(np.zeros((10, 11), np.uint8)).save(tmp_path / "masks" / "4.png")
    Image.fromarray(np.zeros((10, 12, 3), np.uint8) + np.arange(3, dtype=np.uint8)).save(tmp_path / "masks" / "5.png")
    bundle = opened(tmp_path)
    left = sorted(name for names in bundle.damaged.values() for name in names)
    notes = "\n".join(bundle.notes)
    assert left == [f"images/{number}.png" for number in (2, 3, 4, 5)]
    assert sum(bundle.spec.samples.values()) == 7
    assert "1 of 12 pictures have no mask and are left out: images/1.png" in notes
    assert "images/4.png is of 12x10 and its mask masks/4.png of 11x10" in notes
    assert "the mask masks/2.png cannot be read" in notes and "images/3.png cannot be decoded" in notes


def test_a_number_without_a_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a name for each number in the masks, up to 2, got 2 names"):
        MaskFolder(str(folder(tmp_path)), classes=["a", "b"])


def test_a_folder_without_masks_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected a folder of pictures and one of masks in .*name them in `pictures`"):
        MaskFolder(str(tmp_path))


def test_real_masks(shared: Path, tmp_path: Path) -> None:
    source = {"MaskFolder": {"root": str(shared / "data" / "camvid_small")}}
    bundle = open_data(Data.model_validate({"source": source, "limit": 12, "batch_size": 4}), cache=tmp_path)
    assert bundle.spec.classes is not None and len(bundle.spec.classes) == 11  # unlabelled counts for nothing
    assert bundle.valid is not None and bundle.spec.samples == {"train": 12, "valid": 12}
    _, targets = next(iter(bundle.train.epoch(0)))
    assert targets is not None and targets.shape == (4, 180, 240) and int(targets.min()) == -100
