"""Data as people have them: missing, empty, a class missing, damaged files, tables and arrays of all kinds."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from .answer import TABLE, ask, files, picture, pictures, refused, settings


@pytest.fixture
def pets(here: Path) -> Path:
    """Six cats and six dogs in `train`, as many in `val`."""
    return pictures(here / "pets", cat=6, dog=6)


PETS = settings("data.source={ImageFolder: {root: pets}}", "train.epochs=1")


def no_data(*changes: str) -> str:
    """The sentence of `check` and `train` on pictures that cannot be trained on; no run is made."""
    sentence = refused("check", "experiment.yaml", *PETS, *settings(*changes))
    assert refused("train", "experiment.yaml", *PETS, *settings(*changes)) == sentence
    assert not Path("runs").exists()
    return sentence


def test_a_missing_folder(here: Path) -> None:
    assert re.search(
        r"ImageFolder.root: expected a folder at .*/pets: No such file or directory; check the p", no_data()
    )


def test_a_file_in_place_of_a_folder(here: Path) -> None:
    (here / "pets").write_text("x")
    assert re.search(r"expected a folder at .*/pets: Not a directory", no_data())


def test_an_empty_folder_and_pictures_without_classes(here: Path) -> None:
    (here / "pets").mkdir()
    assert "expected one folder for each class" in no_data() and "pets/CLASS/picture.jpg" in no_data()
    picture(here / "pets" / "cat.png")
    assert "expected one folder for each class" in no_data()


def test_an_empty_class(pets: Path) -> None:
    shutil.rmtree(pets / "train" / "dog")
    (pets / "train" / "dog").mkdir()
    assert re.search(r"expected pictures \(.*\) of class 'dog', got none; add some or take it away", no_data())


def test_one_class_only(here: Path) -> None:
    pictures(here / "pets", cat=4)
    assert "data.source: expected at least 2 classes to tell apart, got only 'cat'" in no_data()


def test_one_picture_in_a_class(here: Path) -> None:
    for number in range(6):
        picture(here / "pets" / "cat" / f"{number}.png")
    picture(here / "pets" / "dog" / "0.png")
    sentence = no_data("data.split.valid=0.2")
    assert "expected at least 2 samples of each class to split by fraction, got 1 of 'dog'; add samples" in sentence


def test_a_class_missing_from_validation(pets: Path) -> None:
    shutil.rmtree(pets / "val" / "dog")
    assert "data.split.valid: expected samples of every class of train, got none of dog; add some" in no_data()


def test_a_class_missing_from_training(pets: Path) -> None:
    picture(pets / "val" / "wasp" / "0.png")
    assert "expected the classes of train (cat, dog), got 'wasp'" in no_data()


def test_pictures_of_two_sizes(pets: Path) -> None:
    picture(pets / "train" / "cat" / "0.png", size=30)
    assert "expected pictures of one size in train" in no_data() and "put Resize and CenterCrop into" in no_data()


def test_a_mix_of_more_classes_than_there_are(pets: Path) -> None:
    assert "data.augment[0]: MixUp cannot mix samples of 2 classes" in no_data(
        "data.augment=[{MixUp: {num_classes: 3}}]"
    )


@pytest.mark.parametrize("loading", ["resident", "cached", "streamed"])
def test_damaged_pictures_are_named_and_counted_and_training_goes_on(pets: Path, loading: str) -> None:
    whole = (pets / "train/dog/1.png").read_bytes()
    (pets / "train/cat/0.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (pets / "train/dog/1.png").write_bytes(whole[: len(whole) // 2])
    (pets / "val/cat/2.png").write_bytes(b"")
    answer = ask("train", "experiment.yaml", *PETS, "--set", f"data.loading={loading}")
    assert answer.status == 0 and answer.err == ""
    assert "train: 2 of 12 samples are damaged and left out: " in answer.out
    assert "valid: 1 of 12 samples are damaged and left out: " in answer.out
    log = Path("runs/first-1/console.log").read_text("utf-8")
    for name in ("train/cat/0.png", "train/dog/1.png", "val/cat/2.png"):
        assert name in answer.out and name in log


def test_the_broken_file_among_ants_and_bees_is_named(shared: Path) -> None:
    small = "data.prepare=[{Resize: {size: 20}}, {CenterCrop: {size: 16}}]"
    source = f"data.source={{ImageFolder: {{root: '{shared / 'data' / 'hymenoptera_small'}'}}}}"
    answer = ask("train", "experiment.yaml", *settings(source, small, "train.epochs=1"))
    assert answer.status == 0
    assert "1 file is no picture by the ending (.gif) and left out: train/ants/imageNotFound.gif" in answer.out


def test_nothing_but_damaged_pictures(pets: Path) -> None:
    for path in pets.rglob("*.png"):
        path.write_bytes(b"x")
    assert "data: expected at least one of 12 samples to be readable, got none" in no_data()


def test_a_split_file_that_names_no_sample(pets: Path, here: Path) -> None:
    (here / "valid.txt").write_text("cat/99.png\n")
    assert "valid.txt:1: expected the name of a training sample or its number" in no_data(
        "data.split.valid={file: valid.txt}"
    )


ROWS = "".join(f"{i},{i % 3},{'no' if i % 2 else 'yes'}\n" for i in range(40))
TABLES = [
    (f"a,b,y\n{ROWS}", "z", r"Table.target: expected a column of t.csv, got 'z'; it has a, b, y"),
    ("", "y", "t.csv: expected a line with the names of the columns and rows below it"),
    ("a,b,y\n", "y", "t.csv: expected a line with the names of the columns and rows below it"),
    (f"a,b,y\n{ROWS}1,2\n", "y", "t.csv: expected 3 cells in every row, got 2 in row 42"),
    (f"a,a,y\n{ROWS}", "y", "t.csv:1: expected each column to have its own name, got 'a' twice"),
    ("y\n" + "1\n2\n" * 9, "y", "expected columns to predict from, got none"),
    ("a,y\n" + "1,x\n" * 9, "y", "expected at least 2 classes in y, got 1"),
    ("a,y\n" + "".join(f"{i},{i / 2}\n" for i in range(9)), "y", "there are no `classes`: the target is numbers"),
]


@pytest.mark.parametrize(("content", "target", "told"), TABLES)
def test_a_table_that_cannot_be_learnt(here: Path, content: str, target: str, told: str) -> None:
    (here / "table.yaml").write_text(TABLE)
    (here / "t.csv").write_text(content)
    changes = settings("data.source.Table.path=t.csv", f"data.source.Table.target={target}")
    sentence = refused("check", "table.yaml", *changes)
    assert re.search(told, sentence), sentence
    assert refused("train", "table.yaml", *changes) == sentence
    assert files(here) == {"experiment.yaml", "table.yaml", "t.csv"}


def test_a_table_that_is_no_text(here: Path) -> None:
    (here / "table.yaml").write_text(TABLE)
    (here / "table.csv").write_bytes(bytes(range(256)))
    assert "expected a .csv file at" in refused("check", "table.yaml")


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        (np.zeros((40, 4), np.float32), np.zeros(39, np.int64), "expected as many targets as inputs in train"),
        (np.full((40, 4), np.inf, np.float32), np.arange(40) % 2, "expected finite numbers in train, got NaN"),
        (np.array([{}] * 40), np.arange(40) % 2, "it holds Python objects (a pickle), which are not read"),
        (np.array(["a"] * 40), np.arange(40) % 2, "Arrays"),
    ],
    ids=["lengths", "infinite", "objects", "text"],
)
def test_arrays_that_cannot_be_learnt(here: Path, x: np.ndarray, y: np.ndarray, told: str) -> None:
    (here / "arrays.yaml").write_text(TABLE)
    np.save(here / "x.npy", x, allow_pickle=True)
    np.save(here / "y.npy", y)
    sentence = refused("train", "arrays.yaml", "--set", "data.source={Arrays: {x: x.npy, y: y.npy}}")
    assert told in sentence, sentence
    assert not (here / "runs").exists()


def test_a_nan_among_the_inputs_is_found_in_the_batch(here: Path) -> None:
    (here / "arrays.yaml").write_text(TABLE)
    x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    x[7, 2] = np.nan
    np.savez(here / "some.npz", x=x, y=np.arange(40) % 2)
    sentence = refused("train", "arrays.yaml", "--set", "data.source={Arrays: {path: some.npz}}")
    assert re.search(
        r"at step \d+ \(epoch 1\): the batch itself holds values that are not finite; check the data", sentence
    )
