"""What was found of layers before: resolving an edited model again looks only at what the edit touches."""

from __future__ import annotations

from typing import NamedTuple

from torchwork.graph.item import Layer
from torchwork.graph.summary import Row

MOST = 20_000
"""calls that are kept, some 30 MB"""
Key = tuple[object, ...]
"""All that a call depends on: where it stands, its entry, its arguments, the names in scope, its inputs."""


class Known(NamedTuple):
    """A layer with nothing wrong, and the row of its first call; neither is changed any more."""

    layer: Layer
    row: Row


_known: dict[Key, Known] = {}


def find(key: Key) -> Known | None:
    """What is known of a call."""
    return _known.get(key)


def keep(key: Key, layer: Layer, row: Row) -> None:
    """Keeps a call; when there are too many, all are forgotten."""
    if len(_known) >= MOST:
        _known.clear()
    _known[key] = Known(layer, row)
