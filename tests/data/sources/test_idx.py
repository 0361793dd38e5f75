"""idx files as they lie, and damaged ones."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from torchwork.data import Bundle
from torchwork.data.samples import Held
from torchwork.data.sources.idx import MNIST, read_idx
from torchwork.errors import DataError


def idx(array: np.ndarray) -> bytes:
    codes = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
    head = bytes([0, 0, codes[array.dtype.str[1:]], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(folder: Path, images: int = 6, labels: int = 6, packed: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for prefix in ("train", "t10k"):
        files = {
            "images-idx3-ubyte": idx(np.arange(images * 12, dtype=np.uint8).reshape(images, 4, 3)),
            "labels-idx1-ubyte": idx(np.arange(labels, dtype=np.uint8) % 3),
        }
        for name, content in files.items():
            path = folder / f"{prefix}-{name}{'.gz' * packed}"
            path.write_bytes(gzip.compress(content) if packed else content)


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "i4", "f4", "f8"])
def test_every_type_is_read(tmp_path: Path, kind: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(kind)
    (tmp_path / "x").write_bytes(idx(array))
    assert np.array_equal(read_idx(tmp_path / "x"), array)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw"])
def test_files_are_found_where_they_lie(tmp_path: Path, below: str, packed: bool) -> None:
    write(tmp_path / below, packed=packed)
    samples = MNIST(str(tmp_path)).splits["train"]()
    assert isinstance(samples, Held) and samples.inputs.shape == (6, 1, 4, 3)
    assert samples.targets is not None and samples.targets.tolist() == [0, 1, 2, 0, 1, 2]
    assert samples.read(1)[0, 0].tolist() == [12, 13, 14]


def test_the_real_digits(shared: Path) -> None:
    source = MNIST(str(shared / "data" / "mnist"))
    samples = source.splits["test"]()
    assert len(samples) == 10_000 and samples.targets is not None
    assert samples.targets[:5].tolist() == [7, 2, 1, 0, 4]


def test_a_missing_folder_is_told_with_the_places(tmp_path: Path, opened: Callable[..., Bundle]) -> None:
    with pytest.raises(
        DataError, match=r"data.source.FashionMNIST.root: expected train-images-idx3-ubyte.gz.*FashionMNIST/raw"
    ):
        opened(source={"FashionMNIST": {"root": "nowhere"}})


@pytest.mark.parametrize(("content", "message"), [
    (b"", "expected an idx file"),
    (b"PNG or so", "expected an idx file"),
    (idx(np.zeros((2, 2, 2), np.uint8))[:-1], "expected 24 bytes by its header, got 23; it is cut off"),
    (idx(np.zeros((2, 2, 2), np.uint8))[:7], "cut off"),
    (idx(np.zeros((2, 2, 2), np.uint8)) + b"x", "expected 24 bytes by its header, got 25"),
])  # fmt: skip
def test_damaged_files_are_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_idx(tmp_path / "x")


@pytest.mark.parametrize(
    "damage", [lambda c: c[: len(c) // 2], lambda c: b"no gzip", lambda c: c[:20] + b"\0\0\0" + c[23:]]
)
def test_damaged_gzip_files_are_told(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    content = gzip.compress(idx(np.random.default_rng(0).integers(0, 256, (9, 9, 9), dtype=np.uint8)))
    (tmp_path / "x.gz").write_bytes(damage(content))
    with pytest.raises(DataError, match=r"x.gz cannot be read.*get it again"):
        read_idx(tmp_path / "x.gz")


def test_pictures_and_labels_must_belong_together(tmp_path: Path) -> None:
    write(tmp_path, images=6, labels=5)
    with pytest.raises(DataError, match=r"got \[6, 4, 3\] and \[5\]"):
        MNIST(str(tmp_path)).splits["train"]()
