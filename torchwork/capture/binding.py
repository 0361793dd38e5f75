"""Which parameter of an operation each given value is, by torch's own signatures and schemas."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from torchwork.capture.layers import UnsupportedError
from torchwork.capture.recording import Own, Ref
from torchwork.capture.shapes import Varying
from torchwork.catalog import Entry

Bound = dict[str, Any]


def bind(entry: Entry, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Bound:
    """Parameter names to given values; UnsupportedError when no overload takes them."""
    target = entry.target
    if inspect.isfunction(target) and entry.signature and not _is_varargs(target):
        try:
            bound = inspect.signature(target).bind(*args, **kwargs)
        except TypeError:
            raise UnsupportedError(f"{entry.name} is called in a way that the catalog does not know") from None
        return dict(bound.arguments)
    if entry.spread:
        return {**kwargs, "": list(args)}
    for schema in _schemas(target.__name__):
        found = _fit(schema, list(args), dict(kwargs))
        if found is not None:
            return {("input" if name == "self" else name): value for name, value in found.items()}
    raise UnsupportedError(f"{entry.name} is called in a way that the catalog does not know")


def _is_varargs(function: Any) -> bool:
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    return bool(kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})


def _schemas(name: str) -> list[Any]:
    packet = getattr(torch.ops.aten, name, None)
    return [] if packet is None else [getattr(packet, overload)._schema for overload in packet.overloads()]


def _fit(schema: Any, args: list[Any], kwargs: dict[str, Any]) -> Bound | None:
    """The arguments of one overload by name; None when they do not fit it."""
    positional = [argument for argument in schema.arguments if not argument.kwarg_only]
    names = {argument.name: argument for argument in schema.arguments}
    given = {("self" if name == "input" and "self" in names else name): value for name, value in kwargs.items()}
    if any(name not in names for name in given) or any(argument.is_out for argument in schema.arguments):
        return None
    found: Bound = {}
    for place, argument in enumerate(positional):
        if place >= len(args):
            break
        rest = args[place:]
        spread = str(argument.type).startswith("List[int]") and _is_number(args[place]) and not argument.N
        if spread and all(map(_is_number, rest)):
            found[argument.name] = list(rest)
            break
        found[argument.name] = args[place]
    else:
        if len(args) > len(positional):
            return None
    found |= given
    missing = [name for name, item in names.items() if name not in found and not item.has_default_value()]
    fits = all(_is_of(names[name], value) for name, value in found.items())
    return found if fits and not missing else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Varying) and not isinstance(value, bool)


def _is_of(argument: Any, value: Any) -> bool:
    kind = str(argument.type).removeprefix("Optional[").removesuffix("]")
    if value is None:
        return "Optional" in str(argument.type)
    if kind == "Tensor":
        return isinstance(value, Ref | Own)
    if "List[Tensor" in kind or "List[Optional[Tensor" in kind:
        return isinstance(value, list | tuple) and all(isinstance(item, Ref | Own) for item in value)
    if "List[" in kind:
        return isinstance(value, list | tuple) or bool(argument.N and _is_number(value))
    if isinstance(value, Ref | Own | list | tuple):
        return False
    if kind in ("int", "SymInt"):
        return isinstance(value, Varying | int | torch.dtype | torch.device | torch.layout | torch.memory_format)
    if kind == "number":
        return _is_number(value) or isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    return True
