"""Which lines of a printed class belong to which node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

Lines = tuple[int, int]
"""First and last line, from 1."""


@dataclass(frozen=True)
class Places:
    """By node, the lines that make its module and those that call it, counted from where the text begins."""

    made: Mapping[str, Lines] = field(default_factory=dict)
    calls: Mapping[str, Lines] = field(default_factory=dict)

    def below(self, lines: int) -> Places:
        """The same behind so many further lines."""
        made, calls = (
            {name: (first + lines, last + lines) for name, (first, last) in found.items()}
            for found in (self.made, self.calls)
        )
        return Places(made, calls)


NOWHERE = Places()


def spans(texts: Sequence[str], owners: Sequence[str], before: int) -> dict[str, Lines]:
    """The lines of each owner, whose texts stand one below the other behind `before` lines; '' owns nothing."""
    found: dict[str, Lines] = {}
    for text, owner in zip_longest(texts, owners, fillvalue=""):
        last = before + text.count("\n") + 1
        if owner:
            found[owner] = (found.get(owner, (before + 1, 0))[0], last)
        before = last
    return found


def height(texts: Sequence[str]) -> int:
    """How many lines they are one below the other."""
    return sum(text.count("\n") + 1 for text in texts)
