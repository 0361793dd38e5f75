"""Source text of torchwork, whose lines have up to 120 columns, brought to the width of scripts."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from torchwork.code.text import WIDTH, docstring, wrap

QUOTES = '"""'


def narrowed(text: str) -> str:
    """The same code with long statements wrapped, long docstrings broken, and long lines' comments above them."""
    found = "\n".join(_lines(text))
    return found if _meaning(found) == _meaning(text) else text  # brackets that only group can not be wrapped as calls


def _meaning(text: str) -> str:
    """The code without its layout and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.dump(tree)


def _lines(text: str) -> Iterator[str]:
    inside = False
    for line in text.split("\n"):
        marks = line.count(QUOTES)
        yield line if len(line) <= WIDTH else _narrow(line, prose=inside or marks == 1)
        inside ^= marks == 1


def _narrow(line: str, prose: bool) -> str:
    body = line.lstrip()
    indent = len(line) - len(body)
    if prose:
        margin = " " * indent
        return textwrap.fill(body, WIDTH, initial_indent=margin, subsequent_indent=margin)
    if body.startswith(QUOTES):
        return docstring(body.removeprefix(QUOTES).removesuffix(QUOTES), indent)
    code, mark, comment = body.partition("  # ")
    return f"{' ' * indent}# {comment}\n{wrap(code, indent)}" if mark else wrap(code, indent)
