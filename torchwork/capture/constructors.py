"""With which arguments the modules of a model were constructed, for those that no document can say otherwise."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from torch import nn

from torchwork.capture.layers import MISSING, UnsupportedError

Constructors = Mapping[nn.Module, Mapping[str, Any]]
"""The arguments, by parameter name, of each module that was seen to be made."""


@contextmanager
def watched() -> Iterator[dict[nn.Module, dict[str, Any]]]:
    """Keeps the constructor arguments of every module that is made inside."""
    found: dict[nn.Module, dict[str, Any]] = {}

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or frame.f_code.co_name != "__init__":
            return
        made = frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_varnames else None
        if isinstance(made, nn.Module) and getattr(type(made).__init__, "__code__", None) is frame.f_code:
            # Not `found[made]` later: the hash of a module is its identity, and it needs no attribute of it.
            found[made] = {name: value for name, value in frame.f_locals.items() if value is not made}

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)


def arguments(module: nn.Module, seen: Constructors) -> dict[str, Any]:
    """The arguments that differ from the defaults: as seen, else from attributes of the same names.

    Raises:
        UnsupportedError: one that must be given is not known.
    """
    given = seen.get(module)
    found: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(type(module).__init__).parameters.items())[1:]:
        value = given.get(name, MISSING) if given is not None else getattr(module, name, MISSING)
        if parameter.kind is parameter.VAR_POSITIONAL and value not in (MISSING, ()):
            raise UnsupportedError(f"the constructor of {type(module).__name__} takes any number of arguments")
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= value if isinstance(value, dict) else {}
        elif (
            value is MISSING and parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        ):
            raise UnsupportedError(f"the argument {name} that {type(module).__name__} was made with is not known")
        elif (
            parameter.kind is not parameter.VAR_POSITIONAL
            and value is not MISSING
            and not _is(value, parameter.default)
        ):
            found[name] = value
    return found


def _is(value: Any, default: Any) -> bool:
    return value is default or (
        type(value) is type(default) and isinstance(value, int | float | str | tuple) and value == default
    )
