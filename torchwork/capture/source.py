"""The source of classes, with the imports and helpers that it needs."""

from __future__ import annotations

import ast
import functools
import importlib.util
import inspect
import sys
import sysconfig
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from torchwork.capture.layers import UnsupportedError
from torchwork.capture.names import bound_names, changed_names, read_names

FUTURE = "from __future__ import annotations"


class Slice:
    """The part of one or more source files that some classes need."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.pieces: list[str] = []
        self._seen: set[tuple[str, str]] = set()
        self._reads: dict[str, tuple[set[str], set[str]]] = {}

    def text(self) -> str:
        """Imports, then helpers, then the class."""
        others = sorted(line for line in self.imports if line != FUTURE)
        first = [FUTURE, ""] if FUTURE in self.imports else []
        return "\n".join([*first, *others]) + "\n\n\n" + "\n\n\n".join(self._ordered()) + "\n"

    def _ordered(self) -> list[str]:
        """The pieces as they were found, but none before one that it needs as soon as it runs, such as a base."""
        found: dict[str, None] = {}
        on_the_way: set[str] = set()

        def add(piece: str) -> None:
            if piece in found or piece in on_the_way:
                return
            on_the_way.add(piece)
            reads = self._reads.get(piece, ((), set()))[1]
            for other, (defines, _) in self._reads.items():
                if reads & defines:
                    add(other)
            found[piece] = None

        for piece in self.pieces:
            add(piece)
        return list(found)

    def add_class(self, found: type) -> None:
        """A class with its own source, wherever it is installed."""
        module = sys.modules.get(found.__module__)
        if module is None or "<locals>" in found.__qualname__ or "." in found.__qualname__:
            self._add_hidden(found, module)
            return
        self._take(module, found.__name__, whole=True)

    def named(self, value: Any) -> str:
        """The name of a class or function, which the text imports or defines."""
        home, name = str(value.__module__), str(getattr(value, "__name__", ""))
        module = sys.modules.get(home)
        if module is None or getattr(module, name, None) is not value:
            raise UnsupportedError(f"{value.__qualname__} stands inside a function, where no code can import it from")
        if home != "builtins":
            self._take(module, name)
        return name

    def _add_hidden(self, found: type, module: ModuleType | None) -> None:
        self._add({found.__name__}, _source_of(found), module, False)

    def _add(self, defines: set[str], piece: str, module: ModuleType | None, postponed: bool) -> None:
        """A piece of source, after what it reads; `postponed` where its module postpones annotations."""
        now, later = read_names(f"{FUTURE}\n{piece}" if postponed else piece)
        for name in sorted((now | later) - defines):
            if module is not None and name in vars(module) and not name.startswith("__"):
                self._take(module, name)
        self._reads[piece] = (defines, now - defines)
        self.pieces.append(piece)

    def _take(self, module: ModuleType, name: str, whole: bool = False) -> None:
        """What a name of a module means, as an import or as its source."""
        if (module.__name__, name) in self._seen:
            return
        self._seen.add((module.__name__, name))
        if _is_installed(module) and not whole:
            self._installed(module, name)
            return
        tree, text = _parsed(module)
        statement = next((node for node in reversed(tree.body) if name in bound_names(node)), None)
        if statement is None:
            self._elsewhere(module, name)
            return
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self._import(statement, module, name)
            return
        postponed = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
        if postponed:
            self.imports[FUTURE] = None
        defines = bound_names(statement)
        self._seen |= {(module.__name__, other) for other in defines}
        changes = [node for node in tree.body if defines & changed_names(node)]
        piece = "\n".join(_segment(node, text) for node in [statement, *changes])
        self._add(defines, piece, module, postponed)

    def _installed(self, module: ModuleType, name: str) -> None:
        """A name of an installed module: as it imports it itself, so that `nn` is torch's in every source."""
        try:
            tree, _ = _parsed(module)
        except UnsupportedError:
            tree = ast.Module([], [])
        statement = next((node for node in reversed(tree.body) if name in bound_names(node)), None)
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self._import(statement, module, name)
        else:
            self.imports[f"from {module.__name__} import {name}"] = None

    def _elsewhere(self, module: ModuleType, name: str) -> None:
        """A name that no statement of its module binds, such as one of `import *`: from where it was made."""
        value = getattr(module, name, None)
        home = sys.modules.get(str(getattr(value, "__module__", "")))
        if home is not None and home is not module and getattr(home, name, None) is value:
            self._take(home, name)
        else:
            self.imports[f"from {module.__name__} import {name}"] = None

    def _import(self, statement: ast.Import | ast.ImportFrom, module: ModuleType, name: str) -> None:
        alias = next(item for item in statement.names if (item.asname or item.name.partition(".")[0]) == name)
        beside = f" as {alias.asname}" if alias.asname else ""
        if isinstance(statement, ast.Import):
            self.imports[f"import {alias.name}{beside}"] = None
            return
        origin = _absolute(statement, module)
        home = sys.modules.get(origin)
        if home is not None and not _is_installed(home) and not alias.asname and hasattr(home, alias.name):
            self._take(home, alias.name)
        else:
            self.imports[f"from {origin} import {alias.name}{beside}"] = None


def _absolute(statement: ast.ImportFrom, module: ModuleType) -> str:
    written = "." * statement.level + (statement.module or "")
    return importlib.util.resolve_name(written, module.__package__) if statement.level else written


def _is_installed(module: ModuleType) -> bool:
    """Whether the module comes with Python or a package, so that an import of it works elsewhere too."""
    file = getattr(module, "__file__", None)
    if file is None:
        return module.__name__ != "__main__"
    homes = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")]
    return any(Path(file).resolve().is_relative_to(home) for home in homes)


@functools.lru_cache(64)
def _parsed(module: ModuleType) -> tuple[ast.Module, str]:
    try:
        text = inspect.getsource(module)
    except (OSError, TypeError):
        raise UnsupportedError(f"the source of {module.__name__} is not to be had") from None
    return ast.parse(text), text


def _source_of(found: type) -> str:
    try:
        return textwrap.dedent(inspect.getsource(found)).rstrip()
    except (OSError, TypeError):
        raise UnsupportedError(f"the source of {found.__name__} is not to be had") from None


def _segment(node: ast.stmt, text: str) -> str:
    lines = text.splitlines()
    begin = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    return "\n".join(lines[begin - 1 : node.end_lineno])
