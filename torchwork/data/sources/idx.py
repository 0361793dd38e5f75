"""MNIST and FashionMNIST from their idx files as they lie, gzipped or not (format: yann.lecun.com/exdb/mnist)."""

from __future__ import annotations

import gzip
import zlib
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from torchwork.catalog import vision
from torchwork.data.samples import Held, Source, digest
from torchwork.errors import DataError

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
"""numpy's names for the third byte of an idx file"""


def read_idx(path: Path) -> np.ndarray:
    """The array of an idx file, gzipped or not; DataError when it is cut off or no idx file."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); it is damaged or not whole, get it again") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES:
        raise DataError(
            f"expected an idx file at {path} (it begins with two zero bytes), got something else; get it again"
        )
    kind, begin = np.dtype(TYPES[content[2]]), 4 + 4 * content[3]
    shape = np.frombuffer(content[4:begin], ">i4") if len(content) >= begin else np.array([-1])
    expected = begin + int(shape.prod(dtype=np.int64)) * kind.itemsize
    if len(content) != expected or shape.min(initial=0) < 0:
        raise DataError(
            f"{path}: expected {max(expected, begin)} bytes by its header, got {len(content)}; it is cut off, get it "
            "again"
        )
    return np.frombuffer(content, kind, offset=begin).reshape(shape)


class MNIST(Source):
    """Handwritten digits: 60,000 and 10,000 grey pictures of 28x28.

    Args:
        root (str): folder with the idx files (gzipped or not), or one with MNIST/raw in it
        download (bool): fetch the files into root when they are not there
    """

    names: ClassVar[list[str]] = [str(digit) for digit in range(10)]

    def __init__(self, root: str = "data", download: bool = False) -> None:
        self.root, self.download = Path(root), download
        splits = {"train": partial(self._read, "train"), "test": partial(self._read, "t10k")}
        super().__init__(splits, list(self.names), encoding={"mode": "L"})
        self.file("train-images-idx3-ubyte")  # a missing folder is told before anything else is done

    def _read(self, prefix: str) -> Held:
        files = [self.file(f"{prefix}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]
        images, labels = map(read_idx, files)
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise DataError(
                f"expected pictures [n, h, w] and labels [n] in {files[0]} and {files[1].name}, "
                f"got {list(images.shape)} and {list(labels.shape)}; they do not belong together"
            )
        if labels.max(initial=0) >= len(self.names):
            raise DataError(
                f"{files[1]}: expected labels below {len(self.names)}, got {labels.max()}; it belongs to another set"
            )
        pixels = torch.from_numpy(images.astype(np.uint8))[:, None]
        stamps = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return Held(pixels, torch.from_numpy(labels.astype(np.int64)), digest(stamps))

    def file(self, name: str) -> Path:
        """Where the idx file of that name lies, fetched when that is allowed; DataError when it is nowhere."""
        found = self._find(name)
        if found is None and self.download:
            getattr(vision().datasets, type(self).__name__)(str(self.root), download=True)
            found = self._find(name)
        if found is None:
            places = ", ".join(str(place) for place in self._places())
            raise DataError(
                f"data.source.{type(self).__name__}.root: expected {name}.gz (or unpacked) in one of {places}, found "
                "none; "
                f"set root to the folder that holds it, or `download: true`"
            )
        return found

    def _places(self) -> list[Path]:
        return [self.root, self.root / type(self).__name__ / "raw", self.root / "raw"]

    def _find(self, name: str) -> Path | None:
        # Some unpackers write a dot in front of idx.
        spellings = [spelling + end for spelling in (name, name.replace("-idx", ".idx")) for end in ("", ".gz")]
        paths = (place / spelling for place in self._places() for spelling in spellings)
        return next((path for path in paths if path.is_file()), None)


class FashionMNIST(MNIST):
    """Pieces of clothing: 60,000 and 10,000 grey pictures of 28x28.

    Args:
        root (str): folder with the idx files (gzipped or not), or one with FashionMNIST/raw in it
        download (bool): fetch the files into root when they are not there
    """

    names: ClassVar[list[str]] = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]  # fmt: skip
