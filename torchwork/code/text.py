"""Python text as a formatter would leave it: literals, calls, wrapped lines, docstrings and sorted imports."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch

WIDTH = 100
"""columns of a line"""
STEP = 4
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Code:
    """Python text that stands for a value."""

    text: str


def literal(value: Any) -> str:
    """A plain value as Python writes it: lists as tuples, text in double quotes.

    Raises:
        TypeError: there is no way to write the value.
    """
    match value:
        case bool() | None | int():
            return repr(value)
        case float():
            return _number(value)
        case str():
            return quoted(value)
        case list() | tuple():
            items = [literal(item) for item in value]
            return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
        case Code():
            return value.text
        case Mapping():
            return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
        case torch.dtype():
            return str(value)
        case torch.Tensor():
            return _tensor(value)
    raise TypeError(f"expected a plain value, a dtype or a tensor, got {type(value).__name__}")


def _number(value: float) -> str:
    """`1e-5`, where repr writes 1e-05; what is not finite has no literal."""
    if value != value or value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return re.sub(r"e([+-])0*", lambda found: "e" + found[1].strip("+"), repr(value))


def _tensor(value: torch.Tensor) -> str:
    """`torch.tensor(...)` with the dtype where torch would take another; numbers as short as they can be."""
    numbers = _shortened(value.tolist()) if value.dtype == torch.float32 else value.tolist()
    written = _brackets(numbers)
    same = torch.tensor(numbers).dtype == value.dtype
    return f"torch.tensor({written})" if same else f"torch.tensor({written}, dtype={value.dtype})"


def _shortened(value: Any) -> Any:
    """Nested float32 numbers with the fewest digits that still mean them."""
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    tries = (float(f"{value:.{digits}g}") for digits in range(1, 10))
    return next((short for short in tries if torch.tensor(short).item() == value), value)


def _brackets(value: Any) -> str:
    return f"[{', '.join(map(_brackets, value))}]" if isinstance(value, list) else literal(value)


def quoted(text: str) -> str:
    """A string literal in double quotes, in single ones only where that spares escapes."""
    if '"' in text and "'" not in text:
        return repr(text)
    inner = repr(text)[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'


def call(name: str, args: Iterable[str] = (), kwargs: Mapping[str, str] | None = None) -> str:
    """`name(a, b, key=c)` in one line, of arguments that are Python text already; `wrap` breaks it where it is long."""
    return f"{name}({', '.join([*args, *(f'{key}={value}' for key, value in (kwargs or {}).items())])})"


def wrap(line: str, indent: int = 0, width: int = WIDTH) -> str:
    """A statement at `indent` columns; where it is too long, one item of its outermost brackets to a line."""
    margin = " " * indent
    if indent + len(line) <= width:
        return margin + line
    place = _brackets_to_break(line)
    if place is None:
        return margin + line
    start, end = place
    items = _items(line[start + 1 : end], width - indent - STEP)
    if len(items) == 1 and _only_groups(line, start, end):
        items = [items[0].removesuffix(",")]
    inside = [wrap(item, indent + STEP, width) for item in items]
    return "\n".join([margin + line[: start + 1], *inside, margin + line[end:]])


def exploded(opening: str, items: Sequence[str], closing: str, indent: int = 0, comments: Sequence[str] = ()) -> str:
    """Brackets with one item to a line, each with its comment where there is room for it."""
    return "\n".join([" " * indent + opening, *itemised(items, indent, comments), " " * indent + closing])


def itemised(items: Sequence[str], indent: int = 0, comments: Sequence[str] = ()) -> list[str]:
    """The items of brackets at `indent`, each with its comma and comment, in one line or several."""
    notes = comments or [""] * len(items)
    return [annotated(f"{item},", note, indent + STEP) for item, note in zip(items, notes, strict=True)]


def annotated(line: str, comment: str, indent: int = 0) -> str:
    """A wrapped statement with a comment at its end, without it where there is no room."""
    if comment and indent + len(line) + len(comment) + 4 <= WIDTH:
        return f"{' ' * indent}{line}  # {comment}"
    return wrap(line, indent)


def docstring(text: str, indent: int = 0) -> str:
    """A docstring; a long one in several lines."""
    margin = " " * indent
    if indent + len(text) + 6 <= WIDTH:
        return f'{margin}"""{text}"""'
    lines = textwrap.wrap(text, WIDTH - indent - 3, break_long_words=False)
    return "\n".join([f'{margin}"""{lines[0]}', *(margin + line for line in lines[1:]), f'{margin}"""'])


def _brackets_to_break(line: str) -> tuple[int, int] | None:
    """The last outermost parentheses with something in them, else other brackets; None when there are none."""
    pairs = [(start, end) for start, end, depth in _pairs(line) if depth == 0 and line[start + 1 : end].strip()]
    pairs = [pair for pair in pairs if not _picks(line, pair[0])]
    round_ones = [pair for pair in pairs if line[pair[0]] == "("]
    found = round_ones or pairs
    return found[-1] if found else None


def _picks(line: str, start: int) -> bool:
    """Whether brackets pick an element, which a comma would make a tuple of."""
    return line[start] == "[" and bool(re.search(r"[\w)\]]$", line[:start]))


def _pairs(line: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and depth of all brackets outside of strings."""
    open_at: list[int] = []
    for place, sign in _signs(line):
        if sign in OPENING:
            open_at.append(place)
        elif sign in CLOSING:
            start = open_at.pop()
            yield start, place, len(open_at)


def _signs(line: str) -> Iterator[tuple[int, str]]:
    """The characters outside of strings, with their places."""
    place = 0
    while place < len(line):
        if line[place] in "\"'":
            found = STRING.match(line, place)
            place = found.end() if found else len(line)
            continue
        yield place, line[place]
        place += 1


STRING = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'")


def _only_groups(line: str, start: int, end: int) -> bool:
    """Whether parentheses are there for precedence, so that a comma would make a tuple of what stands in them."""
    called = re.search(r"[\w)\]]$", line[:start])
    return line[start] == "(" and not called and not line[start + 1 : end].rstrip().endswith(",")


def _items(body: str, room: int) -> list[str]:
    """What stands in brackets, an item to a line: with a comma after each, a comprehension at its `for`."""
    commas, fors, depth = [], [], 0
    for place, sign in _signs(body):
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth == 0 and sign == ",":
            commas.append(place)
        if depth == 0 and body.startswith(" for ", place):
            fors.append(place)
    if fors and not commas:
        return [body] if len(body) <= room else [body[: fors[0]], body[fors[0] + 1 :]]
    cuts = [-1, *commas, len(body)]
    items = [body[start + 1 : end].strip() for start, end in pairwise(cuts)]
    return [f"{item}," for item in items if item]


def imports(lines: Iterable[str]) -> str:
    """Import statements as a linter wants them: the standard library first, sorted, names of one module together."""
    modules, members = set(), dict[str, set[str]]()
    for line in lines:
        if line.startswith("from "):
            module, _, names = line.removeprefix("from ").partition(" import ")
            members.setdefault(module, set()).update(name.strip() for name in names.split(","))
        else:
            modules.add(line.removeprefix("import ").strip())
    groups = [[module for module in [*modules, *members] if _rank(module) == rank] for rank in range(3)]
    texts = [_group(group, modules, members) for group in groups if group]
    return "\n\n".join(texts)


def _group(group: Sequence[str], modules: set[str], members: Mapping[str, set[str]]) -> str:
    plain = [f"import {module}" for module in sorted(modules & set(group), key=str.lower)]
    named = [
        wrap_import(module, sorted(members[module], key=_order))
        for module in sorted(members.keys() & set(group), key=str.lower)
    ]
    return "\n".join(plain + named)


def wrap_import(module: str, names: Sequence[str]) -> str:
    """`from module import a, b`, in parentheses where it is long."""
    line = f"from {module} import {', '.join(names)}"
    return line if len(line) <= WIDTH else exploded(f"from {module} import (", names, ")")


def _rank(module: str) -> int:
    root = module.split()[0].split(".")[0]
    return 0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 2


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name
