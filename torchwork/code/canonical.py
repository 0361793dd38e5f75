"""Two ways to write one class are one text: annotations, names of variables, arguments by place or by name."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from torchwork.catalog import catalog
from torchwork.code.bodies import body_of, classes_of, in_order
from torchwork.code.network.scope import function_name

OPEN = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr, ast.IfExp, ast.BoolOp)
"""expressions that have names of their own, or that may leave a call out"""


def canonical(tree: ast.Module) -> ast.Module:
    """The script with every module class in one form, so that equal texts do the same calls in the same order."""
    copied = ast.parse(ast.unparse(tree))
    parameters = {name: list(body_of(node).parameters) for name, node in classes_of(copied).items()}
    for node in classes_of(copied).values():
        for function in [item for item in node.body if isinstance(item, ast.FunctionDef)]:
            _plain(function)
            if function.name == "forward":
                _straightened(function)
    named = _Named(parameters).visit(copied)
    assert isinstance(named, ast.Module)
    return ast.fix_missing_locations(_sorted(named))


def _sorted(tree: ast.Module) -> ast.Module:
    """The script with its classes by name: their order says nothing."""
    classes = sorted((node for node in tree.body if isinstance(node, ast.ClassDef)), key=lambda node: node.name)
    others = iter(classes)
    tree.body = [next(others) if isinstance(node, ast.ClassDef) else node for node in tree.body]
    return tree


def _plain(function: ast.FunctionDef) -> None:
    function.returns = None
    for arg in [*function.args.args, *function.args.kwonlyargs]:
        arg.annotation = None


def _straightened(function: ast.FunctionDef) -> None:
    """The body as one call to a line, each value by its number; as it is where it branches or repeats."""
    try:
        body = _Straight([arg.arg for arg in function.args.args][1:]).body(function.body)
    except _BranchingError:
        return
    for number, arg in enumerate(function.args.args[1:]):
        arg.arg = f"input_{number}"
    function.body = body


class _BranchingError(Exception):
    """A statement that is not part of a straight line."""


class _Straight(ast.NodeTransformer):
    def __init__(self, inputs: Sequence[str]) -> None:
        self.known: dict[str, ast.expr] = {name: ast.Name(f"input_{place}") for place, name in enumerate(inputs)}
        self.lines: list[ast.stmt] = []

    def body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        for statement in statements:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                self._bind(statement.targets[0], self.visit(statement.value))
            elif isinstance(statement, ast.Return) and statement.value is not None:
                self.lines.append(ast.Return(self.visit(statement.value)))
            elif isinstance(statement, ast.Expr):
                self.visit(statement.value)
            else:
                raise _BranchingError
        return self.lines

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.known[target.id] = value
        elif isinstance(target, ast.Tuple):
            for place, item in enumerate(target.elts):
                self._bind(item, ast.Subscript(value, ast.Constant(place)))
        else:
            raise _BranchingError

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, OPEN):
            raise _BranchingError
        made = super().visit(node)
        if not isinstance(node, ast.Call | ast.BinOp | ast.UnaryOp | ast.Compare):
            return made
        if isinstance(made, ast.UnaryOp) and isinstance(made.operand, ast.Constant):
            return made
        name = f"value_{len(self.lines)}"
        self.lines.append(ast.Assign([ast.Name(name)], _as_function(made)))
        return ast.Name(name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """What the variable holds."""
        return self.known.get(node.id, node)


def _as_function(call: ast.expr) -> ast.expr:
    """`torch.flatten(x, 1)` for `x.flatten(1)`."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return call
    text, name = ast.unparse(call.func.value), call.func.attr
    if not text.startswith(("value_", "input_")) or not hasattr(torch, name) or not hasattr(torch.Tensor, name):
        return call
    return ast.Call(ast.Attribute(ast.Name("torch"), name), [call.func.value, *call.args], call.keywords)


class _Named(ast.NodeTransformer):
    """Writes the arguments of layers and definitions by name, in one order, without those that are the default."""

    def __init__(self, parameters: Mapping[str, Sequence[str]]) -> None:
        self.parameters = parameters

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """The call with its arguments by name."""
        self.generic_visit(node)
        names, defaults = self._signature(ast.unparse(node.func))
        starred = any(isinstance(arg, ast.Starred) for arg in node.args) or any(not item.arg for item in node.keywords)
        if not names or starred or len(node.args) > len(names):
            return node
        given = [ast.keyword(name, arg) for name, arg in zip(names, node.args, strict=False)] + node.keywords
        kept = [item for item in given if not _is(item.value, defaults.get(str(item.arg), ...))]
        node.args, node.keywords = [], sorted(kept, key=lambda item: str(item.arg))
        return node

    def _signature(self, function: str) -> tuple[Sequence[str], Mapping[str, Any]]:
        if function in self.parameters:
            return self.parameters[function], {}
        kind, name = ("layer", function[3:]) if function.startswith("nn.") else ("operation", function.split(".")[-1])
        entry = catalog().entries(kind).get(name)  # type: ignore[arg-type]
        if entry is None or entry.listed or entry.spread or function_name(entry.reference) != function:
            return [], {}
        defaults = {argument.name: argument.default for argument in entry.arguments if not argument.required}
        return [item.name for item in entry.arguments] if kind == "layer" else in_order(entry), defaults


def _is(node: ast.expr, default: Any) -> bool:
    """Whether an expression is this plain value."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return False
    return type(value) is type(default) and bool(value == default)
