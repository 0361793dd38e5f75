"""Names of one text that another has taken."""

from __future__ import annotations

import ast
import itertools
import tokenize
from collections.abc import Collection, Iterator, Sequence
from io import StringIO


def renamed(groups: Sequence[Sequence[str]], taken: Collection[str]) -> list[list[str]]:
    """The texts with `name_` for every `name` that they define and that is taken; strings and attributes stay."""
    own = {name for text in itertools.chain(*groups) for node in ast.parse(text).body for name in bound(node)}
    clashes = own & set(taken)
    return [[_renamed(text, clashes) if clashes else text for text in group] for group in groups]


def bound(node: ast.stmt) -> list[str]:
    """The names that a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)]


def _renamed(text: str, clashes: set[str]) -> str:
    lines = text.splitlines(keepends=True)
    for line, column, name in sorted(_places(text, clashes), reverse=True):
        end = column + len(name)
        lines[line - 1] = f"{lines[line - 1][:end]}_{lines[line - 1][end:]}"
    return "".join(lines)


def _places(text: str, clashes: set[str]) -> Iterator[tuple[int, int, str]]:
    """Where the names stand, save as attributes and as keywords of calls."""
    tokens = list(tokenize.generate_tokens(StringIO(text).readline))
    depth = 0
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        depth += (before.string in ("(", "[", "{")) - (before.string in (")", "]", "}"))
        keyword = depth > 0 and after.string == "="
        if token.type == tokenize.NAME and token.string in clashes and before.string != "." and not keyword:
            yield *token.start, token.string
    first = tokens[0]
    if first.string in clashes:
        yield *first.start, first.string
