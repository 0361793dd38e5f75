"""Many inputs through a network, as many at a time as memory allows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from torchwork.errors import OutOfMemoryError

CHUNK = 16
"""More at a time are no faster on a CPU, and take as much more memory."""
NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


def share(progress: Progress | None, place: int, parts: int) -> Progress | None:
    """What is to be told while part `place` of several alike is done."""
    return progress and (lambda done, total: progress(place * total + done, parts * total))


def in_chunks(
    count: int, part: Callable[[int, int], Tensor], progress: Progress | None = None, size: int = CHUNK
) -> Tensor:
    """What `part(begin, end)` gives for 0 to `count`, end to end; where memory runs out, with half as many at a time.

    Raises:
        OutOfMemoryError: there is no room for a single one.
    """
    found: list[Tensor] = []
    begin = 0
    while begin < count:
        end = min(begin + size, count)
        given = _tried(part, begin, end)
        if given is None:
            if end - begin == 1:
                raise OutOfMemoryError("there is no memory for one input at a time; use a smaller picture or model")
            size = (end - begin) // 2
            continue
        found.append(given)
        begin = end
        if progress:
            progress(begin, count)
    return torch.cat(found)


def _tried(part: Callable[[int, int], Tensor], begin: int, end: int) -> Tensor | None:
    """None where memory ran out; the error, whose frames hold what filled it, is gone by then."""
    try:
        return part(begin, end)
    except (RuntimeError, MemoryError) as error:
        if not no_memory(error):
            raise
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def no_memory(error: BaseException) -> bool:
    """Whether a device or the machine had no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(mark in str(error) for mark in NO_MEMORY)
