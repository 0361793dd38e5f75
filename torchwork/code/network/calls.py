"""Calls of torch as an expert writes them: constructors of layers, functions and operators."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import torch

from torchwork.catalog import Argument, Entry, catalog
from torchwork.catalog.forms import convert
from torchwork.code.network.scope import Scope, Width, by_name, function_name
from torchwork.code.text import call
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Node
from torchwork.graph.parts import is_layer, part_of

POSITIONAL = frozenset({"p", "negative_slope", "start_dim"})
"""arguments with a default that are written without their names where they come next: Dropout(0.2), flatten(x, 1)"""
BY_NAME = frozenset({"dim", "scale_factor", "return_complex"})
"""arguments without a default that are written with their names: softmax(x, dim=1)"""
DIM_FIRST = frozenset({
    "select", "narrow", "gather", "index_select", "index_add", "index_copy", "index_fill", "scatter", "scatter_add",
    "unsqueeze", "squeeze",
})  # fmt: skip
"""functions whose dim is written without its name: gather(x, 1, index)"""
GIVES = frozenset({"out_channels", "out_features", "hidden_size", "embedding_dim", "embed_dim", "d_model"})
"""arguments that are a size of the output"""
OPERATORS = {
    "add": "+", "sub": "-", "subtract": "-", "mul": "*", "multiply": "*", "div": "/", "divide": "/",
    "true_divide": "/", "matmul": "@", "pow": "**", "gt": ">", "greater": ">", "lt": "<", "less": "<", "ge": ">=",
    "greater_equal": ">=", "le": "<=", "less_equal": "<=",
}  # fmt: skip
Values = Sequence[Mapping[str, Any]]


def constructor(
    scope: Scope, entry: Entry, raw: Mapping[str, Any], resolved: Values, node: str, flows: Width | None = None
) -> str:
    """`nn.Conv2d(1, 6, 5)`: a layer that the document writes with `raw`; `resolved` are all arguments, by instance.

    `node` is what it is called, `flows` the width of its input where that is known.
    """
    texts = {}
    for argument in entry.arguments:
        if argument.name in resolved[0] and not _is_default(scope, argument, raw, resolved):
            texts[argument.name] = _argument(scope, argument, raw, resolved, node, flows)
    positional = _leading(entry, texts)
    named = {name: text for name, text in texts.items() if name not in positional}
    return call(function_name(entry.reference), [texts[name] for name in positional], named)


def _argument(
    scope: Scope, argument: Argument, raw: Mapping[str, Any], resolved: Values, node: str, flows: Width | None = None
) -> str:
    values = by_name(resolved, argument.name)
    if argument.name not in raw:
        return scope.size(argument.name, values, node, flows)
    written = raw[argument.name]
    if is_layer(argument, values[0]):
        if isinstance(written, str) and scope.symbolic(written):  # a layer that is itself an argument
            written = _only(values, written)
        part = part_of(written, "")
        inner = [part_of(value, "").args for value in values]
        return constructor(scope, catalog().find("layer", part.name), part.args, inner, node, flows)
    return scope.value(argument, written, values)


def _only(values: Sequence[Any], name: str) -> Any:
    """The layer that every instance is given."""
    if any(value != values[0] for value in values):
        words = f"a class cannot be printed whose instances are given different layers as {name}"
        raise DocumentError(Problem("model.modules", words, "write a definition for each layer"))
    return values[0]


def _is_default(scope: Scope, argument: Argument, raw: Mapping[str, Any], resolved: Values) -> bool:
    if argument.required or scope.symbolic(raw.get(argument.name)):
        return False
    value = resolved[0][argument.name]
    if isinstance(value, dict) or (isinstance(value, str) and argument.kind.startswith("part:")):
        return False
    made = value if argument.kind == "callable" else convert(argument.forms, value, lambda *part: part)
    return type(made) in (bool, int, float, str, tuple, type(None)) and bool(made == argument.default)


@cache
def _positions(entry: Entry) -> tuple[str, ...]:
    """The leading parameters that a constructor takes without their names, and that are no surprise so."""
    parameters = list(inspect.signature(entry.target).parameters.values())
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):  # LSTM(*args, **kwargs)
        return tuple(argument.name for argument in entry.arguments if argument.required)
    return tuple(item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD)


def _leading(entry: Entry, texts: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for name in _positions(entry):
        argument = entry.argument(name)
        plain = argument is not None and (argument.required or name in POSITIONAL) and name not in BY_NAME
        if not plain or name not in texts:
            break
        found.append(name)
    return found


def operation(scope: Scope, entry: Entry, node: Node, resolved: Values, inputs: Sequence[str]) -> str:
    """A function of torch called with these tensors: an operator where there is one."""
    given = [argument for argument in entry.arguments if argument.name in resolved[0]]
    kept = [
        argument
        for argument in given
        if argument.name in entry.tensors or not _is_default(scope, argument, node.args, resolved)
    ]
    texts = {argument.name: _argument(scope, argument, node.args, resolved, "") for argument in kept}
    short = _operator(entry, texts, by_name(resolved, next(iter(texts), "")), inputs)
    if short:
        return short
    name = function_name(entry.reference)
    if entry.spread:
        before = [texts.pop(argument.name) for argument in kept if argument.required or argument.variadic]
        return call(name, [*before, *inputs], texts)
    if entry.listed:
        return call(name, [f"({', '.join(inputs)}{',' * (len(inputs) == 1)})"], texts)
    free = [tensor for tensor in entry.tensors if tensor not in {argument.name for argument in given}]
    return _in_order(name, entry, dict(zip(free, inputs, strict=False)), texts)


def _in_order(name: str, entry: Entry, tensors: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """Tensors that must be given and what follows them stand without names, as long as nothing is left out."""
    args: list[str] = []
    for parameter in _parameters(entry):
        argument = entry.argument(parameter)
        plain = argument is not None and (argument.required or parameter in POSITIONAL) and parameter not in BY_NAME
        plain = plain or (parameter == "dim" and entry.name in DIM_FIRST)
        if parameter in _keywords(entry):
            break
        if parameter in tensors and (parameter in entry.needed or not args):
            args.append(tensors[parameter])
        elif parameter in texts and plain:
            args.append(texts[parameter])
        else:
            break
    written = {**tensors, **texts}
    rest = [parameter for parameter in _parameters(entry) if parameter in written][len(args) :]
    return call(name, args, {parameter: written[parameter] for parameter in rest})


@cache
def _keywords(entry: Entry) -> frozenset[str]:
    """The parameters that some overload of a function takes by name only."""
    packet = getattr(torch.ops.aten, entry.target.__name__, None)
    if inspect.isfunction(entry.target) or packet is None:
        return frozenset()
    schemas = (getattr(packet, overload)._schema for overload in packet.overloads())
    return frozenset(argument.name for schema in schemas for argument in schema.arguments if argument.kwarg_only)


@cache
def _parameters(entry: Entry) -> tuple[str, ...]:
    """All parameters, tensors and arguments, in the order of the function's signature."""
    names = dict.fromkeys([*entry.tensors, *(argument.name for argument in entry.arguments)])
    places = {name: re.search(rf"[( *]{name}(?=[=,)])", entry.signature) for name in names}
    return tuple(sorted(names, key=lambda name: found.start() if (found := places[name]) else 0))


def _operator(entry: Entry, texts: Mapping[str, str], values: Sequence[Any], inputs: Sequence[str]) -> str:
    """`x + y` for add; empty where there is no operator for it."""
    if entry.name in ("neg", "negative") and len(inputs) == 1 and not texts:
        return f"-{inputs[0]}"
    sign = OPERATORS.get(entry.name, "")
    number = list(texts) in (["other"], ["exponent"]) and all(type(value) in (int, float) for value in values)
    operands = [*inputs, *(texts.values() if number else ())]
    if not sign or len(operands) != 2 or len(inputs) + len(texts) != 2:
        return ""
    left, right = operands
    if not re.fullmatch(r"-?[\w.]+(\[\d+\])*", right):
        right = f"({right})"
    simple = sign == "**" and all(re.fullmatch(r"-?[\w.]+", side) for side in operands)
    return f"{left}{sign}{right}" if simple else f"{left} {sign} {right}"
