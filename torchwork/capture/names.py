"""Which names of its module a piece of source reads: at once, and when what it defines is called."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}
"""Functions in all but name: they run where they stand."""


def read_names(source: str) -> tuple[set[str], set[str]]:
    """The names of a piece of source that must exist before it is run, and those that its functions read later."""
    found: tuple[set[str], set[str]] = (set(), set())
    for table, called in _tables(symtable.symtable(source, "<source>", "exec"), False):
        found[called].update(item.get_name() for item in table.get_symbols() if item.is_referenced() and _free(item))
    return found


def bound_names(node: ast.stmt) -> set[str]:
    """The names that a statement of a module binds; an `if` or `try` is one statement, whichever way it goes."""
    if isinstance(node, ast.If | ast.Try):
        handled = [item for handler in getattr(node, "handlers", []) for item in handler.body]
        inner = [item for part in ("body", "orelse", "finalbody") for item in getattr(node, part, [])]
        return set().union(*map(bound_names, [*inner, *handled]))
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {item.asname or item.name.partition(".")[0] for item in node.names}
    return {name for name, context in _assigned(node) if isinstance(context, ast.Store)}


def changed_names(node: ast.stmt) -> set[str]:
    """The names whose objects a statement changes in a part: `Sizes.__new__.__defaults__ = (3,)`."""
    return {name for name, context in _assigned(node) if isinstance(context, ast.Load)}


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr_context]]:
    """The names in the targets of an assignment, each with what is done to it."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for target in targets:
            assert target is not None
            yield from ((item.id, item.ctx) for item in ast.walk(target) if isinstance(item, ast.Name))


def _free(symbol: symtable.Symbol) -> bool:
    """Whether a scope takes a name from its module."""
    return symbol.is_global() and not symbol.is_assigned()


def _tables(table: symtable.SymbolTable, called: bool) -> Iterator[tuple[symtable.SymbolTable, bool]]:
    """A scope and those inside it, each with whether it runs only in a call."""
    yield table, called
    for inner in table.get_children():
        runs_later = isinstance(inner, symtable.Function) and inner.get_name() not in AT_ONCE
        yield from _tables(inner, called or runs_later)
