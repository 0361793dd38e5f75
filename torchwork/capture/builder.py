"""What functions are written with: a builder of nodes, and tensors that are as large as others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch

from torchwork.capture.recording import Numbers
from torchwork.capture.shapes import Sizes


class Builder(Protocol):
    """What writes nodes: each operation becomes one, and is known by its name."""

    def emit(self, name: str, args: Mapping[str, Any], sources: Sequence[str]) -> str: ...

    def layer(self, name: str, args: Mapping[str, Any], sources: Sequence[str]) -> str: ...

    def text(self, ref: Any) -> str: ...

    def sizes(self, ref: Any) -> Sizes: ...

    def dtype(self, ref: Any) -> torch.dtype: ...

    def sized(self, size: tuple[int, int]) -> tuple[str, int, int]: ...

    def constant(self, numbers: Numbers, name: str) -> str: ...

    def freeze(self, words: str) -> None: ...

    @property
    def training(self) -> bool: ...


Given = Sequence[Any]
Handler = Callable[[Builder, Given, Mapping[str, Any], Sizes, torch.dtype], str]


def line(b: Builder, size: tuple[int, int]) -> str:
    """A tensor of one dimension that has this size at both sizes of the input."""
    source, dimension, dimensions = b.sized(size)
    for place in reversed([place for place in range(dimensions) if place != dimension]):
        source = b.emit("select", {"dim": place, "index": 0}, [source])
    return source


def row(b: Builder, wanted: Sizes, varying: int) -> str:
    """A tensor of the wanted sizes, of which those that do not vary are expanded."""
    shape = [-1 if place == varying else 1 for place in range(len(wanted))]
    found = line(b, wanted[varying])
    found = found if len(wanted) == 1 else b.emit("reshape", {"shape": shape}, [found])
    size = [-1 if place == varying else a if a == other else 1 for place, (a, other) in enumerate(wanted)]
    return found if size == shape else b.emit("broadcast_to", {"size": size}, [found])
