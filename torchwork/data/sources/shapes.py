"""Shapes: pictures rendered from a seed, so that there is always something to learn from, without a file or a download.

Every picture is a function of (seed, split, number). Its random numbers are a hash of these, and only additions,
multiplications, divisions and square roots are used, which give the same bits on every machine; so the pictures do not
change with versions of numpy or torch. Shapes: n pictures, s pixels a side, k objects, p points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import torch

from torchwork.data.attached import Attached, with_box, with_mask
from torchwork.data.samples import Held, Source, digest
from torchwork.data.sources import outlines
from torchwork.errors import DataError, nearest

CHUNK = 2**18
"""pixels that are drawn at once: with more, their numbers leave the processor's cache, and take three times as long"""
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SPLITS = {"train": 0, "valid": 1, "test": 2}
OBJECT_DRAWS = 16
GROUND_DRAWS = 24
LATTICE = 1000
"""where the random numbers of the ground's lattice begin"""


ATTACHED = {"masks": Attached("mask"), "labels": Attached("labels"), "boxes": Attached("box")}
"""what pictures carry, by task"""


@dataclass(frozen=True)
class Scenes:
    """Rendered pictures and what is on them."""

    pictures: np.ndarray
    """uint8 [n, 3, s, s]"""
    classes: np.ndarray
    """int64 [n, k]"""
    masks: np.ndarray
    """uint8 [n, s, s]: 0 for ground, else 1 + class"""
    boxes: np.ndarray
    """float32 [n, k, 4]: x1, y1, x2, y2 in pixels"""


class Shapes(Source):
    """Rendered shapes and glyphs on textured ground: nothing to download, the same on every machine.

    Args:
        size (int): pixels a side
        train (int): number of training pictures
        valid (int): number of validation pictures
        test (int): number of test pictures
        classes (list of str, optional): of circle, ring, square, triangle, star, cross, heart, moon, arrow, A, E, S
        task (str): classification; masks: where the shape is, 0 or 1 for each pixel, as values to predict; labels: the
            class of each pixel, the ground first; boxes: x1, y1, x2, y2 around the shape in pixels, as values
        seed (int): another seed, other pictures
    """

    def __init__(
        self,
        size: int = 32,
        train: int = 4000,
        valid: int = 1000,
        test: int = 1000,
        classes: list[str] | None = None,
        task: Literal["classification", "masks", "labels", "boxes"] = "classification",
        seed: int = 0,
    ) -> None:
        names = list(outlines.DEFAULT) if classes is None else list(classes)
        for name in names:
            if name not in outlines.OUTLINES:
                hint = nearest(name, outlines.OUTLINES) or f"there are {', '.join(outlines.OUTLINES)}"
                raise DataError(f"data.source.Shapes.classes: expected names of shapes, got {name!r}; {hint}")
        if len(names) < 2 or not 8 <= size <= 512 or min(train, valid, test) < 1:
            raise DataError(
                "data.source.Shapes: expected at least 2 classes, a size from 8 to 512 and at least 1 picture a "
                "split, "
                f"got {len(names)} classes, size {size} and {train}, {valid}, {test} pictures"
            )
        self.size, self.seed, self.task, self.names = size, seed, task, names
        counts = {"train": train, "valid": valid, "test": test}
        splits = {name: partial(self._held, name, count) for name, count in counts.items()}
        learnt = {"classification": names, "labels": ["ground", *names]}.get(task)
        super().__init__(splits, learnt, encoding={"mode": "RGB"}, attached=ATTACHED.get(task))

    def _held(self, split: str, count: int) -> Held:
        scenes = self.render(split, np.arange(count))
        key = digest("Shapes 1", split, count, self.size, self.names, self.seed)
        pictures = torch.from_numpy(scenes.pictures)
        if self.task == "classification":
            return Held(pictures, torch.from_numpy(scenes.classes[:, 0]), key)
        if self.task == "boxes":
            return Held(with_box(pictures, torch.from_numpy(scenes.boxes[:, 0])), None, digest(key, self.task))
        masks = torch.from_numpy(scenes.masks if self.task == "labels" else scenes.masks > 0)[:, None]
        return Held(with_mask(pictures, masks), None, digest(key, self.task))

    def render(self, split: str, numbers: np.ndarray, objects: int = 1) -> Scenes:
        """The pictures with these numbers, each with so many objects."""
        seed, several = self.seed * 3 + SPLITS[split], max(1, CHUNK // self.size**2)
        parts = [
            render(self.names, self.size, seed, numbers[begin : begin + several], objects)
            for begin in range(0, len(numbers), several)
        ]
        fields = ("pictures", "classes", "masks", "boxes")
        return Scenes(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def uniform(seed: int, numbers: np.ndarray, draws: np.ndarray | int) -> np.ndarray:
    """Numbers in [0, 1), float64, a hash (SplitMix64's finalizer, Steele et al. 2014) of seed, picture and draw.

    `numbers` and `draws` broadcast against each other.
    """
    with np.errstate(over="ignore"):
        begin = np.uint64(seed) * np.uint64(0xD1342543DE82EF95)
        state = begin + numbers.astype(np.uint64) * np.uint64(0x2545F4914F6CDD1D)
        state = state + (np.asarray(draws, dtype=np.uint64) + np.uint64(1)) * GOLDEN
        for _ in range(2):  # once leaves neighbours alike
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    found: np.ndarray = (state >> np.uint64(11)).astype(np.float64) / 2**53
    return found


def render(classes: list[str], size: int, seed: int, numbers: np.ndarray, objects: int) -> Scenes:
    """Ground first, then each object over what is there, its edge one pixel soft."""
    draw = partial(uniform, seed, numbers[:, None])
    ground, light = _ground(seed, size, numbers)
    pictures, masks = ground, np.zeros((len(numbers), size, size), np.uint8)
    labels = np.zeros((len(numbers), objects), np.int64)
    boxes = np.zeros((len(numbers), objects, 4), np.float32)
    for k in range(objects):
        draws = draw(GROUND_DRAWS + OBJECT_DRAWS * k + np.arange(OBJECT_DRAWS))
        # Balanced by number, shuffled by the draw of the block of classes the picture lies in.
        drawn = (draws[:, 0] * len(classes)).astype(np.int64)
        labels[:, k] = drawn if k else _label(seed, numbers, len(classes))
        distance, across = _distance(classes, labels[:, k], size, draws, objects)
        cover = np.clip(0.5 - distance, 0, 1)[:, None]
        pictures = pictures * (1 - cover) + _paint(draws, distance, across, light) * cover
        masks = np.where(distance < 0, (labels[:, k] + 1)[:, None, None], masks).astype(np.uint8)
        boxes[:, k] = _boxes(distance < 0)
    pixels = np.clip(pictures * 255 + _grain(seed, size, numbers), 0, 255).astype(np.uint8)
    return Scenes(pixels, labels, masks, boxes)


def _label(seed: int, numbers: np.ndarray, classes: int) -> np.ndarray:
    """Each run of `classes` pictures holds every class once, in an order of its own."""
    block, place = numbers // classes, numbers % classes
    draws = uniform(seed, block[:, None], 9_000_000 + np.arange(classes))
    order = np.argsort(draws, axis=1, kind="stable")
    return np.take_along_axis(order, place[:, None], axis=1)[:, 0]


def _grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the pixels' middles from -1 to 1, [s, s] each."""
    line = (np.arange(size) + 0.5) * 2 / size - 1
    return line[None, :], line[:, None]


def _ground(seed: int, size: int, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two colours near to each other, mixed by cloudy noise, stripes or both: [n, 3, s, s], and their mean [n, 3]."""
    draws = uniform(seed, numbers[:, None], np.arange(GROUND_DRAWS))
    low = 0.15 + 0.7 * draws[:, 0:3]
    high = np.clip(low + (draws[:, 3:6] - 0.5) * 0.5, 0.02, 0.98)
    x, y = _grid(size)
    along, across = draws[:, 6, None, None] * 2 - 1, draws[:, 7, None, None] * 2 - 1
    wave = (x * along + y * across) * (3 + 6 * draws[:, 8, None, None])
    stripes = np.abs(wave - np.floor(wave) - 0.5) * 2
    share = draws[:, 9, None, None] * (draws[:, 10, None, None] < 0.6)
    amount = _clouds(seed, size, numbers) * (1 - share) + stripes * share
    colours = low[:, :, None, None] + (high - low)[:, :, None, None] * amount[:, None]
    return colours, (low + high) / 2


def _clouds(seed: int, size: int, numbers: np.ndarray) -> np.ndarray:
    """Value noise in two octaves, 0 to 1, [n, s, s]."""
    total, begin = np.zeros((len(numbers), size, size)), LATTICE
    for cells, weight in ((3, 0.65), (8, 0.35)):
        corners = uniform(seed, numbers[:, None], begin + np.arange((cells + 1) ** 2))
        corners = corners.reshape(-1, cells + 1, cells + 1)
        begin += (cells + 1) ** 2
        place = (np.arange(size) + 0.5) * cells / size
        whole = place.astype(np.int64)
        part = place - whole
        part = part * part * (3 - 2 * part)
        rows = corners[:, whole] * (1 - part)[:, None] + corners[:, whole + 1] * part[:, None]
        total += weight * (rows[:, :, whole] * (1 - part) + rows[:, :, whole + 1] * part)
    return total


def _grain(seed: int, size: int, numbers: np.ndarray) -> np.ndarray:
    """Sensor noise: [n, 1, s, s], up to 6 steps of 255 either way."""
    bits = uniform(seed, numbers[:, None], 100_000 + np.arange(size * size))
    return (bits.reshape(-1, 1, size, size) - 0.5) * 12


def _distance(
    classes: list[str], labels: np.ndarray, size: int, draws: np.ndarray, objects: int
) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the object's edge in pixels, negative inside, and the height within the object, [n, s, s] each."""
    radius = (0.38 + 0.3 * draws[:, 1]) / (1 + 0.25 * (objects - 1))
    room = 0.92 - radius
    left, top = (draws[:, 2] * 2 - 1) * room, (draws[:, 3] * 2 - 1) * room
    # Tangent of half the angle, about 28 degrees either way: cosine and sine without libm.
    half = (draws[:, 4] - 0.5) * 0.5
    cosine, sine = (1 - half * half) / (1 + half * half), 2 * half / (1 + half * half)
    squeeze = 0.85 + 0.3 * draws[:, 5]
    x, y = _grid(size)
    dx, dy = x - left[:, None, None], y - top[:, None, None]
    u = (dx * cosine[:, None, None] + dy * sine[:, None, None]) / (radius * squeeze)[:, None, None]
    v = (dy * cosine[:, None, None] - dx * sine[:, None, None]) / radius[:, None, None]
    distance = np.empty_like(u)
    for label, name in enumerate(classes):
        chosen = labels == label
        if chosen.any():
            distance[chosen] = outlines.OUTLINES[name](u[chosen], v[chosen])
    return distance * (radius * size / 2)[:, None, None], v


def _paint(draws: np.ndarray, distance: np.ndarray, height: np.ndarray, light: np.ndarray) -> np.ndarray:
    """An object's colours [n, 3, s, s]: far from the ground's, lighter above, with a darker rim."""
    colour = draws[:, 6:9] * 0.9 + 0.05
    away = np.where(light > 0.5, -1.0, 1.0) * (0.25 + 0.25 * draws[:, 9:12])
    near = np.abs(colour - light).max(axis=1, keepdims=True) < 0.3
    colour = np.clip(np.where(near, light + away, colour), 0.03, 0.97)[:, :, None, None]
    shade = 1 - 0.18 * np.clip(height, -1, 1)[:, None]
    rim = np.where(distance > -1.2, 0.72, 1.0)[:, None]
    found: np.ndarray = np.clip(colour * shade * rim, 0, 1)
    return found


def _boxes(inside: np.ndarray) -> np.ndarray:
    """x1, y1, x2, y2 around what is inside, float32 [n, 4]."""
    lines: list[np.ndarray] = [np.any(inside, axis=axis) for axis in (1, 2)]  # columns, rows
    first = [line.argmax(axis=1) for line in lines]
    last = [line.shape[1] - line[:, ::-1].argmax(axis=1) for line in lines]
    return np.stack([*first, *last], axis=1).astype(np.float32)
