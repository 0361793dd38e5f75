"""Runs a live module and writes down what each module in it calls: children, functions of torch, and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchwork.capture.foreign import FOREIGN
from torchwork.capture.layers import layer_around, layer_of
from torchwork.graph.value import tensors_in

Shape = tuple[int, ...]
FEW = 64
"""numbers of a tensor that stand in the document; more of them come with the weights"""
DRAWS = ("empty", "new_empty", "rand", "normal", "bernoulli", "poisson", "multinomial")
"""So begin the functions that give other numbers at each call."""
LOOKS = {"item", "tolist", "__bool__", "__int__", "__float__", "__index__", "__contains__", "equal", "allclose",
         "numpy", "__array__"}  # fmt: skip
"""Functions that turn numbers of a tensor into Python's: what follows depends on the data."""


@dataclass(frozen=True)
class Ref:
    """A tensor within a frame: the result of call `step`, or input -1, -2, ...; `places` lie in nested tuples."""

    step: int
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class Numbers:
    """The few numbers of a tensor, or the one that fills it."""

    size: Shape
    dtype: torch.dtype
    values: tuple[Any, ...]

    @classmethod
    def of(cls, tensor: Tensor) -> Numbers | None:
        """Those of a tensor; None where they are many."""
        flat = tensor.detach().flatten()
        if flat.is_complex() or not flat.numel() or tensor.device.type == "meta" or not bool(flat.isfinite().all()):
            return None
        alike = bool((flat == flat[0]).all())
        if flat.numel() > FEW and not alike:
            return None
        return cls(tuple(tensor.shape), tensor.dtype, tuple(flat[: 1 if alike else None].tolist()))

    def tensor(self) -> Tensor:
        """The tensor again."""
        if len(self.values) == 1:
            return torch.full(self.size, self.values[0], dtype=self.dtype)
        return torch.tensor(self.values, dtype=self.dtype).reshape(self.size)


@dataclass(frozen=True)
class Own:
    """A parameter or buffer, by its name from the root, that a forward uses without a layer.

    Without a name it is nobody's: then `numbers` holds it, where they are few.
    """

    name: str = ""
    numbers: Numbers | None = None


@dataclass
class Call:
    """One call that a forward makes: of a module (with its frame, where it is no layer) or of a function of torch."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    module: nn.Module | None = None
    function: Callable[..., Any] | None = None
    frame: Frame | None = None
    result: Any = None
    numbers: Numbers | None = None
    """what a function gives that is called without a tensor"""


@dataclass
class Frame:
    """One run of one module's forward."""

    module: nn.Module
    path: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    output: Any = None
    shapes: dict[Ref, Shape] = field(default_factory=dict)
    dtypes: dict[Ref, torch.dtype] = field(default_factory=dict)
    tuples: dict[tuple[Ref, ...], Ref] = field(default_factory=dict)
    looks: set[str] = field(default_factory=set)
    trouble: str = ""
    known: dict[int, Ref] = field(default_factory=dict, repr=False)
    plain: list[Call] = field(default_factory=list, repr=False)
    """what the layer that its module is around calls by itself"""

    def add(self, call: Call, result: Any) -> None:
        """Keep a call; its tensors are known from now on, also where it changed one in place."""
        step = len(self.calls)
        flat = list(tensors_in(result))
        composite = call.frame is not None
        located = list(enumerate(flat)) if composite else []
        if composite and len(flat) == 1:
            self.learn(flat[0], Ref(step))
        elif composite:
            for place, tensor in located:
                self.learn(tensor, Ref(step, (place,)))
        else:
            self._learn_nested(result, Ref(step))
        call.result = result if composite else None
        self.calls.append(call)

    def learn(self, tensor: Tensor, ref: Ref) -> None:
        """Know a tensor by its reference."""
        self.known[id(tensor)] = ref
        self.shapes[ref] = tuple(tensor.shape)
        self.dtypes[ref] = tensor.dtype

    def _learn_nested(self, value: Any, ref: Ref) -> None:
        if isinstance(value, Tensor):
            self.learn(value, ref)
        elif isinstance(value, tuple | list):
            for place, item in enumerate(value):
                self._learn_nested(item, Ref(ref.step, (*ref.places, place)))
            self.tuples[tuple(self.known[id(item)] for item in value if isinstance(item, Tensor))] = ref


def mapped(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """`value` with every tensor in nested tuples, lists, mappings and dataclasses changed; shapes become tuples."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, list):
        return [mapped(item, change) for item in value]
    if isinstance(value, tuple):
        return tuple(mapped(item, change) for item in value)
    if isinstance(value, Mapping):
        return {key: mapped(item, change) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: mapped(getattr(value, each.name), change) for each in fields(value)}
    return value


def references(value: Any) -> Iterator[Ref | Own]:
    """What stands for tensors in a frame's arguments or output."""
    if isinstance(value, Ref | Own):
        yield value
    elif isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from references(item)


class Recorder(TorchFunctionMode):
    """Follows one forward of a root module; layers of the catalog are not looked into."""

    def __init__(self, root: nn.Module) -> None:
        super().__init__()
        self._root = root
        self._paths = {id(module): name for name, module in root.named_modules()}
        self._own = dict(_names_of_tensors(root))
        self._frames: list[Frame] = []
        self._asleep = False
        self._looked = False
        self._alive: list[Any] = []  # an identity must not be given to another tensor while it is recorded
        self.frame: Frame | None = None

    def run(self, inputs: Sequence[Tensor]) -> tuple[Frame, Any]:
        """The frame of the root for these inputs, and what it gave."""
        with self, _patched(self._enter):
            output = self._root(*inputs)
        assert self.frame is not None
        return self.frame, output

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Called by torch for every function; those that a layer calls inside are not ours."""
        kwargs = kwargs or {}
        if self._asleep or not self._frames:
            return func(*args, **kwargs)
        frame = self._frames[-1]
        call = Call(name_of(func), self._given(frame, tuple(args)), self._given(frame, kwargs), function=func)
        versions = _versions(args) if "dropout" in call.name else {}
        result = self._told_apart(func(*args, **kwargs), versions)
        self._alive.append((args, result))
        if any(True for _ in tensors_in(result)):
            frame.add(call, result)
            call.numbers = None if self._looked else _constant(call, result)
        elif call.name in LOOKS:
            frame.looks.add(call.name)
            self._looked = True  # from now on numbers that are no tensor's may come from one
        elif call.name == "__setitem__":
            frame.trouble = "its forward assigns into a part of a tensor"
        return result

    def _enter(self, original: Any, module: nn.Module, args: Any, kwargs: Any) -> Any:
        path = self._paths.get(id(module))
        layer = layer_of(module)
        if self._asleep or (layer is None and path is None):  # a slice of a Sequential: what it calls is the caller's
            return original(module, *args, **kwargs)
        if layer is not None and self._frames:
            return self._layer(original, module, path, args, kwargs)
        return self._composite(original, module, path or "", args, kwargs)

    def _layer(self, original: Any, module: nn.Module, path: str | None, args: Any, kwargs: Any) -> Any:
        frame = self._frames[-1]
        call = Call("", self._given(frame, args), self._given(frame, kwargs), module)
        call.name = relative(path, frame.path) if path is not None else f"new.{type(module).__name__.lower()}"
        versions = _versions(args)
        self._asleep = True
        try:
            result = original(module, *args, **kwargs)
        finally:
            self._asleep = False
        result = self._told_apart(result, versions)
        self._alive.append((args, result))
        frame.add(call, result)
        return result

    def _composite(self, original: Any, module: nn.Module, path: str, args: Any, kwargs: Any) -> Any:
        outer = self._frames[-1] if self._frames else None
        inner = Frame(module, path)
        for place, tensor in enumerate(tensors_in((*args, *kwargs.values()))):
            inner.known.setdefault(id(tensor), Ref(-1 - place))
            inner.learn(tensor, inner.known[id(tensor)])
        inner.args, inner.kwargs = self._given(inner, tuple(args)), self._given(inner, kwargs)
        given: tuple[Any, Any] = (self._given(outer, tuple(args)), self._given(outer, kwargs)) if outer else ((), {})
        self._frames.append(inner)
        versions = _versions(args)
        try:
            result = original(module, *args, **kwargs)
        finally:
            self._frames.pop()
        inner.output = self._given(inner, result)
        inner.plain = self._plain(module, path, args)
        result = self._told_apart(result, versions)
        self._alive.append((args, kwargs, result))
        if outer is None:
            self.frame = inner
        else:
            outer.add(Call(relative(path, outer.path), given[0], given[1], module, frame=inner), result)
        return result

    def _told_apart(self, result: Any, versions: Mapping[int, int]) -> Any:
        """What a call gives, as another tensor where it gave back one of its arguments as it was.

        Dropout does so in evaluation, and what is used of the two is not the same in training.
        """
        if not isinstance(result, Tensor) or versions.get(id(result)) != result._version:
            return result
        before, self._asleep = self._asleep, True
        try:
            return result.view_as(result)
        finally:
            self._asleep = before

    def _plain(self, module: nn.Module, path: str, args: Any) -> list[Call]:
        """What the layer that a module is around would call for its input; empty where it is around none."""
        entry = layer_around(module)
        if entry is None or not args or not isinstance(args[0], Tensor):
            return []
        probe = Frame(module, path)
        probe.learn(args[0], Ref(-1))
        self._asleep = True
        before = [(buffer, buffer.clone()) for buffer in module.buffers(recurse=False)]
        self._asleep = False
        self._frames.append(probe)
        try:
            with torch.random.fork_rng(devices=[]):
                result = entry.target.forward(module, args[0])
        except FOREIGN:  # it does not take what the class gives it
            return []
        finally:
            self._frames.pop()
            self._asleep = True
            for buffer, values in before:
                buffer.copy_(values)
            self._asleep = False
        self._alive.append(result)
        whole = isinstance(result, Tensor) and probe.known.get(id(result)) == Ref(len(probe.calls) - 1)
        return probe.calls if whole else []

    def _given(self, frame: Frame, value: Any) -> Any:
        """`value` with references in place of tensors."""
        return mapped(value, lambda tensor: frame.known.get(id(tensor)) or self._unmade(tensor))

    def _unmade(self, tensor: Tensor) -> Own:
        """A tensor that no call of the frame has given."""
        name = self._own.get(id(tensor), "")
        return Own(name, None if name or self._looked else Numbers.of(tensor))


def _versions(args: Any) -> dict[int, int]:
    """How often each tensor among arguments was changed in place."""
    return {id(item): item._version for item in args if isinstance(item, Tensor)}


def _constant(call: Call, result: Any) -> Numbers | None:
    """What a function gives that takes no tensor, where it gives the same at each call."""
    if not isinstance(result, Tensor) or call.name.startswith(DRAWS):
        return None
    return None if any(True for _ in references((call.args, call.kwargs))) else Numbers.of(result)


def name_of(function: Any) -> str:
    """The name by which torch's documentation calls a function; that of a property is the property's."""
    name = getattr(function, "__name__", "")
    return getattr(function.__self__, "__name__", name) if name in ("__get__", "__set__") else name


def relative(path: str, base: str) -> str:
    """A path below `base`; one that lies elsewhere begins with `^`."""
    if not base:
        return path
    return path[len(base) + 1 :] if path.startswith(f"{base}.") else f"^{path}"


def _names_of_tensors(root: nn.Module) -> Iterator[tuple[int, str]]:
    yield from ((id(parameter), name) for name, parameter in root.named_parameters())
    yield from ((id(buffer), name) for name, buffer in root.named_buffers())


@contextmanager
def _patched(enter: Callable[..., Any]) -> Iterator[None]:
    original = nn.Module.__call__

    def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        return enter(original, module, args, kwargs)

    nn.Module.__call__ = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.__call__ = original  # type: ignore[method-assign]
