"""How a forward is called: with which tensors, which a node gives it, and with which numbers, which are frozen."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torchwork.capture.layers import UnsupportedError
from torchwork.capture.recording import Frame, Own, Ref, references

PLAIN = (bool, int, float, str)


@dataclass(frozen=True)
class Called:
    """The tensors of a forward by name, in the order of the call, and the call's arguments as text: `x, (7, 7)`."""

    inputs: list[str]
    text: str

    @property
    def plain(self) -> bool:
        """Whether it is called with these tensors and nothing else, as a node calls it."""
        return self.text == ", ".join(self.inputs)


def called(frame: Frame, say: Callable[[Any], str]) -> Called:
    """How a forward was called; `say` writes the values that are no tensors.

    Raises:
        UnsupportedError: without a tensor, or with values that no text says.
    """
    names = input_names(frame)
    inputs = list(dict.fromkeys(names[ref] for ref in _inputs((frame.args, frame.kwargs))))
    if not inputs:
        raise UnsupportedError(f"{type(frame.module).__name__} is called without a tensor")
    args, kwargs = _without_defaults(frame)
    parts = [_text(value, names, say) for value in args]
    parts += [f"{name}={_text(value, names, say)}" for name, value in kwargs.items()]
    return Called(inputs, ", ".join(parts))


def _text(value: Any, names: Mapping[Ref, str], say: Callable[[Any], str]) -> str:
    if isinstance(value, Ref):
        return names[value]
    if isinstance(value, dict) and _tensors(value):
        return "{" + ", ".join(f"{key!r}: {_text(item, names, say)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list) and _tensors(value):
        inner = ", ".join(_text(item, names, say) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
    if isinstance(value, Own):
        raise UnsupportedError("it is called with a tensor that is no result of a node")
    return say(value)


def constants(frame: Frame) -> dict[str, Any]:
    """What a forward was given beside tensors, by name, where it differs from the default."""
    bound = _bound(frame)
    return {name: value for name, value in bound.arguments.items() if not _tensors(value)} if bound else {}


def words(name: str, value: Any) -> str:
    """What a report says of a number that a forward was given."""
    says = isinstance(value, (*PLAIN, tuple, list)) or value is None
    return f"{name} = {value!r}" if says else f"{name} is a {type(value).__name__}"


def input_names(frame: Frame) -> dict[Ref, str]:
    """The forward's own parameter names of its tensors; elements of a list or mapping are numbered."""
    found: dict[Ref, str] = {}
    bound = _bound(frame)
    for name, value in bound.arguments.items() if bound else ():
        for place, ref in enumerate(_inputs(value)):
            found.setdefault(ref, name if isinstance(value, Ref) else f"{name}{place}")
    for ref in _inputs((frame.args, frame.kwargs)):
        found.setdefault(ref, f"input{-1 - ref.step}")
    return found


def _inputs(value: Any) -> list[Ref]:
    return [ref for ref in references(value) if isinstance(ref, Ref)]


def _without_defaults(frame: Frame) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments and named arguments, as far as they say something; the first by place, as far as they can."""
    bound = _bound(frame)
    return (bound.args, bound.kwargs) if bound else (frame.args, frame.kwargs)


def _bound(frame: Frame) -> inspect.BoundArguments | None:
    try:
        signature = inspect.signature(frame.module.forward)
        bound = signature.bind(*frame.args, **frame.kwargs)
    except (TypeError, ValueError):
        return None
    for name, parameter in signature.parameters.items():
        if name in bound.arguments and _is(bound.arguments[name], parameter.default):
            del bound.arguments[name]
    return bound


def _is(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and isinstance(value, PLAIN) and value == default)


def _tensors(value: Any) -> bool:
    return any(True for _ in references(value))
