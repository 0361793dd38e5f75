"""References to what a node takes: `stem`, `input`, an element `lstm[0][1]`; empty: nothing is connected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

ELEMENTS = re.compile(r"(?:\[-?\d{1,9}\])+$", re.ASCII)
LONGEST = 500
"""characters of a reference; in longer ones no elements are looked for"""


def split(ref: str) -> tuple[str, str]:
    """The name and the elements behind it: `lstm` and `[0][1]`."""
    ref = ref.strip()
    found = ELEMENTS.search(ref) if ref.endswith("]") and len(ref) <= LONGEST else None
    return (ref[: found.start()].strip(), found[0]) if found else (ref, "")


@lru_cache(maxsize=1 << 16)
def head(ref: str) -> str:
    """The node or input that a reference names."""
    return split(ref)[0]


def renamed(ref: str, names: Mapping[str, str]) -> str:
    """The reference with the name that its node or input has now."""
    name, elements = split(ref)
    return names[name] + elements if name in names else ref


def element(ref: str, elements: str) -> str:
    """An element of what a reference names; of nothing it is nothing."""
    return ref + elements if ref else ""
