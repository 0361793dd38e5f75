"""Outlines of shapes and glyphs as signed distances: negative inside, in units in which a shape reaches from -1 to 1.

y points down, as in a picture. Only exact arithmetic and square roots, so that every machine gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

Points = Sequence[tuple[float, float]]
Outline = Callable[[np.ndarray, np.ndarray], np.ndarray]


def circle(x: np.ndarray, y: np.ndarray, radius: float = 0.9, left: float = 0.0) -> np.ndarray:
    """Distance to a circle around (left, 0)."""
    found: np.ndarray = np.sqrt((x - left) ** 2 + y**2) - radius
    return found


def ring(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A circle with a hole."""
    found: np.ndarray = np.abs(circle(x, y, 0.72)) - 0.22
    return found


def moon(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A circle without another one that covers its right side."""
    found: np.ndarray = np.maximum(circle(x, y, 0.92), -circle(x, y, 0.74, 0.42))
    return found


def segment(x: np.ndarray, y: np.ndarray, begin: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Distance to the line from begin to end, squared."""
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    along = np.clip(((x - begin[0]) * dx + (y - begin[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    found: np.ndarray = (x - begin[0] - along * dx) ** 2 + (y - begin[1] - along * dy) ** 2
    return found


def polygon(x: np.ndarray, y: np.ndarray, points: Points = ()) -> np.ndarray:
    """Distance to a polygon's edge; inside by the even-odd rule."""
    nearest = np.full(x.shape, np.inf)
    inside = np.zeros(x.shape, bool)
    for begin, end in zip(points, [*points[1:], points[0]], strict=True):
        nearest = np.minimum(nearest, segment(x, y, begin, end))
        if begin[1] != end[1]:
            crosses = (y < begin[1]) != (y < end[1])
            edge = begin[0] + (y - begin[1]) * (end[0] - begin[0]) / (end[1] - begin[1])
            inside ^= crosses & (x < edge)
    found: np.ndarray = np.where(inside, -1.0, 1.0) * np.sqrt(nearest)
    return found


def strokes(x: np.ndarray, y: np.ndarray, lines: Sequence[Points] = (), width: float = 0.17) -> np.ndarray:
    """Distance to the edge of lines drawn with a round pen."""
    pieces = [(begin, end) for line in lines for begin, end in pairwise(line)]
    nearest = np.minimum.reduce([segment(x, y, *piece) for piece in pieces])
    found: np.ndarray = np.sqrt(nearest) - width
    return found


SQUARE = ((-0.75, -0.75), (0.75, -0.75), (0.75, 0.75), (-0.75, 0.75))
TRIANGLE = ((0.0, -0.95), (0.9, 0.7), (-0.9, 0.7))
STAR = (
    (0.0, -1.0), (0.26, -0.36), (0.95, -0.31), (0.42, 0.14), (0.59, 0.81),
    (0.0, 0.44), (-0.59, 0.81), (-0.42, 0.14), (-0.95, -0.31), (-0.26, -0.36),
)  # fmt: skip
CROSS = (
    (-0.3, -0.9), (0.3, -0.9), (0.3, -0.3), (0.9, -0.3), (0.9, 0.3), (0.3, 0.3),
    (0.3, 0.9), (-0.3, 0.9), (-0.3, 0.3), (-0.9, 0.3), (-0.9, -0.3), (-0.3, -0.3),
)  # fmt: skip
HEART = (
    (0.0, -0.42), (0.13, -0.67), (0.34, -0.82), (0.6, -0.82), (0.82, -0.66), (0.92, -0.4),
    (0.88, -0.1), (0.7, 0.2), (0.4, 0.52), (0.0, 0.9), (-0.4, 0.52), (-0.7, 0.2),
    (-0.88, -0.1), (-0.92, -0.4), (-0.82, -0.66), (-0.6, -0.82), (-0.34, -0.82), (-0.13, -0.67),
)  # fmt: skip
ARROW = ((0.0, -0.95), (0.8, -0.1), (0.32, -0.1), (0.32, 0.9), (-0.32, 0.9), (-0.32, -0.1), (-0.8, -0.1))
LETTER_A = (((-0.65, 0.82), (0.0, -0.82), (0.65, 0.82)), ((-0.4, 0.28), (0.4, 0.28)))
LETTER_E = (((0.6, -0.8), (-0.5, -0.8), (-0.5, 0.8), (0.6, 0.8)), ((-0.5, 0.0), (0.42, 0.0)))
LETTER_S = (
    (
        (0.58, -0.58), (0.36, -0.78), (0.0, -0.84), (-0.38, -0.76), (-0.57, -0.5), (-0.46, -0.2),
        (-0.1, -0.04), (0.32, 0.1), (0.57, 0.36), (0.48, 0.66), (0.12, 0.83), (-0.3, 0.8),
        (-0.6, 0.58),
    ),
)  # fmt: skip

OUTLINES: dict[str, Outline] = {
    "circle": circle,
    "ring": ring,
    "square": partial(polygon, points=SQUARE),
    "triangle": partial(polygon, points=TRIANGLE),
    "star": partial(polygon, points=STAR),
    "cross": partial(polygon, points=CROSS),
    "heart": partial(polygon, points=HEART),
    "moon": moon,
    "arrow": partial(polygon, points=ARROW),
    "A": partial(strokes, lines=LETTER_A),
    "E": partial(strokes, lines=LETTER_E),
    "S": partial(strokes, lines=LETTER_S),
}
DEFAULT = ("circle", "ring", "square", "triangle", "star", "heart", "moon", "arrow", "A", "S")
