"""What a sample is: everything that a model and its checks must know of the data, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Spec:
    """What a sample is, without the batch dimension."""

    inputs: list[list[int]]
    """the shape of each input, such as [[3, 32, 32]]"""
    dtype: str = "float32"
    target: str = "none"
    """`class` (int64), `value` (float32) or `none`"""
    target_shape: list[int] = field(default_factory=list)
    classes: list[str] | None = None
    symbols: dict[str, int] = field(default_factory=dict)
    """what expressions in the document may name: classes, channels, height, width, features, targets"""
    samples: dict[str, int] = field(default_factory=dict)
    """by split: train, valid, test"""
    class_counts: dict[str, list[int]] = field(default_factory=dict)
    """by split, in the order of `classes`"""
    kind: str = "picture"
    """`picture`, `table` or `array`"""
    encoding: dict[str, Any] = field(default_factory=dict)
    """how an unseen input is read: a picture's `mode`, a table's columns"""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Spec:
        """From `as_dict`; keys of later versions are passed over."""
        known = {item.name for item in fields(cls)}
        return cls(**{key: item for key, item in value.items() if key in known})


SYMBOLS = ("classes", "targets", "channels", "height", "width", "length", "features")
"""Every name that data may define for expressions; which of them depends on what a sample is."""


def symbols_of(inputs: list[list[int]], classes: list[str] | None, target_shape: list[int]) -> dict[str, int]:
    """The names that expressions may use: those of the first input, and what only a later one defines."""
    found: dict[str, int] = {}
    for shape in inputs:
        found = symbols(shape, classes, target_shape) | found
    return found


def symbols(shape: list[int], classes: list[str] | None, target_shape: list[int]) -> dict[str, int]:
    """The names that expressions may use for this shape of input and this kind of target."""
    found = {"classes": len(classes)} if classes else {"targets": target_shape[0] if target_shape else 1}
    if len(shape) == 3:
        return found | dict(zip(("channels", "height", "width"), shape, strict=True))
    if len(shape) == 2:
        return found | {"channels": shape[0], "length": shape[1]}
    return found | ({"features": shape[0]} if len(shape) == 1 else {})
