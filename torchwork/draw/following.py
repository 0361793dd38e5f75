"""Names of parameters (`layer1.0.conv.weight`) in ties and rules, which follow when nodes get other names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from torchwork.draw.level import Level

WILDCARD = re.compile(r"[*?[]")


class Gone:
    """What became of a node that is not there any more."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gone)

    __hash__ = None  # type: ignore[assignment]


Moved = Mapping[str, str | Gone]
"""Old names of a level (`conv`, or `block.conv` of what a node holds) with what they are now."""


def followed(levels: Sequence[Level], level: str, moved: Moved, ties: Any, rules: Any) -> tuple[Any, Any]:
    """Ties and rules of a document whose `level` has these new names; those of nodes that are gone go too."""
    by_name = {found.name: found for found in levels}

    def now(name: Any) -> str | Gone:
        return _now(name, by_name, level, moved) if isinstance(name, str) else name

    if isinstance(ties, dict):
        pairs = [(now(name), now(to)) for name, to in ties.items()]
        there = [(name, to) for name, to in pairs if not isinstance(name, Gone) and not isinstance(to, Gone)]
        ties = {name: to for name, to in there if name != to}  # of one module, once two nodes share it
    if isinstance(rules, list):
        found = [(rule, now(rule["match"]) if isinstance(rule, dict) and "match" in rule else "") for rule in rules]
        rules = [{**rule, "match": match} if match else rule for rule, match in found if not isinstance(match, Gone)]
    return ties, rules


def _now(name: str, levels: Mapping[str, Level], level: str, moved: Moved) -> str | Gone:
    """The name, or pattern, that means the same now; of a pattern its whole words before the first wildcard."""
    wild = WILDCARD.search(name)
    literal = name[: wild.start()].rpartition(".")[0] if wild else name
    found = _walked(literal, levels, level, moved)
    return found if isinstance(found, Gone) else found + name[len(literal) :]


def _walked(name: str, levels: Mapping[str, Level], level: str, moved: Moved) -> str | Gone:
    at, done, rest = "", "", name
    for _ in range(len(levels) + 1):
        if at == level:
            return _replaced(done, rest, moved)
        found = levels.get(at)
        key = next((start for start in _starts(rest) if found and start in found.items), "")
        if not found or not key:
            return name
        item = found.items[key]
        step = re.match(r"\.\d+", rest[len(key) :]) if item.repeat > 1 else None
        key += step[0] if step else ""
        done, rest, at = f"{done}{key}.", rest[len(key) + 1 :], item.part
        if not at or at not in levels or not rest:
            return name
    return name


def _starts(name: str) -> list[str]:
    """`a`, `a.b` and `a.b.c` for `a.b.c`."""
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words) + 1)]


def _replaced(done: str, rest: str, moved: Moved) -> str | Gone:
    for start in reversed(_starts(rest)):
        if start in moved:
            new = moved[start]
            return new if isinstance(new, Gone) else done + new + rest[len(start) :]
    return done + rest
