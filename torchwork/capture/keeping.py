"""A class that no nodes say as a code definition: its source, or a class that calls what a person named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torchwork.capture.calling import Called, called, constants, words
from torchwork.capture.constructors import Constructors, arguments
from torchwork.capture.draft import Code
from torchwork.capture.expressions import Writer, is_plain
from torchwork.capture.layers import UnsupportedError
from torchwork.capture.recording import Frame, Own, Ref, references
from torchwork.capture.source import Slice
from torchwork.capture.targets import Origin

FLAT = '''def every_tensor(found):
    """The tensors in nested tuples, lists, mappings and dataclasses, as one tuple."""
    if isinstance(found, torch.Tensor):
        return (found,)
    if isinstance(found, dict):
        found = list(found.values())
    elif dataclasses.is_dataclass(found):
        found = [getattr(found, field.name) for field in dataclasses.fields(found)]
    return sum(map(every_tensor, found), ()) if isinstance(found, (tuple, list)) else ()'''
"""What a class needs whose forward gives more than tensors."""


def code_of(frame: Frame, reason: str, seen: Constructors) -> Code:
    """The code definition of the class of a frame.

    Raises:
        UnsupportedError: its source or an argument of its constructor is not to be had, or it takes no tensor.
    """
    module = frame.module
    title = type(module).__name__
    if type(module).__module__.partition(".")[0] == "torch":
        raise UnsupportedError(reason)  # a container's class says nothing of what it holds
    slice_ = Slice()
    writer = Writer(slice_, seen)
    slice_.add_class(type(module))
    given = arguments(module, seen)
    plain = {name: value for name, value in given.items() if value is not None and is_plain(value)}
    baked = {name: writer.text(value) for name, value in given.items() if name not in plain}
    call = called(frame, writer.text)
    methods = [*_constructor(baked), *_forward(frame, call, slice_, "super().forward")]
    if methods:
        slice_.pieces.append("\n\n".join([f"class {title}Here({title}):", *methods]).replace(":\n\n", ":\n", 1))
    frozen = [words(name, value) for name, value in constants(frame).items()]
    made = f"{title}Here" if methods else title
    return Code(title, made, slice_.text(), plain, call.inputs, _outputs(frame), reason, frozen, frame.path)


def code_of_target(frame: Frame, reason: str, origin: Origin) -> Code:
    """The code definition of a root that calls what makes the model; its weights' names begin with `net.`.

    Raises:
        UnsupportedError: its forward takes no tensor.
    """
    title = type(frame.module).__name__
    slice_ = Slice()
    slice_.imports |= dict.fromkeys(["from torch import nn", *origin.imports])
    slice_.pieces += [origin.source] if origin.source else []
    call = called(frame, Writer(slice_, {}).text)
    init = f"    def __init__(self):\n        super().__init__()\n        self.net = {origin.expression}"
    forward = _forward(frame, call, slice_, "self.net") or [_method(call, f"self.net({call.text})")]
    slice_.pieces.append(f"class {title}Here(nn.Module):\n" + "\n\n".join([init, *forward]))
    return Code(title, f"{title}Here", slice_.text(), {}, call.inputs, _outputs(frame), reason)


def _constructor(baked: Mapping[str, Any]) -> list[str]:
    """A constructor with the arguments that JSON cannot hold; none where there are none."""
    fixed = ", ".join(f"{name}={text}" for name, text in baked.items())
    return [f"    def __init__(self, **arguments):\n        super().__init__(**arguments, {fixed})"] if baked else []


def _forward(frame: Frame, call: Called, slice_: Slice, inner: str) -> list[str]:
    """A forward of tensors only, where the class's own takes or gives something else; else none."""
    value = f"{inner}({call.text})"
    if not _is_flat(frame.output):
        slice_.imports |= dict.fromkeys(["import dataclasses", "import torch"])
        slice_.pieces.append(FLAT)
        value = f"every_tensor({value})" + "[0]" * (_outputs(frame) == 1)
    elif call.plain:
        return []
    return [_method(call, value)]


def _method(call: Called, value: str) -> str:
    return f"    def forward(self, {', '.join(call.inputs)}):\n        return {value}"


def _is_flat(output: Any) -> bool:
    """Whether it is a tensor, or several of them in one tuple or list."""
    several = isinstance(output, tuple | list) and len(output) > 1
    return isinstance(output, Ref | Own) or (several and all(isinstance(item, Ref | Own) for item in output))


def _outputs(frame: Frame) -> int:
    """How many tensors it gives."""
    found = sum(1 for _ in references(frame.output))
    if not found:
        raise UnsupportedError(f"{type(frame.module).__name__} gives no tensor")
    return found
