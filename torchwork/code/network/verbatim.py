"""Classes that a document holds as source go into a file as they are; only their imports move to its head."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from torchwork.code.text import literal
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Model

IMPORTING = (ast.Import, ast.ImportFrom)


def sources(model: Model) -> dict[str, str]:
    """The definitions that are code, by name: their texts."""
    return {name: module.code for name, module in model.modules.items() if module.code is not None}


def import_lines(text: str) -> list[str]:
    """The imports of a source, a line each."""
    found = [node for node in ast.parse(text).body if isinstance(node, IMPORTING)]
    return [ast.unparse(type(node)(**{**vars(node), "names": [alias]})) for node in found for alias in node.names]


def without_imports(text: str) -> str:
    """What a source defines, line by line as it was written."""
    moved = {
        line
        for node in ast.parse(text).body
        if isinstance(node, IMPORTING)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return "\n".join(line for number, line in enumerate(text.splitlines(), 1) if number not in moved).strip("\n")


def without_known(text: str, known: Iterable[str]) -> str:
    """A source without its imports and what it defines as `known` does, where a file holds that already."""
    here: dict[str, str] = {}
    for other in known:
        here |= defined(other)
    twice = {
        line
        for node in ast.parse(text).body
        if (found := _defined(node)) and all(here.get(name) == meaning for name, meaning in found.items())
        for line in range(_first(node), (node.end_lineno or node.lineno) + 1)
    }
    lines = ["" if number in twice else line for number, line in enumerate(text.splitlines(), 1)]
    return re.sub(r"\n{4,}", "\n\n\n", without_imports("\n".join(lines)))


def _first(node: ast.stmt) -> int:
    """Its first line; decorators stand above it."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])


def defined(text: str) -> dict[str, str]:
    """The classes, functions and constants of a source, each with its text."""
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        found |= _defined(node)
    return found


def _defined(node: ast.stmt) -> dict[str, str]:
    names = [node.name] if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) else []
    names += [name.id for target in getattr(node, "targets", ()) if isinstance(name := target, ast.Name)]
    return dict.fromkeys(names, ast.dump(node))


def joined_imports(model: Model, own: Iterable[str], path: str = "model") -> frozenset[str]:
    """The import lines of a file that holds all sources of a model, beside those of its `own`: one for each name.

    Raises:
        DocumentError: one name means two things in what the file is to hold.
    """
    lines = {_bound(line): line for line in own}
    meanings = {name: _meaning(line) for name, line in lines.items()}
    for title, text in sources(model).items():
        imported = {_bound(line): line for line in import_lines(text)}
        for name, meaning in [*((name, _meaning(line)) for name, line in imported.items()), *defined(text).items()]:
            if meanings.setdefault(name, meaning) != meaning:
                words = f"{name} means something else in the code of another definition, or in the file around it"
                raise DocumentError(Problem(f"{path}.modules.{title}.code", words, "rename one of them"))
        lines = {**imported, **lines}
    return frozenset(lines.values())


def _bound(line: str) -> str:
    """The name that an import line brings; of `import torch.nn`, which brings torch, the whole."""
    return line.rpartition(" as ")[2] if " as " in line else line.rpartition("import ")[2]


def _meaning(line: str) -> str:
    """What it brings: torch.nn of `from torch import nn` and of `import torch.nn as nn`."""
    module, _, names = line.removeprefix("from ").partition(" import ") if line.startswith("from ") else ("", "", line)
    target = names.removeprefix("import ").partition(" as ")[0]
    return f"{module}.{target}".lstrip(".")


def value(thing: Any) -> str:
    """A plain value as the document's own code expects it: lists stay lists."""
    if isinstance(thing, list):
        return f"[{', '.join(map(value, thing))}]"
    if isinstance(thing, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {value(item)}" for key, item in thing.items()) + "}"
    return literal(thing)
