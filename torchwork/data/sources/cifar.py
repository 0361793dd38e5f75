"""CIFAR-10 and CIFAR-100 from their binary or their Python version (format: cs.toronto.edu/~kriz/cifar.html)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from torchwork.catalog import vision
from torchwork.data.samples import Held, Source, digest
from torchwork.data.sources.plain_pickle import read_plain_pickle
from torchwork.errors import DataError

PIXELS = 3 * 32 * 32


class CIFAR10(Source):
    """Small photographs of 10 classes: 50,000 and 10,000 colour pictures of 32x32.

    Args:
        root (str): folder with the files of the binary or the Python version, or the folder above
        download (bool): fetch the Python version into root when nothing is there
    """

    names: ClassVar[list[str]] = [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
    folders: ClassVar[tuple[str, str]] = ("cifar-10-batches-bin", "cifar-10-batches-py")
    train_files: ClassVar[tuple[str, ...]] = tuple(f"data_batch_{i}" for i in range(1, 6))
    test_files: ClassVar[tuple[str, ...]] = ("test_batch",)
    label_bytes: ClassVar[int] = 1
    label_key: ClassVar[str] = "labels"

    def __init__(self, root: str = "data", download: bool = False) -> None:
        self.root, self.download = Path(root), download
        splits = {"train": partial(self._read, self.train_files), "test": partial(self._read, self.test_files)}
        super().__init__(splits, list(self.names), encoding={"mode": "RGB"})
        self.files(self.train_files)
        self.classes = self._class_names()

    def _class_names(self) -> list[str]:
        return list(self.names)

    def _read(self, names: tuple[str, ...]) -> Held:
        files = self.files(names)
        parts = [self._binary(file) if file.suffix == ".bin" else self._python(file) for file in files]
        pixels, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
        if labels.max(initial=0) >= len(self.classes or []):
            raise DataError(
                f"{files[0]}: expected labels below {len(self.classes or [])}, got {labels.max()}; it is another "
                "data set"
            )
        stamps = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return Held(
            torch.from_numpy(pixels.reshape(-1, 3, 32, 32)), torch.from_numpy(labels.astype(np.int64)), digest(stamps)
        )

    def _binary(self, file: Path) -> tuple[np.ndarray, np.ndarray]:
        """Records of label bytes, the last of which is the label, and 3,072 bytes by channel, row, column."""
        content, record = np.fromfile(file, np.uint8), self.label_bytes + PIXELS
        if len(content) == 0 or len(content) % record:
            raise DataError(
                f"{file}: expected records of {record} bytes, got {len(content)} bytes; it is cut off, get it again"
            )
        rows = content.reshape(-1, record)
        return rows[:, self.label_bytes :].copy(), rows[:, self.label_bytes - 1]

    def _python(self, file: Path) -> tuple[np.ndarray, np.ndarray]:
        content = read_plain_pickle(file)
        pixels, labels = content.get("data", []), content.get(self.label_key)
        rows = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.shape[1:] == (PIXELS,)
        if not rows or not isinstance(labels, list) or len(labels) != len(pixels):
            raise DataError(f"{file}: expected data [n, {PIXELS}] of uint8 and as many {self.label_key}; get it again")
        return pixels, np.array(labels, dtype=np.int64)

    def files(self, names: tuple[str, ...]) -> list[Path]:
        """Where these files lie, fetched when that is allowed; DataError when one is nowhere."""
        found = self._find(names)
        if found is None and self.download:
            getattr(vision().datasets, type(self).__name__)(str(self.root), download=True)
            found = self._find(names)
        if found is None:
            raise DataError(
                f"data.source.{type(self).__name__}.root: expected {', '.join(names)} (with or without .bin) in "
                f"{self.root} or in "
                f"{' or '.join(self.folders)} below it, found none; set root to the folder that holds them, or "
                "`download: true`"
            )
        return found

    def _find(self, names: tuple[str, ...]) -> list[Path] | None:
        places = [self.root, *(self.root / folder for folder in self.folders)]
        groups = ([place / f"{name}{end}" for name in names] for place in places for end in (".bin", ""))
        return next((group for group in groups if all(path.is_file() for path in group)), None)


class CIFAR100(CIFAR10):
    """Small photographs of 100 classes: 50,000 and 10,000 colour pictures of 32x32.

    Args:
        root (str): folder with the files of the binary or the Python version, or the folder above
        download (bool): fetch the Python version into root when nothing is there
    """

    names: ClassVar[list[str]] = [f"class {label}" for label in range(100)]
    folders: ClassVar[tuple[str, str]] = ("cifar-100-binary", "cifar-100-python")
    train_files: ClassVar[tuple[str, ...]] = ("train",)
    test_files: ClassVar[tuple[str, ...]] = ("test",)
    label_bytes: ClassVar[int] = 2
    label_key: ClassVar[str] = "fine_labels"

    def _class_names(self) -> list[str]:
        """From the file beside the data, for a hundred names are not worth keeping here."""
        beside = self.files(self.train_files)[0].parent
        if (beside / "fine_label_names.txt").is_file():
            return (beside / "fine_label_names.txt").read_text().split()
        if (beside / "meta").is_file():
            return [str(name) for name in read_plain_pickle(beside / "meta").get("fine_label_names", self.names)]
        return list(self.names)
