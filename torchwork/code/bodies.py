"""The classes of a script taken apart: what `__init__` makes, and which calls `forward` does."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from torchwork.catalog import Entry, catalog
from torchwork.code.network.calls import OPERATORS
from torchwork.code.network.scope import function_name

SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
}  # fmt: skip


class UnreadableError(Exception):
    """This statement is none that a document could have been printed as."""


@dataclass(frozen=True)
class Value:
    """What a variable holds: an input by its name, a tensor of the class, or what a call gives; `index`: an element."""

    of: str | int
    index: tuple[int, ...] = ()


@dataclass(frozen=True)
class Called:
    """A call in `forward`: of an attribute of the class, or of an operation (one of `names`), with these values."""

    attribute: str
    names: tuple[str, ...]
    sources: tuple[Value, ...]
    args: tuple[tuple[str, ast.expr], ...] = ()


@dataclass
class Body:
    """A class: its constructor's parameters, what it makes by name, what it is a chain of, and everything else."""

    node: ast.ClassDef
    parameters: dict[str, ast.expr | None] = field(default_factory=dict)
    made: dict[str, ast.expr] = field(default_factory=dict)
    chain: list[ast.expr] | None = None
    rest: list[str] = field(default_factory=list)
    forward: ast.FunctionDef | None = None


def classes_of(tree: ast.Module) -> dict[str, ast.ClassDef]:
    """The modules that a script defines, by name."""
    found = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {node.name: node for node in found if node.bases and ast.unparse(node.bases[0]).startswith("nn.")}


def body_of(node: ast.ClassDef) -> Body:
    """The class taken apart."""
    body = Body(node)
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            body.parameters = _parameters(item.args)
            for statement in item.body:
                _constructor_statement(statement, body)
        elif isinstance(item, ast.FunctionDef) and item.name == "forward":
            body.forward = item
        elif not _is_text(item):
            body.rest.append(ast.unparse(item))
    return body


def _parameters(args: ast.arguments) -> dict[str, ast.expr | None]:
    names = [arg.arg for arg in args.args][1:]
    defaults: list[ast.expr | None] = [*args.defaults]
    return dict(zip(names, [None] * (len(names) - len(defaults)) + defaults, strict=False))


def _constructor_statement(statement: ast.stmt, body: Body) -> None:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(statement, ast.Assign) and (name := attribute(statement.targets[0])):
        body.made[name] = statement.value
    elif isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
        body.chain = call.args or None
    elif isinstance(call, ast.Call) and ast.unparse(call.func) == "self.register_buffer":
        body.made[str(ast.literal_eval(call.args[0]))] = call
    elif not _is_text(statement):
        body.rest.append(ast.unparse(statement))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def attribute(node: ast.AST) -> str:
    """`conv1` of `self.conv1`, `0` of `self["0"]`; empty for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    inner = node.slice if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "self" else None
    return str(inner.value) if isinstance(inner, ast.Constant) else ""


class Flow:
    """Follows the values through a `forward`: `calls` in order, and what it returns.

    Raises:
        UnreadableError: at a statement that no document could have been printed as.
    """

    def __init__(self, forward: ast.FunctionDef) -> None:
        self.inputs = [arg.arg for arg in forward.args.args][1:]
        self.calls: list[Called] = []
        self.returned: list[Value] = []
        self._variables: dict[str, Value] = {name: Value(name) for name in self.inputs}
        for statement in forward.body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._bind(node.targets[0], self._value(node.value))
        elif isinstance(node, ast.Return) and node.value is not None:
            items = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            self.returned = [self._value(item) for item in items]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._value(node.value)
        elif not _is_text(node):
            raise UnreadableError(ast.unparse(node))

    def _bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self._variables[target.id] = value
        elif isinstance(target, ast.Tuple):
            for place, item in enumerate(target.elts):
                self._bind(item, Value(value.of, (*value.index, place)))
        else:
            raise UnreadableError(ast.unparse(target))

    def _value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Name) and node.id in self._variables:
            return self._variables[node.id]
        if name := attribute(node):
            return Value(f"self.{name}")
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            whole, place = self._value(node.value), node.slice.value
            if isinstance(place, int):
                return Value(whole.of, (*whole.index, place))
        if isinstance(node, ast.BinOp):
            return self._operator(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise UnreadableError(ast.unparse(node))

    def _operator(self, node: ast.BinOp) -> Value:
        names = tuple(name for name, sign in OPERATORS.items() if sign == SIGNS.get(type(node.op), ""))
        left = self._value(node.left)
        if isinstance(node.right, ast.Constant):
            other = "exponent" if isinstance(node.op, ast.Pow) else "other"
            return self._add(Called("", names, (left,), ((other, node.right),)))
        return self._add(Called("", names, (left, self._value(node.right))))

    def _add(self, call: Called) -> Value:
        if not call.attribute and not call.names:
            raise UnreadableError("an operator")
        self.calls.append(call)
        return Value(len(self.calls) - 1)

    def _call(self, node: ast.Call) -> Value:
        if name := attribute(node.func):
            return self._add(Called(name, (), tuple(self._value(arg) for arg in node.args)))
        if not isinstance(node.func, ast.Attribute):
            raise UnreadableError(ast.unparse(node))
        entry = catalog().entries("operation").get(node.func.attr)
        if entry is None:
            raise UnreadableError(ast.unparse(node))
        method = function_name(entry.reference) != ast.unparse(node.func) and not _is_module(node.func.value)
        args = [node.func.value, *node.args] if method else node.args
        return self._operation(entry, args, node.keywords)

    def _operation(self, entry: Entry, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> Value:
        given = dict(zip(in_order(entry), args, strict=False)) | {item.arg or "": item.value for item in keywords}
        sources: list[Value] = []
        if entry.listed and args and isinstance(args[0], ast.Tuple | ast.List):
            sources = [self._value(item) for item in args[0].elts]
            given.pop(in_order(entry)[0], None)
        sources += [self._value(given.pop(name)) for name in entry.tensors if name in given]
        return self._add(Called("", (entry.name,), tuple(sources), tuple(given.items())))


def _is_module(node: ast.expr) -> bool:
    return ast.unparse(node) in ("F", "torch", "torch.nn.functional", "torch.linalg", "torch.special", "torch.fft")


def in_order(entry: Entry) -> list[str]:
    """Tensors and arguments of an operation in the order of its signature."""
    names = list(dict.fromkeys([*entry.tensors, *(argument.name for argument in entry.arguments)]))
    text = entry.signature
    return sorted(names, key=lambda name: min(found) if (found := _places(text, name)) else 0)


def _places(text: str, name: str) -> list[int]:
    return [place for mark in "=,)" for lead in "( *" if (place := text.find(f"{lead}{name}{mark}")) >= 0]
