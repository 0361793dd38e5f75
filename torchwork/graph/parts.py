"""Parts inside arguments: the layer that a TransformerEncoder stacks, the activation that a layer calls."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from torchwork.catalog import Argument, catalog
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Part


def part_of(value: Any, path: str) -> Part:
    """The part that `value` writes; DocumentError when it is not written as one."""
    try:
        return Part.model_validate(value)
    except ValidationError:
        raise DocumentError(Problem(path, f"expected `Name` or `Name: {{argument: value}}`, got {value!r}")) from None


def is_layer(argument: Argument, value: Any) -> bool:
    """Whether `value`, given for this argument, writes a nested layer."""
    return argument.kind == "part:layer" and isinstance(value, str | dict)


def make_part(kind: str, value: Any, path: str) -> Any:
    """The object that a nested part writes: a layer, a function of torch, an initializer of tensors."""
    part = part_of(value, path)
    if kind == "initializer":
        entry = catalog().find(kind, part.name, path)
        return lambda tensor: entry.construct(part.args, tensor, path=f"{path}.{part.name}")
    if kind == "callable":
        return catalog().find("operation", part.name, path).construct(part.args, part=make_part, path=path)
    return catalog().find(kind, part.name, path).construct(part.args, part=make_part, path=f"{path}.{part.name}")
