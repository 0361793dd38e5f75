"""Parts of a tensor by numbers, slices and lists as operations of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from torchwork.capture.builder import Builder, Given, line
from torchwork.capture.layers import UnsupportedError
from torchwork.capture.recording import Numbers, Own, Ref
from torchwork.capture.shapes import Sizes, Varying


def picked(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    if isinstance(args[1], Ref | Own):
        return _rows(b, args[0], args[1])
    items = list(args[1]) if isinstance(args[1], tuple) else [args[1]]
    given = b.sizes(args[0])
    taken = sum(1 for item in items if item is not None and item is not Ellipsis)
    if Ellipsis in [item for item in items if not isinstance(item, Ref | Own)]:
        at = next(place for place, item in enumerate(items) if item is Ellipsis)
        items[at : at + 1] = [slice(None)] * (len(given) - taken)
    source, dim, place = b.text(args[0]), 0, 0
    for item in items:
        if item is None:
            source = b.emit("unsqueeze", {"dim": dim}, [source])
        elif isinstance(item, int) and not isinstance(item, bool):
            source, dim, place = b.emit("select", {"dim": dim, "index": item}, [source]), dim - 1, place + 1
        elif _is_list(item) and sum(map(_is_list, items)) == 1:
            source, place = _listed(b, source, item, dim, given[place]), place + 1
        elif isinstance(item, slice):
            source, place = _slice(b, source, item, dim, given[place]), place + 1
        else:
            raise UnsupportedError("it picks elements of a tensor by another tensor or by a size")
        dim += 1
    return source


def _is_list(item: Any) -> bool:
    return isinstance(item, list) and all(type(each) is int for each in item)


def _listed(b: Builder, source: str, numbers: Sequence[int], dim: int, size: tuple[int, int]) -> str:
    """Elements by a list of their numbers."""
    if len(numbers) == 1:
        return b.emit("unsqueeze", {"dim": dim}, [b.emit("select", {"dim": dim, "index": numbers[0]}, [source])])
    if min(numbers) < 0 and size[0] != size[1]:
        raise UnsupportedError("it picks several elements from the end of a tensor")
    index = tuple(number % size[0] for number in numbers)
    return b.emit(
        "index_select", {"dim": dim}, [source, b.constant(Numbers((len(index),), torch.int64, index), "index")]
    )


def _rows(b: Builder, table: Any, index: Any) -> str:
    """The rows of a table that a tensor of whole numbers names."""
    dimensions = len(b.sizes(index))
    if b.dtype(index) != torch.int64 or (dimensions != 1 and len(b.sizes(table)) != 2):
        raise UnsupportedError("it picks elements of a tensor by another tensor")
    if dimensions == 1:
        return b.emit("index_select", {"dim": 0}, [b.text(table), b.text(index)])
    return b.emit("embedding", {}, [b.text(index), b.text(table)])


def _slice(b: Builder, source: str, item: slice, dim: int, size: tuple[int, int]) -> str:
    start, stop, step = item.start or 0, item.stop, 1 if item.step is None else item.step
    if isinstance(stop, Varying):
        stop = None if (stop.first, stop.second) == size else stop
    if isinstance(stop, Varying) and not start and step == 1 and min(stop.first, stop.second) > 0:
        return b.emit("index_select", {"dim": dim}, [source, counted(b, (stop.first, stop.second))])
    if isinstance(start, Varying) or isinstance(stop, Varying):
        raise UnsupportedError("it cuts a tensor at a size of the input")
    if stop is not None and size[0] == size[1] and stop >= size[0]:
        stop = None
    if step != 1:
        return _strided(b, source, start, stop, step, dim, size)
    if stop is None and not start:
        return source
    indices = [start] if stop is None else [stop] if not start else [start, stop]
    return b.emit("tensor_split", {"indices": indices, "dim": dim}, [source]) + ("[1]" if start else "[0]")


def _strided(b: Builder, source: str, start: int, stop: Any, step: int, dim: int, size: tuple[int, int]) -> str:
    """Every second element as one column of pairs."""
    if stop is not None or not 0 <= start < step or size[0] % step or size[1] % step:
        raise UnsupportedError("it takes every nth element of a size that n does not divide")
    rows = b.emit("unflatten", {"dim": dim, "sizes": [-1, step]}, [source])
    return b.emit("select", {"dim": dim + 1, "index": start}, [rows])


def counted(b: Builder, size: tuple[int, int]) -> str:
    """0, 1, 2, ... as the running sum of ones, so many as this size of the input."""
    ones = b.emit("ones_like", {"dtype": "int64"}, [line(b, size)])
    return b.emit("sub", {"other": 1}, [b.emit("cumsum", {"dim": 0}, [ones])])
