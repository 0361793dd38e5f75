"""Pictures in one folder, and the class of each of their pixels in another."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from torchwork.data.attached import IGNORED, Attached, with_mask
from torchwork.data.pictures import EXTENSIONS, DamagedFileError, decode, header_mode, is_grey
from torchwork.data.samples import Samples, Source, digest
from torchwork.data.sources.folder import HEADERS, SPLITS, natural
from torchwork.errors import DataError

ENDINGS = (".png", ".bmp", ".gif", ".tif", ".tiff", ".pgm")
"""of masks; what loses nothing"""
LAYOUTS = (
    ("{split}", "{split}annot"), ("images/{split}", "masks/{split}"), ("images/{split}", "annotations/{split}"),
    ("images/{split}", "labels/{split}"), ("{split}/images", "{split}/masks"), ("{split}/images", "{split}/labels"),
    ("images", "masks"), ("images", "annotations"), ("images", "labels"), ("JPEGImages", "SegmentationClass"),
)  # fmt: skip
"""folders of pictures and of masks as people lay them out"""
VOID = frozenset({"void", "ignore", "unlabelled", "unlabeled"})
"""names of classes whose pixels count for nothing"""
UNKNOWN = 254
"""what the number of no class becomes"""
LOOKED_AT = 200
"""masks that are looked through for the numbers in them"""
NAMED = 10


def picture_names(root: Path, folder: str) -> list[str]:
    """The pictures in root/folder and below, as paths below the root; links are not followed."""
    found = [Path(place) / name for place, _, names in os.walk(root / folder) for name in names]
    kept = [path for path in found if path.suffix.lower() in EXTENSIONS and not path.is_symlink()]
    named = [path.relative_to(root).as_posix() for path in kept]
    shown = [name for name in named if "/." not in f"/{name}"]
    return sorted(shown, key=lambda name: (natural(name), name))


def mask_for(root: Path, name: str, folders: Mapping[str, str]) -> Path | None:
    """The mask of a picture: the file of its name in the folder of masks, by folders of pictures; None without one."""
    for pictures, masks in folders.items():
        if name.startswith(f"{pictures}/"):
            stem = (root / masks / name.removeprefix(f"{pictures}/")).with_suffix("")
            files = [stem.with_name(stem.name + ending) for ending in ENDINGS]
            return next((file for file in files if file.is_file()), None)
    return None


def numbers_of(mask: Path) -> np.ndarray:
    """The number of each pixel of a mask, uint8 [h, w]: grey values as they are, of a palette the places in it."""
    with Image.open(mask) as image:
        pixels = np.array(image)
    if pixels.ndim == 3 and (pixels[..., :1] == pixels[..., :3]).all():
        pixels = pixels[..., 0]
    if pixels.ndim != 2 or pixels.min() < 0 or pixels.max() > 255:
        raise ValueError(f"expected one number from 0 to 255 for each pixel, got {image.mode} {list(pixels.shape)}")
    return pixels.astype(np.uint8)


def read_labels(mask: Path, table: Sequence[int]) -> Tensor:
    """The class of each pixel of a mask, uint8 [1, h, w]; `table` has the class of each number."""
    return torch.from_numpy(np.array(table, dtype=np.uint8)[numbers_of(mask)])[None]


@dataclass
class MaskedPictures(Samples):
    """Picture files, each with a mask; read as uint8 [channels + 1, height, width]."""

    root: Path
    files: list[str]
    masks: list[Path]
    table: list[int]
    mode: str = "RGB"
    encoded: bool = True
    apart: bool = True
    targets: None = None

    def __len__(self) -> int:
        return len(self.files)

    def read(self, index: int) -> Tensor:
        file, mask = self.files[index], self.masks[index]
        picture = decode(self.root / file, self.mode)
        name = mask.relative_to(self.root).as_posix()
        try:
            labels = read_labels(mask, self.table)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise DamagedFileError(f"the mask {name} cannot be read ({str(error).partition(chr(10))[0]})") from None
        if labels.shape[1:] != picture.shape[1:]:
            sizes = [f"{item.shape[2]}x{item.shape[1]}" for item in (picture, labels)]
            raise DamagedFileError(f"{file} is of {sizes[0]} and its mask {name} of {sizes[1]}")
        if (labels == UNKNOWN).any():
            raise DamagedFileError(f"the mask {name} has numbers that belong to no class")
        return with_mask(picture, labels)

    def take(self, indices: Sequence[int]) -> MaskedPictures:
        files, masks = [self.files[i] for i in indices], [self.masks[i] for i in indices]
        return MaskedPictures(self.root, files, masks, self.table, self.mode)

    def identity(self) -> str:
        stats = [path.stat() for path in (*map(self.root.joinpath, self.files), *self.masks)]
        stamps = [(stat.st_size, stat.st_mtime_ns) for stat in stats]
        return digest("masks 1", self.mode, self.root.resolve(), *self.files, *self.masks, stamps, self.table)

    def name(self, index: int) -> str:
        return self.files[index]


class MaskFolder(Source):
    """Pictures in one folder, and in another masks of the same names: the class of each pixel, to be learnt.

    Args:
        root (str): the folder of both
        pictures (str, optional): the folder of the pictures below it, with {split} in its place where there are splits,
            such as images/{split}; usual layouts are found without
        masks (str, optional): the folder of the masks, PNG files whose grey values or palette are numbers of classes
        classes (list of str, optional): their names in the order of numbers; default: the lines of classes.txt
        ignore (int, optional): the number of pixels that count for nothing; 255 does, and a class called unlabelled
    """

    def __init__(
        self,
        root: str = "data",
        pictures: str | None = None,
        masks: str | None = None,
        classes: list[str] | None = None,
        ignore: int | None = None,
    ) -> None:
        self.root, self.told = Path(root), list[str]()
        self.folders = self._layout(pictures, masks)
        self.pairs = dict(self.folders.values())
        self._found = {name: self._paired(name, folder) for name, (folder, _) in self.folders.items()}
        names, self.table = self._classes(classes or self._listed(), ignore)
        splits = {name: partial(self._split, name) for name in self.folders}
        # what augmentation brings in from outside is of no class
        super().__init__(splits, names, notes=self.told, attached=Attached("labels", IGNORED))
        self.mode = self._mode()
        self.encoding = {"mode": self.mode}

    def _layout(self, pictures: str | None, masks: str | None) -> dict[str, tuple[str, str]]:
        """By split the folders of pictures and of masks."""
        layouts = [(pictures, masks)] if pictures and masks else LAYOUTS
        for layout in layouts:
            found = self._splits(*layout)
            if found:
                return found
        raise DataError(
            f"data.source.MaskFolder.root: expected a folder of pictures and one of masks in {self.root}, such as "
            f"images and masks, or train and trainannot; name them in `pictures` and `masks`"
        )

    def _splits(self, pictures: str, masks: str) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for name, split in (SPLITS if "{split}" in pictures else {"": "train"}).items():
            pair = pictures.replace("{split}", name), masks.replace("{split}", name)
            if all((self.root / folder).is_dir() for folder in pair):
                found.setdefault(split, pair)
        return found if "train" in found else {}

    def _paired(self, split: str, folder: str) -> list[tuple[str, Path]]:
        """The pictures of a split with their masks; those without are told and left out."""
        names = picture_names(self.root, folder)
        found = [(name, mask_for(self.root, name, self.pairs)) for name in names]
        alone = [name for name, mask in found if mask is None]
        if alone:
            more = ", ..." if len(alone) > NAMED else ""
            self.told.append(
                f"{split}: {len(alone)} of {len(names)} pictures have no mask and are left out: "
                f"{', '.join(alone[:NAMED])}{more}"
            )
        return [(name, mask) for name, mask in found if mask is not None]

    def _listed(self) -> list[str]:
        """The lines of classes.txt; none where there is no such file."""
        try:
            lines = (self.root / "classes.txt").read_text("utf-8-sig").splitlines()
            return [line.strip() for line in lines if line.strip()]
        except (OSError, UnicodeDecodeError):
            return []

    def _numbers(self) -> list[int]:
        """The numbers in the masks of train, of many masks in some of them."""
        masks = [mask for _, mask in self._found["train"]]
        found: set[int] = set()
        for mask in masks[:: max(1, len(masks) // LOOKED_AT)]:
            try:
                found |= set(np.unique(numbers_of(mask)).tolist())
            except (OSError, ValueError, SyntaxError, EOFError):
                continue  # told as damaged when it is read
        if not found:
            raise DataError(
                f"data.source.MaskFolder.masks: expected masks whose pixels are numbers of classes in {self.root}, got "
                f"none that can be read; save them as grey or palette PNG files"
            )
        return sorted(found)

    def _classes(self, names: list[str], ignore: int | None) -> tuple[list[str], list[int]]:
        """The classes, and the class of each of 256 numbers."""
        numbers = self._numbers()
        if numbers == [0, 255] and ignore is None and len(names) in (0, 2):
            return names or ["ground", "object"], [0, *[UNKNOWN] * 254, 1]
        ignored = {IGNORED, *([] if ignore is None else [ignore])}
        if ignore is None:
            ignored |= {place for place, name in enumerate(names) if name.lower() in VOID}
        used = [number for number in numbers if number not in ignored]
        names = names or [str(number) for number in range(max(used, default=0) + 1)]
        if used and used[-1] >= len(names):
            raise DataError(
                f"data.source.MaskFolder.classes: expected a name for each number in the masks, up to {used[-1]}, got "
                f"{len(names)} names"
            )
        told = [names[number] for number in sorted(ignored) if number < len(names)]
        if told:
            self.told.append(f"masks: pixels of {', '.join(told)} count for nothing")
        while len(names) - 1 in ignored:
            names = names[:-1]
        table = [IGNORED if n in ignored else n if n < len(names) else UNKNOWN for n in range(256)]
        return names, table

    def _mode(self) -> str:
        """`L` when most pictures are grey, else `RGB`; judged by a few headers, evenly spread."""
        files = [name for name, _ in self._found["train"]]
        modes = [header_mode(self.root / file) for file in files[:: max(1, len(files) // HEADERS)]]
        grey = [is_grey(mode) for mode in modes if mode]
        return "L" if sum(grey) * 2 > len(grey) else "RGB"

    def _split(self, name: str) -> MaskedPictures:
        files, masks = zip(*self._found[name], strict=True) if self._found[name] else ((), ())
        return MaskedPictures(self.root, list(files), list(masks), self.table, self.mode)
