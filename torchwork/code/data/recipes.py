"""Functions that scripts are made of. None is called by torchwork's runs: `borrow` prints them into scripts.

They stand here as code, not as text, so that they are typed, linted and can be called. Lines have at most 100 columns.
"""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from torchwork.data.attached import with_box, with_mask
from torchwork.data.pictures import EXTENSIONS, from_pil
from torchwork.data.randomness import as_seed, borrowed, seed_all
from torchwork.data.samples import as_input
from torchwork.data.sources.folder import natural
from torchwork.data.sources.plain_pickle import read_plain_pickle
from torchwork.data.sources.shapes import Scenes, render
from torchwork.data.sources.table import MISSING

# Randomness


def generator(seed: int, epoch: int, purpose: str) -> torch.Generator:
    """Random numbers for one purpose of one epoch, whatever was drawn before."""
    digest = hashlib.sha256(f"{seed}/{epoch}/{purpose}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big"))


# Sources


@functools.cache
def read_idx(path: Path) -> Tensor:
    """The bytes of an idx file, gzipped or not, in the shape that its header gives."""
    with path.open("rb") if path.exists() else gzip.open(f"{path}.gz") as file:
        content = bytearray(file.read())
    shape = [int.from_bytes(content[4 * i : 4 * i + 4]) for i in range(1, 1 + content[3])]
    return torch.frombuffer(content, dtype=torch.uint8, offset=4 + 4 * len(shape)).view(shape)


def read_pictures(prefix: Path, dash: str = "-") -> tuple[Tensor, Tensor]:
    """Pictures [n, 1, h, w] and labels [n] of the two idx files whose names begin so."""
    images = read_idx(Path(f"{prefix}-images{dash}idx3-ubyte"))
    labels = read_idx(Path(f"{prefix}-labels{dash}idx1-ubyte"))
    return images[:, None], labels.long()


def read_records(files: Iterable[Path], label_bytes: int) -> tuple[Tensor, Tensor]:
    """Pictures [n, 3, 32, 32] and labels [n] of files of CIFAR: label bytes, then pixels."""
    content = b"".join(file.read_bytes() for file in files)
    records = torch.frombuffer(bytearray(content), dtype=torch.uint8).view(-1, label_bytes + 3072)
    pictures = records[:, label_bytes:].reshape(-1, 3, 32, 32).contiguous()
    return pictures, records[:, label_bytes - 1].long()


def read_python(files: Iterable[Path], labels: str) -> tuple[Tensor, Tensor]:
    """Pictures [n, 3, 32, 32] and labels [n] of pickled files of CIFAR, none of which is run."""
    contents = [read_plain_pickle(file) for file in files]
    pictures = np.concatenate([content["data"] for content in contents]).reshape(-1, 3, 32, 32)
    return torch.from_numpy(pictures), torch.tensor([n for item in contents for n in item[labels]])


def list_pictures(root: Path, folder: str, classes: Sequence[str]) -> tuple[list[str], Tensor]:
    """The pictures in root/folder/CLASS, as paths below the root, and their labels [n]."""
    files: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        below = (root / folder / name).rglob("*")
        found = [path.relative_to(root).as_posix() for path in below if is_picture(path)]
        found = [file for file in found if "/." not in f"/{file}"]
        files += sorted(found, key=lambda file: (natural(file), file))
        labels += [label] * len(found)
    return files, torch.tensor(labels)


def is_picture(path: Path) -> bool:
    """Whether a file is a picture by its ending."""
    return path.suffix.lower() in EXTENSIONS and path.is_file()


def read_colour(path: Path) -> Tensor:
    """A picture as uint8 [3, h, w], turned as its EXIF data say."""
    with Image.open(path) as image:
        pixels = np.array(ImageOps.exif_transpose(image).convert("RGB"))
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())


def read_grey(path: Path) -> Tensor:
    """A picture as uint8 [1, h, w], turned as its EXIF data say."""
    with Image.open(path) as image:
        pixels = np.array(ImageOps.exif_transpose(image).convert("L"))
    return torch.from_numpy(pixels[None])


def read_picture(path: Path, mode: str) -> Tensor:
    """A picture in whatever mode it was stored as uint8 [c, h, w] of mode "RGB" or "L"."""
    with Image.open(path) as image:
        return from_pil(image, mode)


def draw(classes: list[str], size: int, seed: int, count: int) -> list[Scenes]:
    """Rendered pictures and what is on them, some at a time."""
    numbers = np.array_split(np.arange(count), range(512, count, 512))
    return [render(classes, size, seed, part, 1) for part in numbers]


def drawn_shapes(classes: list[str], size: int, seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Rendered pictures [count, 3, size, size] and the class of what is on them."""
    scenes = draw(classes, size, seed, count)
    pictures = np.concatenate([scene.pictures for scene in scenes])
    labels = np.concatenate([scene.classes[:, 0] for scene in scenes])
    return torch.from_numpy(pictures), torch.from_numpy(labels)


def drawn_masks(classes: list[str], size: int, seed: int, count: int) -> tuple[Tensor, None]:
    """Rendered pictures [count, 4, size, size]; the last channel is 1 where the shape is, else 0."""
    scenes = draw(classes, size, seed, count)
    pictures = np.concatenate([scene.pictures for scene in scenes])
    masks = np.concatenate([scene.masks for scene in scenes]) > 0
    return with_mask(torch.from_numpy(pictures), torch.from_numpy(masks)[:, None]), None


def drawn_labels(classes: list[str], size: int, seed: int, count: int) -> tuple[Tensor, None]:
    """Rendered pictures [count, 4, size, size]; the last channel is the class of each pixel."""
    scenes = draw(classes, size, seed, count)
    pictures = np.concatenate([scene.pictures for scene in scenes])
    masks = np.concatenate([scene.masks for scene in scenes])
    return with_mask(torch.from_numpy(pictures), torch.from_numpy(masks)[:, None]), None


def drawn_boxes(classes: list[str], size: int, seed: int, count: int) -> tuple[Tensor, None]:
    """Rendered pictures [count, 4, size, size]; the last channel holds the box around the shape."""
    scenes = draw(classes, size, seed, count)
    pictures = np.concatenate([scene.pictures for scene in scenes])
    boxes = np.concatenate([scene.boxes[:, 0] for scene in scenes])
    return with_box(torch.from_numpy(pictures), torch.from_numpy(boxes)), None


def read_table(path: Path, delimiter: str, needed: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a .csv file by column, without those that have no value where one is needed."""
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter) if row]
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return [row for row in found if all(row[name].lower() not in MISSING for name in needed)]


def number(cell: str) -> float:
    """A cell as a number, NaN where it is missing."""
    return math.nan if cell.lower() in MISSING else float(cell)


def one_hot_row(row: Mapping[str, str], columns: Mapping[str, Sequence[str] | None]) -> list[float]:
    """A row's features: numbers as they are, text as one number for each of its values."""
    features: list[float] = []
    for name, values in columns.items():
        cell = row[name]
        features += [number(cell)] if values is None else [float(cell == value) for value in values]
    return features


def coded_row(row: Mapping[str, str], columns: Mapping[str, Sequence[str] | None]) -> list[float]:
    """A row's features: numbers as they are, text as the place of its value from 1, else 0."""
    features: list[float] = []
    for name, values in columns.items():
        cell, known = row[name], values or ()
        code = known.index(cell) + 1 if cell in known else 0
        features.append(number(cell) if values is None else float(code))
    return features


def list_items(dataset: Any) -> list[tuple[Any, int]]:
    """Every item of a data set, to be read later."""
    return [(dataset, number) for number in range(len(dataset))]


def read_item(item: tuple[Any, int], mode: str) -> Tensor:
    """The input of an item of a data set: pictures as uint8 [c, h, w], others as float32."""
    dataset, number = item
    return as_input(dataset[number][0], mode)


# Splits


def held_out(targets: Tensor, share: float, drawing: torch.Generator) -> list[int]:
    """The same share of the samples of each class, by their numbers."""
    shuffled, picked = torch.randperm(len(targets), generator=drawing), []
    for label in set(targets.tolist()):
        members = shuffled[targets[shuffled] == label].tolist()
        picked += members[: min(max(1, round(share * len(members))), len(members) - 1)]
    return sorted(picked)


def share_of(samples: int, share: float, drawing: torch.Generator) -> list[int]:
    """A share of the samples, by their numbers."""
    return sorted(torch.randperm(samples, generator=drawing)[: round(share * samples)].tolist())


def listed(path: Path, names: Sequence[str]) -> list[int]:
    """The samples that a text file names, or numbers, one a line."""
    numbers = {name.partition("/")[2]: i for i, name in enumerate(names)}
    numbers |= {name: i for i, name in enumerate(names)}
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    return sorted({numbers[line] if line in numbers else int(line) for line in lines if line})


def remaining(samples: int, *taken: Sequence[int]) -> list[int]:
    """The numbers of the samples that are not taken."""
    used = {number for numbers in taken for number in numbers}
    return [number for number in range(samples) if number not in used]


def take(samples: tuple[Any, Any], numbers: Sequence[int]) -> tuple[Any, Any]:
    """These samples only."""
    inputs, targets = samples
    some = inputs[numbers] if isinstance(inputs, Tensor) else [inputs[i] for i in numbers]
    return some, None if targets is None else targets[numbers]


def limited(samples: tuple[Any, Any], limit: int, drawing: torch.Generator) -> tuple[Any, Any]:
    """At most so many samples."""
    count = len(samples[0])
    drawn = torch.randperm(count, generator=drawing)[:limit].sort().values.tolist()
    return take(samples, drawn) if count > limit else samples


def sound(samples: tuple[list[str], Any], damaged: Iterable[str]) -> tuple[Any, Any]:
    """The samples without those that cannot be read."""
    return take(samples, [i for i, name in enumerate(samples[0]) if name not in damaged])


# Preparation


Change = Callable[[Any], Tensor]
Named = tuple[Sequence[Any], Any]


def prepared(samples: tuple[Tensor, Any], prepare: Change) -> tuple[Tensor, Any]:
    """Inputs after what is done to every one of them."""
    inputs, targets = samples
    return torch.stack([prepare(item) for item in inputs]), targets


def prepared_together(samples: tuple[Tensor, Any], prepare: Change) -> tuple[Tensor, Any]:
    """Inputs after what is done to every one of them, 256 at a time."""
    inputs, targets = samples
    return torch.stack([item for part in torch.split(inputs, 256) for item in prepare(part)]), targets


def read_all(samples: Named, read: Change, threads: int | None = None) -> tuple[list[Tensor], Any]:
    """Inputs read into memory, one by one, for their sizes differ."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(read, samples[0])), samples[1]


def read_together(samples: Named, read: Change, threads: int | None = None) -> tuple[Tensor, Any]:
    """Inputs read into memory, as one tensor."""
    with ThreadPoolExecutor(threads) as pool:
        return torch.stack(list(pool.map(read, samples[0]))), samples[1]


class Later:
    """Inputs that are read when they are asked for."""

    def __init__(self, names: Sequence[Any], read: Change) -> None:
        self.names, self.read = names, read

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Tensor:
        return self.read(self.names[index])


def read_later(samples: Named, read: Change) -> tuple[Later, Any]:
    """Inputs that stay where they are."""
    return Later(samples[0], read), samples[1]


def from_image(image: Any) -> Tensor:
    """A Pillow image as uint8 [c, h, w]."""
    return from_pil(image, "L" if image.mode == "L" else "RGB")


# Augmentation


def crop(batch: Tensor, rows: Tensor, height: int, width: int) -> Tensor:
    """A window of each picture; the two numbers of its row say where."""
    tops = (rows[:, 0] * (batch.shape[-2] - height + 1)).long().tolist()
    lefts = (rows[:, 1] * (batch.shape[-1] - width + 1)).long().tolist()
    places = zip(batch, tops, lefts, strict=True)
    return torch.stack([p[:, top : top + height, left : left + width] for p, top, left in places])


def sometimes(batch: Tensor, uniform: Tensor, p: float, change: Change) -> Tensor:
    """The batch with a change of those samples whose number is below p."""
    chosen = (uniform < p).nonzero()[:, 0].to(batch.device)
    if len(chosen):
        batch = batch.clone()
        batch[chosen] = change(batch[chosen])
    return batch


def each_sample(batch: Tensor, uniform: Tensor, change: Change) -> list[Tensor]:
    """The change of each sample, drawn with generators that its own number seeds."""
    with borrowed():
        return [_seeded(item, float(u), change) for item, u in zip(batch, uniform, strict=True)]


def _seeded(item: Tensor, uniform: float, change: Change) -> Tensor:
    seed_all(as_seed(uniform))
    return change(item)


def go_on(pictures: list[Tensor], rows: Tensor, change: Callable[..., Tensor]) -> Tensor:
    """A change of pictures as one batch, or of one after the other where their sizes differ."""
    if len({picture.shape for picture in pictures}) == 1:
        return change(torch.stack(pictures), rows)
    pairs = zip(pictures, rows, strict=True)
    return torch.stack([change(picture[None], row[None])[0] for picture, row in pairs])
