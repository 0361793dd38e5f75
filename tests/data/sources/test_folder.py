"""Folders of pictures: layouts, order, links, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from torchwork.data.samples import Pictures
from torchwork.data.sources.folder import ImageFolder, natural
from torchwork.errors import DataError

Write = Callable[..., Path]


def files(source: ImageFolder, split: str = "train") -> list[str]:
    samples = source.splits[split]()
    assert isinstance(samples, Pictures)
    return samples.files


def test_flat_folders_are_one_split(pictures: Write) -> None:
    source = ImageFolder(str(pictures("root", cats=2, dogs=1)))
    assert list(source.splits) == ["train"] and source.classes == ["cats", "dogs"]
    assert files(source) == ["cats/0.png", "cats/1.png", "dogs/0.png"]


@pytest.mark.parametrize(
    ("name", "split"), [("val", "val"), ("valid", "valid"), ("validation", "validation"), ("Test", "test")]
)
def test_split_folders(pictures: Write, name: str, split: str) -> None:
    root = pictures("root/train", a=2, b=2).parent
    pictures(f"root/{name}", a=1, b=1)
    source = ImageFolder(str(root))
    assert set(source.splits) == {"train", split}
    assert len(files(source)) == 4 and files(source, split) == [f"{name}/a/0.png", f"{name}/b/0.png"]


def test_numbers_are_sorted_as_numbers(pictures: Write) -> None:
    source = ImageFolder(str(pictures("root", class10=1, class9=11)))
    assert source.classes == ["class9", "class10"]
    assert files(source)[:11] == [f"class9/{i}.png" for i in range(11)]
    assert sorted(["b2", "B10", "a", "b1"], key=natural) == ["a", "b1", "b2", "B10"]


def test_deeper_folders_belong_to_the_class(pictures: Write) -> None:
    root = pictures("root", a=1, b=1)
    pictures("root/a", deep=1)
    assert files(ImageFolder(str(root)))[:2] == ["a/0.png", "a/deep/0.png"]


def test_other_files_are_counted_and_named(pictures: Write) -> None:
    root = pictures("root", a=1, b=1)
    for name in ("a/notes.txt", "b/movie.mp4", "b/.hidden"):
        (root / name).write_text("x")
    source = ImageFolder(str(root))
    assert len(files(source)) == 2
    assert source.notes == ["2 files are no picture by the ending (.txt, .mp4) and left out: a/notes.txt, b/movie.mp4"]


def test_links_are_followed_only_within_the_root(pictures: Write) -> None:
    root, outside = pictures("root", a=1, b=1), pictures("outside", c=1)
    (root / "a" / "inside.png").symlink_to(root / "b" / "0.png")
    (root / "a" / "outside.png").symlink_to(outside / "c" / "0.png")
    (root / "a" / "folder").symlink_to(outside / "c")
    (root / "b" / "circle").symlink_to(root / "b")
    (root / "b" / "nowhere.png").symlink_to(root / "gone.png")
    source = ImageFolder(str(root))
    assert files(source) == ["a/0.png", "a/inside.png", "b/0.png"]
    assert any("3 links lead out of" in note for note in source.notes)


def test_mostly_grey_pictures_are_read_as_grey(pictures: Write) -> None:
    pictures("root", mode="L", a=5, b=5)
    root = pictures("root", c=1)
    source = ImageFolder(str(root))
    assert source.mode == "L" and source.splits["train"]().read(10).shape == (1, 10, 12)
    assert any("read as L" in note and "coloured" in note for note in source.notes)


def test_mostly_coloured_pictures_are_read_as_colour(pictures: Write) -> None:
    pictures("root", a=5)
    source = ImageFolder(str(pictures("root", mode="L", b=1)))
    assert source.mode == "RGB" and source.splits["train"]().read(5).shape == (3, 10, 12)
    assert any("read as RGB" in note and "grey" in note for note in source.notes)


def test_missing_and_empty_folders_are_told(tmp_path: Path, pictures: Write) -> None:
    with pytest.raises(DataError, match=r"expected a folder at .*nowhere: No such file"):
        ImageFolder(str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        DataError, match=r"expected one folder for each class .*got none; lay the pictures out as empty/CLASS"
    ):
        ImageFolder(str(tmp_path / "empty"))
    root = pictures("root", a=1)
    (root / "b").mkdir()
    with pytest.raises(DataError, match=r"root/b: expected pictures .* of class 'b', got none"):
        ImageFolder(str(root))


def test_a_class_that_training_does_not_know_is_told(pictures: Write) -> None:
    root = pictures("root/train", a=1, b=1).parent
    pictures("root/val", a=1, z=1)
    with pytest.raises(DataError, match=r"root/val/z: expected the classes of train \(a, b\), got 'z'"):
        ImageFolder(str(root))
