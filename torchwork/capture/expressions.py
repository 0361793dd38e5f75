"""Values with which a module was made, as Python text: numbers, classes, functions, records, other modules."""

from __future__ import annotations

import enum
import functools
import inspect
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import nn

from torchwork.capture.calling import PLAIN
from torchwork.capture.constructors import Constructors, arguments
from torchwork.capture.layers import UnsupportedError, arguments_of, layer_of
from torchwork.capture.source import Slice


def is_plain(value: Any) -> bool:
    """Whether JSON holds a value as it is: numbers, texts, lists of them."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is None or type(value) in PLAIN


class Writer:
    """Writes values as expressions, and what these need into a slice of sources."""

    def __init__(self, slice_: Slice, seen: Constructors) -> None:
        self._slice, self._seen = slice_, seen

    def text(self, value: Any) -> str:
        """Python text that makes a value again; UnsupportedError where there is none."""
        if is_plain(value):
            return repr(value)
        if isinstance(value, enum.Enum):
            return f"{self._slice.named(type(value))}.{value.name}"
        if isinstance(value, nn.Module):
            return self._module(value)
        if isinstance(value, tuple | list | set | frozenset | dict):
            return self._several(value)
        if isinstance(value, functools.partial):
            self._slice.imports["from functools import partial"] = None
            return self._call("partial", [value.func, *value.args], value.keywords)
        if is_dataclass(value) and not isinstance(value, type):
            given = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
            return self._call(self._slice.named(type(value)), [], given)
        if isinstance(value, torch.dtype | torch.device):
            self._slice.imports["import torch"] = None
            return f"torch.{value!r}".replace("torch.torch.", "torch.")
        if isinstance(value, type) or inspect.isfunction(value) or inspect.isbuiltin(value):
            return self._named(value)
        raise UnsupportedError(f"it was made with a {type(value).__name__}, which no text says")

    def _call(self, name: str, args: Any, kwargs: Any) -> str:
        named = [f"{key}={self.text(value)}" for key, value in kwargs.items()]
        return f"{name}({', '.join([*map(self.text, args), *named])})"

    def _named(self, value: Any) -> str:
        name = getattr(value, "__name__", "")
        if inspect.isbuiltin(value) and getattr(torch, name, None) is value:
            self._slice.imports["import torch"] = None
            return f"torch.{name}"
        if getattr(nn, name, None) is value:
            self._slice.imports["from torch import nn"] = None
            return f"nn.{name}"
        return self._slice.named(value)

    def _several(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.text(key)}: {self.text(item)}" for key, item in value.items()) + "}"
        if hasattr(value, "_asdict"):
            return self._call(self._slice.named(type(value)), [], value._asdict())
        inner = ", ".join(map(self.text, value))
        if isinstance(value, set | frozenset):
            return f"{type(value).__name__}([{inner}])"
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"

    def _module(self, module: nn.Module) -> str:
        """A module, made as this one was: a layer, a container, or a class of one's own."""
        kind = type(module)
        if getattr(nn, kind.__name__, None) is not kind:
            self._slice.add_class(kind)
            return self._call(kind.__name__, [], arguments(module, self._seen))
        self._slice.imports["from torch import nn"] = None
        entry = layer_of(module)
        if kind is nn.Sequential:
            return self._sequential(module)
        if isinstance(module, nn.ModuleList | nn.ModuleDict):
            inner = list(module) if isinstance(module, nn.ModuleList) else dict(module.items())
            return self._call(f"nn.{kind.__name__}", [inner], {})
        args = arguments_of(module, entry) if entry else {}
        if entry is None or any(isinstance(value, dict) for value in args.values()):
            raise UnsupportedError(f"it was made with a {kind.__name__}, which no text says")
        args = {name: tuple(value) if isinstance(value, list) else value for name, value in args.items()}
        return self._call(f"nn.{kind.__name__}", [], args)

    def _sequential(self, module: nn.Module) -> str:
        children = dict(module.named_children())
        if list(children) == [str(place) for place in range(len(children))]:
            return self._call("nn.Sequential", children.values(), {})
        self._slice.imports["from collections import OrderedDict"] = None
        return f"nn.Sequential(OrderedDict({self.text(children)}))"
