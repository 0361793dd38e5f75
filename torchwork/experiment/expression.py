"""Arithmetic in strings, such as `2*channels` or `0.95 ** epoch`: a whitelist of syntax, never evaluated as code."""

from __future__ import annotations

import ast
import math
import operator
import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

Number = int | float

BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
UNARY: dict[type, Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_}
COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
SMALLEST_OR_LARGEST: dict[str, Callable[..., Any]] = {"min": min, "max": max}
OF_MATH = ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "floor", "ceil")
OF_ONE: dict[str, Callable[[Any], Any]] = {
    **{function.__name__: function for function in (abs, round, int, float)},
    **{name: getattr(math, name) for name in OF_MATH},
}
FUNCTIONS = {**SMALLEST_OR_LARGEST, **OF_ONE}
CONSTANTS = {"pi": math.pi, "e": math.e}
LARGEST = 2**64
"""Whole numbers beyond it are refused at every step, so that none grows until the process hangs."""
LONGEST = 500


class ExpressionError(ValueError):
    """A string is not arithmetic of the allowed kind, or cannot be computed."""


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr | None:
    """The syntax tree of `text`, or None when it is not an expression of the allowed kind."""
    if len(text) > LONGEST:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # of Python's parser, about odd text that is no expression
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if all(map(_allowed, ast.walk(tree))) else None


def _allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | bool)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords
    operators = (*BINARY, *UNARY, *COMPARE, ast.And, ast.Or, ast.Load)
    return isinstance(
        node, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Name, ast.Tuple, ast.List, *operators)
    )


def names(text: str) -> frozenset[str]:
    """The free names of an expression; empty when `text` is no expression or has none."""
    tree = parse(text)
    if tree is None:
        return frozenset()
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(found - FUNCTIONS.keys() - CONSTANTS.keys())


def is_expression(text: str, scope: Collection[str]) -> bool:
    """Whether `text` has at least one free name and all of them are in `scope`."""
    free = names(text)
    return bool(free) and free <= set(scope)


def evaluate(text: str, scope: Mapping[str, Any]) -> Any:
    """The value of `text` with the names of `scope`.

    Raises:
        ExpressionError: not an expression, an unknown name, or arithmetic that fails (division by zero).
    """
    tree = parse(text)
    if tree is None:
        raise ExpressionError(f"`{text}` is not arithmetic of numbers and names")
    try:
        return _value(tree, scope)
    except OverflowError:
        raise ExpressionError(f"`{text}` cannot be computed: a number becomes too large") from None
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise ExpressionError(f"`{text}` cannot be computed: {error}") from None


def _value(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    value = _computed(node, scope)
    if isinstance(value, complex) or value != value:
        raise ValueError("the result is not a real number")
    if isinstance(value, int | float) and abs(value) > (LARGEST if isinstance(value, int) else sys.float_info.max):
        raise OverflowError
    return value


def _computed(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return _lookup(node.id, scope)
        case ast.BinOp():
            return _binary(node.op, _number(node.left, scope), _number(node.right, scope))
        case ast.UnaryOp():
            return UNARY[type(node.op)](_number(node.operand, scope))
        case ast.IfExp():
            return _value(node.body if _value(node.test, scope) else node.orelse, scope)
        case ast.Tuple() | ast.List():
            return [_value(item, scope) for item in node.elts]
        case ast.Call(func=ast.Name(id=name)):
            return _call(name, [_number(item, scope) for item in node.args])
        case ast.BoolOp():
            values = [_value(item, scope) for item in node.values]
            return all(values) if isinstance(node.op, ast.And) else any(values)
        case ast.Compare():
            return _comparison(node, scope)
    raise ExpressionError(f"{ast.dump(node)} is not arithmetic")


def _lookup(name: str, scope: Mapping[str, Any]) -> Any:
    if name in scope:
        return scope[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise ExpressionError(f"unknown name {name}; known here: {', '.join(sorted(scope)) or 'none'}")


def _number(node: ast.expr, scope: Mapping[str, Any]) -> Number:
    """The value of `node`, which must be a number: text times a number would be a very long text."""
    value = _value(node, scope)
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} is not a number")
    return value


def _binary(op: ast.operator, left: Number, right: Number) -> Any:
    # 9**9**9 would hang the process: a document must not be able to do that.
    whole = isinstance(left, int) and isinstance(right, int)
    if isinstance(op, ast.Pow) and whole and left not in (-1, 0, 1) and right > LARGEST.bit_length():
        raise OverflowError
    return BINARY[type(op)](left, right)


def _call(name: str, values: list[Number]) -> Any:
    if name in OF_ONE and len(values) != 1:
        raise TypeError(f"{name} takes one number, got {len(values)}")
    if name in SMALLEST_OR_LARGEST and len(values) < 2:
        raise TypeError(f"{name} takes two numbers or more, got {len(values)}")
    return FUNCTIONS[name](*values)


def _comparison(node: ast.Compare, scope: Mapping[str, Any]) -> bool:
    values = [_value(item, scope) for item in (node.left, *node.comparators)]
    return all(COMPARE[type(op)](a, b) for op, a, b in zip(node.ops, values, values[1:], strict=False))


def substitute(value: Any, scope: Mapping[str, Any]) -> Any:
    """`value` (any JSON value) with every string that is an expression over `scope` replaced by its number."""
    if isinstance(value, str):
        return evaluate(value, scope) if is_expression(value, scope) else value
    if isinstance(value, list):
        return [substitute(item, scope) for item in value]
    if isinstance(value, dict):
        return {key: substitute(item, scope) for key, item in value.items()}
    return value


def function(text: str, scope: Mapping[str, Any] = MappingProxyType({})) -> Callable[[float], Any]:
    """The function of one number that an expression describes, such as `0.95 ** epoch` or `1 - epoch / epochs`.

    Its argument is the one name that is not in `scope`.

    Raises:
        ExpressionError: not an expression, or not exactly one such name.
    """
    free = sorted(names(text) - scope.keys())
    if len(free) != 1:
        raise ExpressionError(f"expected an expression with one free name, such as `0.95 ** epoch`, got `{text}`")
    return lambda x: evaluate(text, {**scope, free[0]: x})
