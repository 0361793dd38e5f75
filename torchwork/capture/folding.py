"""A class of one's own around a layer: BatchNormAct2d does what BatchNorm2d does, and calls an activation behind it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from torchwork.capture.layers import UnsupportedError, arguments_of, layer_around
from torchwork.capture.recording import Call, Frame, Ref, references

SELF = "="
"""The name of the call by which such a class does what its layer does."""


def fold(frames: Sequence[Frame]) -> None:
    """In the frames of one module, make one call of those that do what the layer does that it is around."""
    found = [_found(frame) for frame in frames]
    for frame, place in zip(frames, found, strict=True):
        if place is not None and None not in found:
            _replace(frame, place[0], len(frame.plain), place[1])
        frame.plain = []


def _found(frame: Frame) -> tuple[int, Ref] | None:
    """From which call on a frame does what its layer does, and for which tensor."""
    for begin in range(len(frame.calls) - len(frame.plain) + 1 if frame.plain else 0):
        bound: dict[str, Ref] = {}
        pairs = zip(frame.plain, frame.calls[begin:], strict=False)
        same = all(a.name == b.name and _alike(_given(a), _given(b), begin, bound) for a, b in pairs)
        if same and bound and not _used(frame, begin, begin + len(frame.plain) - 1):
            return begin, bound["input"]
    return None


def _used(frame: Frame, begin: int, last: int) -> bool:
    """Whether what lies between is used behind it."""
    later = [(call.args, call.kwargs) for call in frame.calls[last + 1 :]]
    return any(isinstance(ref, Ref) and begin <= ref.step < last for ref in references([*later, frame.output]))


def _given(call: Call) -> Any:
    try:
        bound = inspect.signature(call.function).bind(*call.args, **call.kwargs)  # type: ignore[arg-type]
    except (TypeError, ValueError):  # functions of C++ have no signature
        return [call.args, call.kwargs]
    bound.apply_defaults()
    return dict(bound.arguments)


def _alike(plain: Any, found: Any, begin: int, bound: dict[str, Ref]) -> bool:
    """Whether two values are one, where the layer's input may be any tensor of the frame."""
    if isinstance(plain, Ref) and plain.step < 0:
        return isinstance(found, Ref) and bound.setdefault("input", found) == found
    if isinstance(plain, Ref):
        return bool(found == Ref(begin + plain.step, plain.places))
    if isinstance(plain, dict):
        same = isinstance(found, dict) and list(plain) == list(found)
        return same and all(_alike(plain[key], found[key], begin, bound) for key in plain)
    if isinstance(plain, tuple | list):
        same = isinstance(found, tuple | list) and len(plain) == len(found)
        return same and all(_alike(*pair, begin, bound) for pair in zip(plain, found, strict=True))
    return type(plain) is type(found) and bool(plain == found)


def _replace(frame: Frame, begin: int, count: int, given: Ref) -> None:
    last = begin + count - 1

    def moved(value: Any) -> Any:
        if isinstance(value, Ref):
            return Ref(value.step - count + 1, value.places) if value.step >= last else value
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        return type(value)(map(moved, value)) if type(value) in (tuple, list) else value

    kept = [ref for ref in frame.shapes if not begin <= ref.step < last]
    frame.shapes = {moved(ref): frame.shapes[ref] for ref in kept}
    frame.dtypes = {moved(ref): frame.dtypes[ref] for ref in frame.dtypes if not begin <= ref.step < last}
    frame.tuples = {moved(refs): moved(ref) for refs, ref in frame.tuples.items()}
    for call in frame.calls[last + 1 :]:
        call.args, call.kwargs = moved(call.args), moved(call.kwargs)
    frame.output = moved(frame.output)
    frame.calls[begin : last + 1] = [Call(SELF, (given,), {}, frame.module)]


def layer_arguments(module: nn.Module) -> tuple[str, dict[str, Any]]:
    """The layer that a module is around, and its arguments.

    Raises:
        UnsupportedError: made with them it has not the same weights and buffers.
    """
    entry = layer_around(module)
    assert entry is not None
    args = arguments_of(module, entry)
    with torch.device("meta"):
        made = entry.construct(args)
    own = {*dict(module.named_parameters(recurse=False)), *dict(module.named_buffers(recurse=False))}
    if own != {*dict(made.named_parameters()), *dict(made.named_buffers())}:
        raise UnsupportedError(f"it has other weights than {entry.name}")
    return entry.name, args
