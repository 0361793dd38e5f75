"""The functions of torch and torch.nn.functional that take tensors and give tensors, as entries.

Which functions there are is torch's own list of what can be overridden; what they take comes from the schemas of the
operators behind them, which know every overload, else from their signatures.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import Parameter
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import get_testing_overrides

from torchwork.catalog import documentation, exceptions
from torchwork.catalog.annotations import Forms, annotations_of, distinct, forms_of_schema
from torchwork.catalog.describe import argument_of, made, signature_text
from torchwork.catalog.documentation import ArgumentText, Documentation
from torchwork.catalog.entry import Argument, Entry
from torchwork.catalog.forms import Items, Nothing, Values

EMPTY = Parameter.empty


def operations() -> dict[str, Entry]:
    """Every operation by name; where torch and torch.nn.functional share a name, the documented one."""
    found: dict[str, Entry] = {}
    overridable = get_testing_overrides()
    for module in (torch, functional):
        for name, function in _functions(module, overridable):
            entry = _entry(name, function, overridable[function], module.__name__)
            if entry is not None:
                found.setdefault(name, entry)
    return dict(sorted(found.items()))


def _functions(module: Any, overridable: dict[Any, Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in sorted(dir(module)):
        if name.startswith("_") or name.endswith("_") or exceptions.left_out(name, exceptions.NOT_OPERATIONS):
            continue
        function = getattr(module, name)
        if (
            callable(function)
            and not isinstance(function, type)
            and function in overridable
            and _documented(module, name)
        ):
            yield name, function


def _documented(module: Any, name: str) -> bool:
    """Whether this is the place of the name that has documentation: torch.relu has none, functional.relu has."""
    if getattr(module, name).__doc__:
        return True
    elsewhere = getattr(functional, name, None) if module is torch else None
    return not (elsewhere and elsewhere.__doc__) and bool(getattr(getattr(torch.Tensor, name, None), "__doc__", None))


def _entry(name: str, function: Any, override: Any, module: str) -> Entry | None:
    texts = documentation.read(function.__doc__ or getattr(torch.Tensor, name).__doc__)
    schemas = [] if inspect.isfunction(function) else _schemas(function.__name__)
    if not schemas and not inspect.isfunction(function) and hasattr(torch.ops.aten, function.__name__):
        return None  # every overload answers with something else than tensors: is_complex, equal
    parameters = _from_schemas(schemas, texts) if schemas else _from_signature(name, function, override, texts)
    return _assembled(name, function, module, texts.summary, list(parameters))


def _assembled(name: str, function: Any, module: str, summary: str, parameters: list[Argument]) -> Entry | None:
    """The entry of a function, its tensor parameters told from its arguments; None when it has no tensor parameter."""
    tensors = [parameter for parameter in parameters if any(map(_is_tensor, parameter.forms)) or _is_list(parameter)]
    if not tensors:
        return None
    listed, spread = _is_list(tensors[0]) and not tensors[0].variadic, tensors[0].variadic
    tensors = tensors[:1] if listed or spread else [tensor for tensor in tensors if not _is_list(tensor)]
    arguments = tuple(_optional(parameter, tensors) for parameter in parameters if not _only_tensor(parameter, tensors))
    return Entry(
        name,
        "operation",
        function,
        arguments,
        summary,
        reference=f"{module}.{name}",
        signature=signature_text(name, tuple(parameters)),
        tensors=tuple(tensor.name for tensor in tensors),
        needed=tuple(tensor.name for tensor in tensors if tensor.required),
        listed=listed,
        spread=spread,
    )


def _is_tensor(form: Any) -> bool:
    return isinstance(form, Values)


def _is_list(parameter: Argument) -> bool:
    return any(isinstance(form, Items) and any(map(_is_tensor, form.items[0])) for form in parameter.forms)


def _only_tensor(parameter: Argument, tensors: list[Argument]) -> bool:
    return parameter in tensors and all(isinstance(form, Values | Nothing | Items) for form in parameter.forms)


def _optional(parameter: Argument, tensors: list[Argument]) -> Argument:
    """A number that may be a tensor too is asked for only when no tensor comes in its place."""
    return replace(parameter, required=False) if parameter in tensors else parameter


def _schemas(name: str) -> list[Any]:
    """The overloads of the operator behind a function that make tensors of tensors and begin alike."""
    packet = getattr(torch.ops.aten, name, None)
    schemas = [getattr(packet, overload)._schema for overload in packet.overloads()] if packet is not None else []
    schemas = [schema for schema in schemas if _is_offered(schema)]
    firsts = [schema.arguments[0].name for schema in schemas]
    first = "self" if "self" in firsts else firsts[0] if firsts else ""
    return [schema for schema in schemas if schema.arguments[0].name == first]


def _is_offered(schema: Any) -> bool:
    """Whether an overload takes and gives tensors, writes to none of them, and does not name dimensions."""
    writes = schema.is_mutable or any(argument.is_out for argument in schema.arguments)
    named = "names" in schema.overload_name or any(
        argument.name in ("names", "dimname") for argument in schema.arguments
    )
    takes, gives = (
        any("Tensor" in str(value.type) for value in values) for values in (schema.arguments, schema.returns)
    )
    return takes and gives and not writes and not named


def _from_schemas(schemas: list[Any], texts: Documentation) -> Iterator[Argument]:
    """The parameters of all overloads together: required where each overload has and requires it."""
    merged: dict[str, list[Any]] = {}
    for schema in schemas:
        for argument in schema.arguments:
            merged.setdefault("input" if argument.name == "self" else argument.name, []).append(argument)
    for name, same in merged.items():
        if exceptions.is_supplied("operation", schemas[0].name.removeprefix("aten::"), name):
            continue
        forms = distinct(form for argument in same for form in _schema_forms(argument))
        required = len(same) == len(schemas) and not any(argument.has_default_value() for argument in same)
        default = next((argument.default_value for argument in same if argument.has_default_value()), None)
        if not required and default is None:
            forms = distinct([*forms, Nothing()])
        yield made(name, forms, default, required, help=texts.arguments.get(name, ArgumentText()).help)


def _schema_forms(argument: Any) -> Forms:
    """`int[1]` takes one int as well as a list of them."""
    forms = forms_of_schema(str(getattr(argument, "real_type", argument.type)))  # `type` calls a dtype an int
    return distinct([*forms_of_schema("int"), *forms]) if argument.N else forms


def _from_signature(name: str, function: Any, override: Any, texts: Documentation) -> Iterator[Argument]:
    """The parameters by the function's own signature, or by that which torch keeps for overriding it."""
    signature = inspect.signature(function if inspect.isfunction(function) else override)
    if all(
        parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        for parameter in signature.parameters.values()
    ):
        signature = inspect.signature(override)
    for parameter in signature.parameters.values():
        if parameter.kind is Parameter.VAR_KEYWORD or exceptions.is_supplied("operation", name, parameter.name):
            continue
        text = texts.arguments.get(parameter.name, ArgumentText())
        annotation = torch.Tensor if parameter.kind is Parameter.VAR_POSITIONAL else _annotation(name, parameter)
        yield argument_of(parameter, annotation, "operation", name, text)


def _annotation(name: str, parameter: Parameter) -> Any:
    """The parameter's annotation, else that of the layer of the same name: MaxPool2d knows what max_pool2d takes."""
    if parameter.annotation not in (EMPTY, None, type(None)):  # torch's BroadcastingList2[int] is None at run time
        return parameter.annotation
    layer = LAYERS.get(name.replace("_", ""))
    known = annotations_of(layer.__init__).get(parameter.name) if layer else None
    return torch.Tensor if parameter.name == "input" else EMPTY if known is None else known


LAYERS = {
    name.lower(): found for name, found in vars(nn).items() if isinstance(found, type) and issubclass(found, nn.Module)
}
