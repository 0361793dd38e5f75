"""Changes of shape as operations that hold for every size: seen at two sizes, said without the sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from torchwork.capture.layers import UnsupportedError


@dataclass(frozen=True)
class Varying:
    """A number that was another one at the second size."""

    first: int
    second: int


Sizes = Sequence[tuple[int, int]]
Operation = tuple[str, dict[str, Any]]


def pairs(first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    """Two shapes of the same tensor, dimension by dimension."""
    if len(first) != len(second):
        raise UnsupportedError("a tensor has more dimensions at another size")
    return list(zip(first, second, strict=True))


def literal(sizes: Sizes) -> list[int] | None:
    """The sizes with -1 for the one that varies; None when several do."""
    found = [a if a == b else -1 for a, b in sizes]
    return found if found.count(-1) <= 1 else None


def reshaped(given: Sizes, wanted: Sizes) -> list[Operation]:
    """The operations that bring a tensor from one shape to another, by flatten and unflatten where they say it."""
    single = literal(wanted)
    steps = _stepwise(given, wanted)
    if steps is not None and (len(steps) == 1 or single is None):
        return steps
    if single is not None:
        return [("reshape", {"shape": single})]
    raise UnsupportedError("it reshapes a tensor by several sizes of its input at once")


def _stepwise(given: Sizes, wanted: Sizes) -> list[Operation] | None:
    """Blocks of dimensions with equal products, from the last, so that the numbers of earlier ones hold."""
    blocks = _blocks(given, wanted)
    if blocks is None:
        return None
    found: list[Operation] = []
    for begin, before, after in reversed(blocks):
        if len(before) > 1:
            found.append(("flatten", _range(begin, begin + len(before) - 1, len(given), len(found) == 0)))
        if len(after) != 1:
            sizes = literal(after)
            if sizes is None or not after:
                return None
            found.append(("unflatten", {"dim": begin, "sizes": sizes}))
    return found


def _range(start: int, end: int, dimensions: int, untouched: bool) -> dict[str, int]:
    args = {"start_dim": start} if start else {}
    return args if untouched and end == dimensions - 1 else {**args, "end_dim": end}


def _blocks(given: Sizes, wanted: Sizes) -> list[tuple[int, Sizes, Sizes]] | None:
    found: list[tuple[int, Sizes, Sizes]] = []
    i = j = 0
    while i < len(given) and j < len(wanted):
        begin, first = i, j
        i, j = i + 1, j + 1
        while (left := _product(given[begin:i])) != (right := _product(wanted[first:j])):
            if left[0] * left[1] < right[0] * right[1]:
                i += 1
            else:
                j += 1
            if i > len(given) or j > len(wanted):
                return None
        found.append((begin, given[begin:i], wanted[first:j]))
    if i < len(given) or j < len(wanted):
        if not found:
            return None
        begin, before, after = found.pop()
        found.append((begin, [*before, *given[i:]], [*after, *wanted[j:]]))
        if _product(found[-1][1]) != _product(found[-1][2]):
            return None
    return found


def _product(sizes: Sizes) -> tuple[int, int]:
    return prod(a for a, _ in sizes), prod(b for _, b in sizes)
