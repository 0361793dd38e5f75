"""Data below the opened folder that the page offers: folders of pictures with masks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from torchwork.serve import datasets


@pytest.mark.parametrize(("pictures", "masks"), [("images", "masks"), ("train", "trainannot")])
def test_a_folder_of_pictures_and_masks_is_offered_as_such(pictures: str, masks: str, tmp_path: Path) -> None:
    for folder, ending in ((pictures, "jpg"), (masks, "png")):
        (tmp_path / "scenes" / folder).mkdir(parents=True)
        for number in range(3):
            Image.new("L", (8, 8)).save(tmp_path / "scenes" / folder / f"{number}.{ending}")
    [found] = datasets.found(tmp_path)
    assert found.kind == "masks" and found.files == 3
    assert found.source == {"MaskFolder": {"root": "scenes"}}


def test_folders_of_classes_stay_what_they_are(tmp_path: Path) -> None:
    for folder in ("images", "masks"):
        (tmp_path / "scenes" / folder).mkdir(parents=True)
        Image.new("L", (8, 8)).save(tmp_path / "scenes" / folder / f"of {folder}.png")
    [found] = datasets.found(tmp_path)
    assert found.kind == "pictures" and found.classes == ["images", "masks"]
