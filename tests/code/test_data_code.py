"""The data of a script beyond the contract: rare settings of sources and splits, and how the text looks."""

from __future__ import annotations

import ast
import inspect
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from torchwork.code.borrow import borrow
from torchwork.code.data import recipes
from torchwork.code.data.batches import print_data
from torchwork.data import open_data, vectorised
from torchwork.data.augment import Mix
from torchwork.data.sources.torchvision import targets_of
from torchwork.data.transforms import fit
from torchwork.experiment.spec import Data

from ..contract.data_script import check, run, text_of

RANDOM = np.random.default_rng(0)
Writer = Callable[[Path], dict[str, Any]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def pictures(folder: Path, *, size: int = 12, spread: int = 0, mode: str = "RGB", kind: str = "png") -> dict[str, Any]:
    """Twenty pictures of two classes in train, and six in val."""
    for split, count in (("train", 20), ("val", 6)):
        for number in range(count):
            place = folder / "pictures" / split / "ab"[number % 2]
            place.mkdir(parents=True, exist_ok=True)
            height, width = size + number % (spread + 1), size + 3 * number % (spread + 1)
            pixels = RANDOM.integers(0, 256, (height, width, 4), dtype=np.uint8)
            Image.fromarray(pixels).convert(mode).save(place / f"{number}.{kind}")
    return {"ImageFolder": {"root": "pictures"}}


def images(folder: Path, *shape: int, classes: int = 3, **args: Any) -> dict[str, Any]:
    """An .npz file of forty pictures."""
    x = RANDOM.integers(0, 256, (40, *shape), dtype=np.uint8)
    np.savez(folder / "images.npz", x=x, y=np.arange(40) % classes)
    return {"Arrays": {"path": "images.npz", **args}}


def table(folder: Path, **args: Any) -> dict[str, Any]:
    """A .csv file with gaps, text, numbers and a useless column."""
    rows = ["size;colour;weight;price;sold;note"]
    for i in range(30):
        cells = [
            i if i % 7 else "",
            ["red", "green", "blue", "n/a"][i % 4],
            i * 0.37,
            i / 3,
            "yes" if i % 3 else "no",
            "",
        ]
        rows.append(";".join(map(str, cells)))
    (folder / "table.csv").write_text("\n".join(rows))
    return {"Table": {"path": "table.csv", **args}}


def cifar_in_python(folder: Path) -> dict[str, Any]:
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        pixels = RANDOM.integers(0, 256, (4, 3072), dtype=np.uint8)
        content = {b"data": pixels, b"labels": [0, 1, 2, 3]}
        (folder / "cifar-10-batches-py").mkdir(exist_ok=True)
        (folder / "cifar-10-batches-py" / name).write_bytes(pickle.dumps(content, 2))
    return {"CIFAR10": {"root": "."}}


def test_cifar_in_its_python_version_is_read_without_running_it(tmp_path: Path) -> None:
    text = check({"source": cifar_in_python(tmp_path), "batch_size": 6}, tmp_path)
    assert "import pickle\n" not in text


def test_idx_files_with_a_dot_in_their_names(tmp_path: Path) -> None:
    place = tmp_path / "MNIST" / "raw"
    place.mkdir(parents=True)
    for prefix in ("train", "t10k"):
        pixels = RANDOM.integers(0, 256, (10, 28, 28), dtype=np.uint8)
        (place / f"{prefix}-images.idx3-ubyte").write_bytes(struct.pack(">4i", 2051, *pixels.shape) + pixels.tobytes())
        (place / f"{prefix}-labels.idx1-ubyte").write_bytes(struct.pack(">2i", 2049, 10) + bytes(range(10)))
    text = check({"source": {"MNIST": {"root": "."}}, "batch_size": 4}, tmp_path)
    assert 'ROOT = Path("MNIST/raw")' in text


ARRAYS: dict[str, Writer] = {
    "grey": lambda folder: images(folder, 9, 7),
    "channels first": lambda folder: images(folder, 3, 9, 7),
    "channels last": lambda folder: images(folder, 9, 7, 3),
    "many classes": lambda folder: images(folder, 3, 9, 7, classes=4, target="class"),
    "named": lambda folder: images(folder, 3, 9, 7, x="x", y="y"),
    "values": lambda folder: images(folder, 3, 9, 7, target="value"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str, tmp_path: Path) -> None:
    check({"source": ARRAYS[name](tmp_path), "batch_size": 7, "drop_last": True}, tmp_path)


def test_targets_that_are_text_or_far_apart(tmp_path: Path) -> None:
    for labels in (np.array(["cat", "dog"] * 20), np.array([7, 7000] * 20)):
        np.save(tmp_path / "x.npy", RANDOM.normal(size=40))
        np.save(tmp_path / "y.npy", labels)
        check({"source": {"Arrays": {"x": "x.npy", "y": "y.npy"}}, "batch_size": 8}, tmp_path)


def test_inputs_without_targets(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", RANDOM.normal(size=(40, 3)))
    check({"source": {"Arrays": {"x": "x.npy"}}, "batch_size": 8, "shuffle": False}, tmp_path)


TABLES: dict[str, dict[str, Any]] = {
    "class": {"target": "sold"},
    "codes": {"target": "sold", "categories": "code"},
    "value": {"target": "price"},
    "values": {"target": ["price", "weight"]},
    "dropped": {"target": "sold", "missing": "drop", "features": ["size", "colour"]},
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("normalize", ["auto", "none"])
def test_tables(name: str, normalize: str, tmp_path: Path) -> None:
    check({"source": table(tmp_path, **TABLES[name]), "batch_size": 8, "normalize": normalize}, tmp_path)


FOLDERS: dict[str, dict[str, Any]] = {
    "resident": {},
    "streamed": {"loading": "streamed"},
    "cached": {"loading": "cached"},
    "prepared": {"prepare": [{"Resize": {"size": [9, 8]}}, "ToPILImage", {"CenterCrop": {"size": 8}}]},
    "prepared as it streams": {"prepare": [{"Resize": {"size": [9, 8]}}], "loading": "streamed"},
    "limited": {"limit": 8},
    "cut": {"augment": [{"RandomCrop": {"size": 8}}]},
    "cut as it streams": {"augment": [{"RandomCrop": {"size": 8}}], "loading": "streamed"},
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders(name: str, tmp_path: Path) -> None:
    check({"source": pictures(tmp_path), "batch_size": 6, "workers": 0, **FOLDERS[name]}, tmp_path)


SIZES: dict[str, dict[str, Any]] = {
    "resized": {"augment": [{"RandomResizedCrop": {"size": [8, 9]}}, "RandomHorizontalFlip"]},
    "streamed": {"augment": [{"RandomResizedCrop": {"size": [8, 9]}}], "loading": "streamed"},
    "still of different sizes": {
        "augment": [
            {"RandomRotation": {"degrees": 9}},
            {"ScaleJitter": {"target_size": [12, 12], "scale_range": [0.8, 1.5]}},
            {"CenterCrop": {"size": 8}},
        ]
    },
    "cropped": {"prepare": [{"CenterCrop": {"size": 8}}], "normalize": {"mean": [0.5], "std": [0.25]}},
}


@pytest.mark.parametrize("name", SIZES)
def test_pictures_of_different_sizes(name: str, tmp_path: Path) -> None:
    check({"source": pictures(tmp_path, spread=3), "batch_size": 6, "workers": 0, **SIZES[name]}, tmp_path)


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "LA", "I;16"])
def test_modes_of_pictures(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        source = pictures(tmp_path, mode="L")
        for file in sorted((tmp_path / "pictures").rglob("*.png"))[::2]:
            Image.fromarray(RANDOM.integers(0, 65536, (12, 12), dtype=np.uint16)).save(file)
        check({"source": source, "batch_size": 6, "prepare": [{"CenterCrop": {"size": 8}}]}, tmp_path)
    else:
        check({"source": pictures(tmp_path, mode=mode), "batch_size": 6}, tmp_path)


def test_damaged_pictures_are_left_out(tmp_path: Path) -> None:
    source = pictures(tmp_path, kind="jpg")
    (tmp_path / "pictures" / "train" / "a" / "4.jpg").write_bytes(b"nothing")
    text = check({"source": source, "batch_size": 6, "split": {"valid": 0.3}}, tmp_path)
    assert 'DAMAGED = ("train/a/4.jpg",)' in text


def test_a_split_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("a/0.png\ntrain/b/1.png\n\n5\n")
    split = {"valid": {"file": "names.txt"}, "test": 0.2}
    check({"source": pictures(tmp_path), "batch_size": 6, "split": split, "augment": ["RandomVerticalFlip"]}, tmp_path)


CHAINS: dict[str, list[Any]] = {
    "two steps of one kind": [{"ColorJitter": {"hue": 0.1}}, {"ColorJitter": {"brightness": [0.5, 1.5]}}],
    "padded by need": [{"RandomCrop": {"size": 16, "pad_if_needed": True}}],
    "padded with a colour": [{"RandomCrop": {"size": 12, "padding": [1, 2], "fill": 7}}],
    "reflected": [{"RandomCrop": {"size": [12, 10], "padding": 2, "padding_mode": "reflect"}}],
    "sample by sample, then more": [
        {"RandomRotation": {"degrees": 5}},
        "RandomHorizontalFlip",
        {"ElasticTransform": {"sigma": 1.0}},
    ],
    "floats in training": [{"ToDtype": {"dtype": "float32", "scale": True}}, {"RandomErasing": {"value": 0.5}}],
    "nested": [{"RandomApply": {"transforms": [{"Resize": {"size": [12, 10], "interpolation": "nearest"}}]}}],
    "mixed": ["RandomHorizontalFlip", {"RandomChoice": {"transforms": ["MixUp", {"CutMix": {"alpha": 0.5}}]}}],
    "mixed alone": ["MixUp"],
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str, tmp_path: Path) -> None:
    check({"source": images(tmp_path, 3, 12, 10), "batch_size": 6, "augment": CHAINS[name]}, tmp_path)


def test_lenet_is_read_as_a_person_would_write_it(shared: Path) -> None:
    written = {"source": {"FashionMNIST": {"root": "fashion_mnist"}}, "split": {"valid": "test"}, "batch_size": 100}
    text = check(written, shared / "data", limit=3)
    assert len(text.splitlines()) <= 65
    assert "torchvision" not in text and "numpy" not in text


def test_names_that_the_script_has_taken_are_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data.model_validate({"source": images(tmp_path, 3, 12, 10), "augment": ["MixUp"]})
    bundle = open_data(data, base=tmp_path)
    pieces = print_data(data, bundle, base=tmp_path, taken={"Mix", "generator", "Net", "PATH"})
    text = text_of(pieces, data)
    assert 'PATH_ = Path("images.npz")' in text and "np.load(PATH_)" in text
    assert "class Mix_:" in text and "MIX = Mix_(v2.MixUp(), 3)" in text and "def generator_(" in text
    monkeypatch.chdir(tmp_path)
    assert len(list(run(text)["train_batches"](0))) == 1


FUNCTIONS = [
    item for item in vars(recipes).values() if inspect.isfunction(item) and item.__module__ == recipes.__name__
]
STEPS = [vectorised.Crop, vectorised.Erasing, vectorised.ResizedCrop, vectorised.Jitter]


@pytest.mark.parametrize(
    "thing", [*FUNCTIONS, recipes.Later, *STEPS, Mix, fit, targets_of], ids=lambda item: item.__name__
)
def test_what_is_borrowed_fits_the_page_and_is_whole(thing: Any) -> None:
    lent = borrow(thing)
    text = "\n".join([*sorted(lent.imports), *lent.constants, *lent.definitions])
    assert max(map(len, text.splitlines())) <= 100
    assert "torchwork" not in text and "DataError" not in text and "vision()" not in text
    tree = ast.parse(text)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert thing.__name__ in bound
    exec(compile(tree, "borrowed.py", "exec"), {})
