"""Pictures in folders, one folder a class, in split folders or not."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch

from torchwork.data.pictures import EXTENSIONS, header_mode, is_grey
from torchwork.data.samples import Pictures, Source
from torchwork.errors import DataError

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "valid",
    "validation": "validation",
    "test": "test",
}
"""names of folders that are splits, and what the splits are called"""
HEADERS = 64
"""files whose headers are read to find out whether the pictures are grey"""

Found = tuple[str, int, int]
"""a picture's path below the root, its size in bytes, its time of change in ns"""


def natural(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts `class2` before `class10`."""
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return [(0, int(part)) if part.isdigit() else (1, part.lower()) for part in parts]


def ending(name: str) -> str:
    """`.jpg` for `a/b.JPG`, empty when there is none."""
    stem, dot, end = name.rpartition("/")[2].rpartition(".")
    return f".{end.lower()}" if dot and stem else ""


class ImageFolder(Source):
    """Pictures in a folder for each class: `root/CLASS/picture.jpg`, or `root/train/CLASS/...` with val or test beside.

    Args:
        root (str): the folder
    """

    def __init__(self, root: str = "data") -> None:
        self.root = Path(root)
        self.outside = 0
        folders = {SPLITS[name.lower()]: name for name in self._folders("") if name.lower() in SPLITS}
        if "train" not in folders:
            folders = {"train": ""}
        self.folders = folders
        splits = {name: partial(self._split, folder) for name, folder in folders.items()}
        super().__init__(splits, self._class_names(folders["train"]))
        self._found = {folder: self._scan(folder) for folder in folders.values()}
        self.mode = self._mode([found[0] for _, found in self._found[folders["train"]]])
        self.encoding = {"mode": self.mode}
        self._tell_left_out()

    def _folders(self, folder: str) -> list[str]:
        try:
            with os.scandir(self.root / folder) as entries:
                names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
        except OSError as error:
            raise DataError(
                f"data.source.ImageFolder.root: expected a folder at {self.root / folder}: {error.strerror}; check "
                "the path"
            ) from None
        return sorted(names, key=lambda name: (natural(name), name))

    def _class_names(self, folder: str) -> list[str]:
        classes = self._folders(folder)
        if not classes:
            raise DataError(
                f"data.source.ImageFolder.root: expected one folder for each class in {self.root / folder}, got none; "
                f"lay the pictures out as {self.root.name}/CLASS/picture.jpg"
            )
        return classes

    def _scan(self, folder: str) -> list[tuple[int, Found]]:
        """Every picture of a split as (class, file), sorted within its class."""
        found, known = [], self.classes or []
        self._left_out: list[str] = getattr(self, "_left_out", [])
        for name in self._folders(folder):
            if name not in known:
                raise DataError(
                    f"{self.root / folder / name}: expected the classes of train ({', '.join(known[:8])}), got "
                    f"{name!r}; "
                    f"rename the folder or add it to train"
                )
            below = f"{folder}/{name}".lstrip("/")
            files = sorted(
                self._below(below, {os.path.realpath(self.root), os.path.realpath(self.root / below)}),
                key=lambda file: (natural(file[0]), file[0]),
            )
            if not files and folder in ("", "train"):
                kinds = ", ".join(sorted(EXTENSIONS))
                raise DataError(
                    f"{self.root / below}: expected pictures ({kinds}) of class {name!r}, got none; add some or take "
                    "it away"
                )
            found += [(known.index(name), file) for file in files]
        return found

    def _below(self, folder: str, above: set[str]) -> Iterator[Found]:
        """The pictures below a folder; links are followed only within the root, and never in a circle."""
        with os.scandir(self.root / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.name.startswith(".") or (entry.is_symlink() and not self._within(path)):
                    continue
                if entry.is_dir():
                    real = os.path.realpath(entry.path)
                    yield from () if real in above else self._below(path, above | {real})
                elif ending(entry.name) in EXTENSIONS:
                    stat = entry.stat()
                    yield path, stat.st_size, stat.st_mtime_ns
                else:
                    self._left_out.append(path)

    def _within(self, path: str) -> bool:
        real = Path(os.path.realpath(self.root / path))
        inside = real.exists() and real.is_relative_to(os.path.realpath(self.root))
        self.outside += not inside
        return inside

    def _mode(self, files: list[str]) -> str:
        """`L` when most pictures are grey, else `RGB`; judged by a few headers, evenly spread."""
        some = files[:: max(1, len(files) // HEADERS)]
        grey = [is_grey(mode) for mode in (header_mode(self.root / file) for file in some) if mode]
        mode = "L" if sum(grey) * 2 > len(grey) else "RGB"
        odd = sum(grey) if mode == "RGB" else len(grey) - sum(grey)
        if odd:
            kind = "grey" if mode == "RGB" else "coloured"
            self.notes.append(
                f"pictures: read as {mode}, for so are most; about {odd * 100 // len(grey) or 1} % are {kind} and "
                "converted"
            )
        return mode

    def _tell_left_out(self) -> None:
        if self._left_out:
            kinds = Counter(ending(path) or "no ending" for path in self._left_out)
            named = ", ".join(sorted(self._left_out)[:10]) + (", ..." if len(self._left_out) > 10 else "")
            count = len(self._left_out)
            self.notes.append(
                f"{count} file{'s are' if count > 1 else ' is'} no picture by the ending ({', '.join(kinds)}) and "
                f"left out: {named}"
            )
        if self.outside:
            self.notes.append(f"{self.outside} links lead out of {self.root} (or nowhere) and are not followed")

    def _split(self, folder: str) -> Pictures:
        targets = torch.tensor([label for label, _ in self._found[folder]], dtype=torch.int64)
        files = [found for _, found in self._found[folder]]
        return Pictures(self.root, [file[0] for file in files], [file[1:] for file in files], targets, self.mode)
