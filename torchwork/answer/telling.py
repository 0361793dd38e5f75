"""How far a long answer is: shares that are told before it, a few each second."""

from __future__ import annotations

import time
from collections.abc import Callable

PACE = 0.2
"""Seconds between two of them: more often nobody looks."""
Tell = Callable[[float | None], None]
"""Told the share that is done; None: what is left cannot be counted."""


def progress(tell: Tell) -> Callable[[int, int], None]:
    """What the parts of a computation call with how many of how many are done."""
    told = 0.0

    def look(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if done >= total:
            tell(None)
        elif now - told >= PACE:
            told = now
            tell(done / total)

    return look
