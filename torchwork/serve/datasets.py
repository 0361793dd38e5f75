"""Data below the opened folder: folders of pictures and files of numbers, and the source that reads each."""

from __future__ import annotations

import csv
import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from torchwork.serve.inside import SKIPPED, is_text
from torchwork.serve.views import DataFolder

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"})
TABLES = frozenset({".csv", ".tsv"})
ARRAYS = frozenset({".npy", ".npz"})
SPLITS = ("train", "training", "val", "valid", "validation", "test")
"""Folders that are splits, as the source ImageFolder knows them."""
TARGETS = ("target", "label", "class", "y", "species", "outcome")
"""Columns that are likely what is to be predicted; else the last one."""
DELIMITERS = ",;\t|"
DEPTH, SECONDS, FOLDERS, COUNTED = 5, 0.5, 2000, 20_000
"""How far, how long and among how many folders is looked, and how many pictures are counted."""
CLASSES = 12
"""Names of classes that are told."""
MASKS = (
    ("train", "trainannot"), ("images/train", "masks/train"), ("images/train", "annotations/train"),
    ("train/images", "train/masks"), ("images", "masks"), ("images", "annotations"),
    ("JPEGImages", "SegmentationClass"),
)  # fmt: skip
"""Folders of pictures and of their masks, as the source MaskFolder finds them by itself."""


def found(root: Path) -> list[DataFolder]:
    """Data below `root`, the nearest first; what is hidden or a run is passed over, links are not followed."""
    end, waiting, seen = time.monotonic() + SECONDS, deque([(root, 0)]), 0
    kept: list[DataFolder] = []
    while waiting and seen < FOLDERS and time.monotonic() < end:
        place, depth = waiting.popleft()
        seen += 1
        entries = _entries(place)
        if any(entry.name == "run.json" for entry in entries):
            continue
        pictures = pictures_in(root, place, end)
        if pictures is not None:
            kept.append(pictures)
            continue
        kept += [told for entry in entries if (told := file_in(root, Path(entry.path)))]
        if depth < DEPTH:
            waiting += [(Path(entry.path), depth + 1) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return kept


def pictures_in(root: Path, place: Path, end: float = float("inf")) -> DataFolder | None:
    """A folder with a folder of pictures for each class, perhaps below folders of splits; None where it is none."""
    if place != root and (masked := masks_in(root, place)):
        return masked
    folders = _folders(place)
    splits = [name for name in folders if name.lower() in SPLITS]
    top = place / _training(splits) if splits else place
    classes = _folders(top) if splits else folders
    if place == root or len(classes) < 2 or not all(_has_picture(top / name) for name in classes[:CLASSES]):
        return None
    path = place.relative_to(root).as_posix()
    count = more = 0
    for name in classes:
        count += sum(1 for _ in _pictures(top / name, COUNTED - count))
        more |= count >= COUNTED or time.monotonic() > end
        if more:
            break
    return DataFolder(
        path=path,
        kind="pictures",
        source={"ImageFolder": {"root": path}},
        splits=splits,
        classes=classes[:CLASSES],
        files=count,
        more=bool(more),
    )


def masks_in(root: Path, place: Path) -> DataFolder | None:
    """A folder of pictures beside one of masks with the same names; None where it is none."""
    for pictures, masks in MASKS:
        if not all((place / folder).resolve().is_relative_to(root.resolve()) for folder in (pictures, masks)):
            continue  # a link that leads out
        first = next(_pictures(place / pictures, 1), None)
        if first is None or not any((place / masks / first).with_suffix(kind).is_file() for kind in (".png", ".gif")):
            continue
        path = place.relative_to(root).as_posix()
        count = sum(1 for _ in _pictures(place / pictures, COUNTED))
        return DataFolder(
            path=path, kind="masks", source={"MaskFolder": {"root": path}}, files=count, more=count >= COUNTED
        )
    return None


def file_in(root: Path, file: Path) -> DataFolder | None:
    """A file of numbers that a source reads alone; None where it is none."""
    path, ending = file.relative_to(root).as_posix(), file.suffix.lower()
    if ending == ".npz":
        return DataFolder(path=path, kind="arrays", source={"Arrays": {"path": path}})
    if ending == ".npy" and file.stem == "x":
        both = {"x": path, **({"y": beside} if (beside := path[:-5] + "y.npy") and (root / beside).is_file() else {})}
        return DataFolder(path=path, kind="arrays", source={"Arrays": both}, files=len(both))
    if ending in TABLES and (columns := columns_of(file)):
        target = next((name for name in columns if name.lower() in TARGETS), columns[-1])
        return DataFolder(path=path, kind="table", source={"Table": {"path": path, "target": target}})
    return None


def files_below(root: Path, place: Path) -> list[DataFolder]:
    """The files of numbers in a folder and below it, the nearest first."""
    files = sorted(place.rglob("*"), key=lambda file: (len(file.parts), file.name))
    return [told for file in files if file.is_file() and (told := file_in(root, file))]


def columns_of(file: Path) -> list[str]:
    """The names in the first line of a table; empty where it has fewer than two."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            head = lines.readline(100_000)
    except (OSError, UnicodeDecodeError):
        return []
    row = next(csv.reader([head], delimiter=max(DELIMITERS, key=head.count)), [])
    columns = [name.strip() for name in row]
    return columns if len(columns) > 1 and all(columns) else []


def _training(splits: list[str]) -> str:
    return min(splits, key=lambda name: SPLITS.index(name.lower()))


def _entries(place: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder and is shown, in order of names."""
    try:
        with os.scandir(place) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".") and is_text(entry.name)]
    except OSError:
        return []
    return sorted((entry for entry in shown if entry.name not in SKIPPED), key=lambda entry: entry.name)


def _folders(place: Path) -> list[str]:
    return [entry.name for entry in _entries(place) if entry.is_dir(follow_symlinks=False)]


def _has_picture(place: Path) -> bool:
    return next(_pictures(place, 1), None) is not None


def _pictures(place: Path, most: int) -> Iterator[str]:
    """Names of pictures in a folder, at most so many."""
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if most <= 0:
                    return
                if Path(entry.name).suffix.lower() in PICTURES and not entry.name.startswith("."):
                    most -= 1
                    yield entry.name
    except OSError:
        return
