"""Expressions of the document as Python: `2*channels` becomes `2 * channels`, symbols of the data become numbers."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Mapping
from typing import Any

from torchwork.code.text import literal
from torchwork.experiment import is_expression
from torchwork.experiment.expression import CONSTANTS, OF_MATH, names, parse


def is_symbolic(value: Any, scope: Collection[str], arguments: Collection[str]) -> bool:
    """Whether a value of the document uses one of the `arguments` of the definition around it."""
    if isinstance(value, str):
        return is_expression(value, scope) and not names(value).isdisjoint(arguments)
    if isinstance(value, list):
        return any(is_symbolic(item, scope, arguments) for item in value)
    if isinstance(value, Mapping):
        return any(is_symbolic(item, scope, arguments) for item in value.values())
    return False


def python(text: str, symbols: Mapping[str, Any], written: Mapping[str, str], *, whole: bool = False) -> str:
    """An expression of the document in Python.

    `written` says how the names of arguments are written; the others are `symbols` of the data, printed as numbers.
    Where `whole`, the result must be an int although a division in it gives a float.
    """
    tree = parse(text)
    assert tree is not None  # it was computed when the model was resolved
    if whole and isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        tree = ast.BinOp(tree.left, ast.FloorDiv(), tree.right)
        whole = False
    named = _Named(symbols, written).visit(ast.fix_missing_locations(_copy(tree)))
    found = ast.unparse(named)
    return f"int({found})" if whole else found


def _copy(tree: ast.expr) -> ast.expr:
    """A copy, for the parsed tree is kept for the next who asks."""
    copied = ast.parse(ast.unparse(tree), mode="eval").body
    assert isinstance(copied, ast.expr)
    return copied


class _Named(ast.NodeTransformer):
    """Writes every name as Python knows it."""

    def __init__(self, symbols: Mapping[str, Any], written: Mapping[str, str]) -> None:
        self.symbols, self.written = symbols, written

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name that means a value."""
        if node.id in self.written:
            return ast.parse(self.written[node.id], mode="eval").body
        if node.id in self.symbols:
            return ast.parse(literal(self.symbols[node.id]), mode="eval").body
        if node.id in CONSTANTS or node.id in OF_MATH:
            return ast.Attribute(ast.Name("math"), node.id)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """The document's `and` gives true or false, Python's one of the operands."""
        self.generic_visit(node)
        return ast.Call(ast.Name("bool"), [node], [])


assert all(hasattr(math, name) for name in (*CONSTANTS, *OF_MATH))
