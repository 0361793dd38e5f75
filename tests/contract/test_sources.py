"""Every data source: torchwork's own on a few samples in their own formats, torchvision's where there are none."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from torchwork.build import build
from torchwork.data.sources import own_sources, sources
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment

from .flow import NUMBERS, document, trained

SAMPLES = 10
RANDOM = np.random.default_rng(1)
LABELS = np.arange(SAMPLES, dtype=np.uint8) % 2


def idx(folder: Path) -> dict[str, Any]:
    """The four files of MNIST."""
    for prefix in ("train", "t10k"):
        pixels = RANDOM.integers(0, 256, (SAMPLES, 28, 28), dtype=np.uint8)
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, *pixels.shape) + pixels.tobytes())
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, SAMPLES) + LABELS.tobytes())
    return {"root": "."}


def records(*names: str, label_bytes: int) -> Callable[[Path], dict[str, Any]]:
    """The binary files of CIFAR."""

    def write(folder: Path) -> dict[str, Any]:
        for name in names:
            rows = RANDOM.integers(0, 256, (SAMPLES, label_bytes + 3072), dtype=np.uint8)
            rows[:, :label_bytes] = LABELS[:, None]
            (folder / f"{name}.bin").write_bytes(rows.tobytes())
        return {"root": "."}

    return write


def pictures(folder: Path) -> dict[str, Any]:
    """Two classes in folders."""
    for number in range(SAMPLES):
        place = folder / "pictures" / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RANDOM.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(place / f"{number}.png")
    return {"root": "pictures"}


def masks(folder: Path) -> dict[str, Any]:
    """Pictures, and the class of each of their pixels."""
    for number in range(SAMPLES):
        for name, shape, most in (("images", (8, 8, 3), 256), ("masks", (8, 8), 2)):
            (folder / name).mkdir(exist_ok=True)
            Image.fromarray(RANDOM.integers(0, most, shape, dtype=np.uint8)).save(folder / name / f"{number}.png")
    return {"root": "."}


def arrays(folder: Path) -> dict[str, Any]:
    """Two .npy files."""
    np.save(folder / "x.npy", RANDOM.normal(size=(SAMPLES, 6)))
    np.save(folder / "y.npy", LABELS)
    return {"x": "x.npy", "y": "y.npy"}


def table(folder: Path) -> dict[str, Any]:
    """A .csv file with numbers, text and a class."""
    rows = [f"{number},{'red' if number % 3 else 'blue'},{'yes' if number % 2 else 'no'}" for number in range(SAMPLES)]
    (folder / "table.csv").write_text("\n".join(["size,colour,sold", *rows]))
    return {"path": "table.csv", "target": "sold"}


CODE = """
import torch

class Points(torch.utils.data.Dataset):
    def __len__(self):
        return 10

    def __getitem__(self, number):
        return torch.full((6,), number / 10), number % 2
"""


def code(folder: Path) -> dict[str, Any]:
    """A data set of one's own."""
    (folder / "points.py").write_text(CODE)
    return {"file": "points.py", "name": "Points"}


WRITERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "Arrays": arrays,
    "CIFAR10": records(*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", label_bytes=1),
    "CIFAR100": records("train", "test", label_bytes=2),
    "Code": code,
    "FakeData": lambda folder: {"size": SAMPLES, "image_size": [3, 8, 8], "num_classes": 2},
    "FashionMNIST": idx,
    "ImageFolder": pictures,
    "MNIST": idx,
    "MaskFolder": masks,
    "Shapes": lambda folder: {
        "size": 8,
        "classes": ["circle", "square"],
        "train": SAMPLES,
        "valid": SAMPLES,
        "test": SAMPLES,
    },
    "Table": table,
}
"""writes the files of a source into a folder and gives its arguments"""
ARGUMENTS: Mapping[str, Any] = {
    "root": "nowhere", "annFile": "none.json", "ann_file": "none.txt", "annotation_path": "none", "frames_per_clip": 2,
    "name": "notredame", "split": "letters",
}  # fmt: skip
"""what required arguments of torchvision's data sets get, by name"""
LINEAR = {"layers": ["Flatten", {"Linear": {"out_features": "classes"}}]}
MODELS: Mapping[str, Any] = {"MaskFolder": {"layers": [{"Conv2d": {"out_channels": "classes", "kernel_size": 1}}]}}
"""for sources whose targets are no classes of whole samples"""
ENTRIES = sources()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.usefixtures("base")
def test_source(name: str, tmp_path: Path) -> None:
    data = {"source": {name: WRITERS[name](tmp_path)}, "batch_size": SAMPLES, "limit": SAMPLES, "split": {"valid": 0.2}}
    built = trained(
        document(data=data, model=MODELS.get(name, LINEAR), loss="CrossEntropyLoss"), tmp_path, trust=name == "Code"
    )
    assert built.spec.classes
    assert built.document is not None
    assert built.document.data.normalize != "auto"


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in WRITERS])
@pytest.mark.parametrize("there", [False, True], ids=["missing", "empty"])
def test_a_data_set_that_is_not_there_is_one_sentence(name: str, there: bool, tmp_path: Path) -> None:
    if there:
        (tmp_path / "nowhere").mkdir()
    args = {argument.name: ARGUMENTS[argument.name] for argument in ENTRIES[name].arguments if argument.required}
    with pytest.raises(DocumentError) as caught:
        build(Experiment.parse(document(data={**NUMBERS, "source": {name: args}})), base=tmp_path)
    assert len(caught.value.problems) == 1
    told = str(caught.value)
    assert told.startswith(f"data.source.{name}") and "\n" not in told
    assert "nowhere" in told or "pip install" in told
    assert there or list(tmp_path.iterdir()) == [], "a folder was made where nothing was asked for"


def test_code_runs_only_when_it_is_allowed(tmp_path: Path) -> None:
    written = document(data={"source": {"Code": code(tmp_path)}})
    with pytest.raises(DocumentError, match="only when you allow it"):
        build(Experiment.parse(written), base=tmp_path)


def test_nothing_is_left_out() -> None:
    assert own_sources().keys() <= WRITERS.keys() <= ENTRIES.keys()
    assert len(ENTRIES) >= 72
