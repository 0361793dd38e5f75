"""The source of functions and classes of torchwork, with all that they use, as text that needs no torchwork.

What is borrowed is the very code that the run used, so a script cannot differ from it. Calls of `vision()` become the
package torchvision, torchwork's exceptions become ValueError, and methods that nothing calls stay behind.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from torchwork import errors
from torchwork.code.narrow import narrowed
from torchwork.errors import TorchworkError

PACKAGE = "torchwork"
VISION = {
    "vision().transforms.v2": ("v2", "from torchvision.transforms import v2"),
    "vision().tv_tensors": ("tv_tensors", "from torchvision import tv_tensors"),
}
"""what a script calls parts of torchvision, and the line that imports them"""
BASES = frozenset({"Step"})
"""base classes that say what a subclass must have, which a script need not know"""
ERRORS = [name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, TorchworkError)]
"""what becomes ValueError, also where docstrings name it"""

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Borrowed:
    """Import lines, and the texts of definitions in an order that works."""

    imports: frozenset[str]
    constants: list[str]
    definitions: list[str]


def borrow(*things: Any) -> Borrowed:
    """The functions and classes of torchwork and, before them, all of torchwork that they use."""
    shelf = _Shelf()
    for thing in things:
        shelf.fetch(thing.__module__, thing.__name__)
    return Borrowed(frozenset(shelf.imports), shelf.constants, shelf.definitions)


class _Module:
    """A module's source: what it defines and what it imports, by name."""

    def __init__(self, name: str) -> None:
        self.name, self.source = name, inspect.getsource(sys.modules[name])
        self.lines = self.source.splitlines(keepends=True)
        self.definitions: dict[str, Definition] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        for node in ast.parse(self.source).body:
            self._enter(node)

    def _enter(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self.definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            self.definitions |= {ast.unparse(name): node for name in names}
        elif isinstance(node, ast.Import):
            self.imports |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            self.imports |= {alias.asname or alias.name: (str(node.module), alias.name) for alias in node.names}

    def place(self, line: int, column: int) -> int:
        """Where a place of the syntax tree, whose columns count bytes, lies in the source."""
        return self.begin(line) + len(self.lines[line - 1].encode()[:column].decode())

    def begin(self, line: int) -> int:
        """Where a line of the source begins."""
        return sum(map(len, self.lines[: line - 1]))


@functools.cache
def _module(name: str) -> _Module:
    return _Module(name)


class _Shelf:
    """What has been fetched so far; each definition once, after those that it uses."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.constants: list[str] = []
        self.definitions: list[str] = []
        self.seen: set[Definition] = set()

    def fetch(self, module_name: str, name: str) -> None:
        module = _module(module_name)
        if name not in module.definitions:
            self._follow(module, name)
            return
        node = module.definitions[name]
        if node in self.seen:
            return
        self.seen.add(node)
        piece = _piece(module, node)
        for used in piece.uses:
            self.fetch(*used)
        self.imports |= piece.imports
        constant = isinstance(piece.node, ast.Assign | ast.AnnAssign) and not piece.uses
        (self.constants if constant else self.definitions).append(piece.text)

    def _follow(self, module: _Module, name: str) -> None:
        """A name that the module took from another one."""
        self.fetch(*module.imports[name])


class _Piece:
    """One definition: its text as a script has it, and what it uses."""

    def __init__(self, module: _Module, node: Definition) -> None:
        self.module, self.node = module, node
        self.imports: set[str] = set()
        self.uses: list[tuple[str, str]] = []
        self.edits: list[tuple[int, int, str]] = []
        dead = _dead(node) if isinstance(node, ast.ClassDef) else []
        for part in dead:
            self.edits.append((module.begin(_first_line(part)), module.begin((part.end_lineno or 0) + 1), ""))
        for name in _names(node, dead):
            self._name(name)
        for base in _bases(node):
            self._edit(base, "")
        self.text = self._written()

    def _name(self, node: ast.Name | ast.Attribute) -> None:
        """Notes what a name means; those of torchwork that a script lacks are replaced."""
        name = node.id if isinstance(node, ast.Name) else ast.unparse(node)
        head, _, rest = name.partition(".")
        module, definitions = self.module, self.module.definitions
        if head in definitions:
            self.uses.append((module.name, head))
        elif head in module.imports:
            self._imported(node, *module.imports[head], head, rest)

    def _imported(self, node: ast.expr, origin: str, what: str, head: str, rest: str) -> None:
        inner = f"{origin}.{what}"
        if origin.split(".")[0] != PACKAGE:
            line = f"from {origin} import {what}" if what else f"import {origin}"
            self.imports.add(line if head in (what, origin) else f"{line} as {head}")
        elif head == "vision":
            pass  # by the text, for what matters is what is taken of it
        elif inner in sys.modules and rest:
            self._edit(node, rest)
            self.uses.append((inner, rest))
        elif what not in ERRORS:
            self.uses.append((origin, what))

    def _edit(self, node: ast.expr, text: str) -> None:
        first = self.module.place(node.lineno, node.col_offset)
        self.edits.append((first, self.module.place(node.end_lineno or 0, node.end_col_offset or 0), text))

    def _written(self) -> str:
        begin = self.module.begin(_first_line(self.node))
        end = self.module.begin((self.node.end_lineno or 0) + 1)  # with the comment that may follow
        text = self.module.source[begin:end]
        for first, last, new in sorted(set(self.edits), reverse=True):
            text = text[: first - begin] + new + text[last - begin :]
        for long, (short, line) in VISION.items():
            if long in text:
                self.imports.add(line)
                text = text.replace(long, short)
        text = re.sub(r"^(class \w+)\(\):", r"\1:", text)
        text = re.sub(rf"\b({'|'.join(ERRORS)})\b", "ValueError", text)
        return narrowed(re.sub(r"\n{3,}", "\n\n", text).strip())


@functools.cache
def _piece(module: _Module, node: Definition) -> _Piece:
    """Pieces are alike in every script."""
    return _Piece(module, node)


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(item.lineno for item in decorators)]))  # type: ignore[attr-defined]


def _bases(node: Definition) -> list[ast.expr]:
    """The base classes which a script need not know."""
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return [base for base in bases if isinstance(base, ast.Name) and base.id in BASES]


def _names(node: Definition, dead: Iterable[ast.AST]) -> Iterator[ast.Name | ast.Attribute]:
    """The global names that a definition uses, in order; `module.name` as one."""
    gone = {id(item) for part in dead for item in ast.walk(part)}
    skipped = {id(base) for base in _bases(node)}
    for part, local in _scopes(node):
        inner: set[int] = set()
        for item in part:
            if id(item) in gone | skipped | inner:
                continue
            if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id not in local:
                inner.add(id(item.value))
                yield item
            elif isinstance(item, ast.Name) and item.id not in local and not hasattr(builtins, item.id):
                yield item


def _scopes(node: Definition) -> Iterator[tuple[list[ast.AST], set[str]]]:
    """The nodes of a function, or of each function of a class, with the names that are its own."""
    inner = node.body if isinstance(node, ast.ClassDef) else []
    functions = [item for item in inner if isinstance(item, ast.FunctionDef)]
    within = {id(item) for function in functions for item in ast.walk(function)}
    rest = [item for item in ast.walk(node) if id(item) not in within]
    own = {node.name} if isinstance(node, ast.ClassDef) else set()
    yield rest, own if isinstance(node, ast.ClassDef) else _locals(rest)
    for function in functions:
        nodes = list(ast.walk(function))
        yield nodes, _locals(nodes) | own


def _locals(nodes: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def _dead(node: ast.ClassDef) -> list[ast.stmt]:
    """What a step has for others only: members that its own call reads neither directly nor through others."""
    if not _bases(node):
        return []
    members = {name: item for item in node.body if (name := _member(item)) and not name.startswith("__")}
    roots = [item for item in node.body if item not in members.values()]
    alive: set[str] = set()
    while roots:
        read = {item.attr for item in ast.walk(roots.pop()) if isinstance(item, ast.Attribute)}
        fresh = read & members.keys() - alive
        alive |= fresh
        roots += [members[name] for name in fresh]
    return [item for name, item in members.items() if name not in alive]


def _member(item: ast.stmt) -> str:
    if isinstance(item, ast.FunctionDef):
        return item.name
    if isinstance(item, ast.Assign):
        return ast.unparse(item.targets[0])
    return ast.unparse(item.target) if isinstance(item, ast.AnnAssign) else ""
