"""Arguments of a definition replaced, in expressions, by what an instance gives for them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from torchwork.experiment import ExpressionError, evaluate
from torchwork.experiment.expression import names as free_names
from torchwork.experiment.expression import parse


def given_values(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every argument, given or by default; defaults may use the arguments before them."""
    found: dict[str, Any] = {}
    for name, default in declared.items():
        value = given.get(name)
        found[name] = replaced(default, found) if value is None else value
    return {name: value for name, value in found.items() if value is not None}


def substituted(body: dict[str, Any], values: Mapping[str, Any], part: str) -> dict[str, Any]:
    """A node as a document writes it, with the values in the arguments of its part."""
    return {key: replaced(value, values) if key == part else value for key, value in body.items()}


def replaced(value: Any, values: Mapping[str, Any]) -> Any:
    """Any plain value with the names in its expressions replaced; without a name left they become numbers."""
    if isinstance(value, str):
        return _text(value, values)
    if isinstance(value, list):
        return [replaced(item, values) for item in value]
    if isinstance(value, dict):
        return {key: replaced(item, values) for key, item in value.items()}
    return value


def _text(text: str, values: Mapping[str, Any]) -> Any:
    if text.strip() in values:
        return values[text.strip()]
    used = {name: values[name] for name in free_names(text) if _in_expressions(values.get(name))}
    if not used:
        return text
    found = _put(text, {name: _parenthesised(value) for name, value in used.items()})
    if free_names(found):
        return found
    try:
        return evaluate(found, {})
    except ExpressionError:
        return found


def _in_expressions(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and parse(value) is not None)


def _parenthesised(value: Any) -> str:
    text = str(value).strip()
    return text if text.isidentifier() or text.replace(".", "", 1).isdigit() else f"({text})"


def _put(text: str, values: Mapping[str, str]) -> str:
    """The expression with names replaced where they stand."""
    text = " ".join(text.split())
    tree = parse(text)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in values] if tree else []
    raw = text.encode()
    for node in sorted(found, key=lambda node: node.col_offset, reverse=True):
        end = node.end_col_offset or node.col_offset
        raw = raw[: node.col_offset] + values[node.id].encode() + raw[end:]
    return raw.decode()
