"""Runs one node on fake tensors: torch itself says shapes, weights and cost, and nothing is allocated or computed."""

from __future__ import annotations

import json
import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import torch
from torch import nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensor,
    FakeTensorMode,
    UnsupportedOperatorException,
)

from torchwork.catalog import Entry, catalog
from torchwork.errors import DocumentError
from torchwork.graph.cost import Meter
from torchwork.graph.parts import make_part
from torchwork.graph.source import ClassSource
from torchwork.graph.value import (
    DATA_DEPENDENT,
    TensorSpec,
    Unknown,
    Value,
    empty_like,
    leaves,
    tensors_in,
    value_of,
)

DATA_DEPENDENT_ERRORS = (DynamicOutputShapeException, DataDependentOutputException, UnsupportedOperatorException)
INTEGERS = {torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}
T = TypeVar("T")
CACHED = 4096
"""How many results are kept: a large model has some hundred distinct nodes."""

ON_META = frozenset((
    "Conv1d", "Conv2d", "Conv3d", "Linear", "Embedding", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d",
    "LayerNorm", "GroupNorm", "InstanceNorm2d", "ReLU", "ReLU6", "LeakyReLU", "PReLU", "GELU", "SiLU", "ELU",
    "SELU", "Mish", "Hardswish", "Hardsigmoid", "Sigmoid", "Tanh", "Softplus", "Dropout", "Dropout1d",
    "Dropout2d", "Dropout3d", "Identity", "Flatten", "Unflatten", "MaxPool1d", "MaxPool2d", "MaxPool3d",
    "AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d",
    "AdaptiveMaxPool2d", "add", "sub", "mul", "div", "cat", "stack", "flatten", "reshape", "relu", "gelu",
    "silu", "sigmoid", "tanh", "mean", "matmul", "transpose", "unsqueeze", "squeeze",
))  # fmt: skip
"""Parts of which torch says the same on its meta device, where they run, as of fake tensors, in a fifth of the time."""


class FakeMode(FakeTensorMode):  # type: ignore[no-untyped-call]
    """Fake tensors that a module may deep-copy, as TransformerEncoder does with its layer: the mode stays the same."""

    def __deepcopy__(self, memo: Any) -> FakeMode:
        return self


@dataclass(frozen=True)
class Weight:
    """A parameter of a layer by its name in the layer; empty for a node that is a parameter itself."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    trainable: bool = True

    @property
    def numel(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.numel * int(getattr(torch, self.dtype).itemsize)


@dataclass(frozen=True)
class Outcome:
    """What a call gives: output, FLOP, bytes kept for the backward pass."""

    output: Value
    flop: int = 0
    memory: int = 0


@dataclass(frozen=True)
class Failure:
    """What torch said when it refused; of code also what to do."""

    text: str
    type: str = ""
    fix: str = ""


def weights_of(entry: Entry, args: Mapping[str, Any]) -> tuple[Weight, ...] | Failure:
    """The parameters that a layer made with `args` has (shared ones once), or why it cannot be made."""
    return _weights(entry.kind, entry.name, json.dumps(args, sort_keys=True))


def run(entry: Entry, args: Mapping[str, Any], inputs: Sequence[Value]) -> Outcome | Failure:
    """One call of a layer or an operation on values all of which are known."""
    return _run(entry.kind, entry.name, json.dumps(args, sort_keys=True), tuple(inputs))


def weights_of_code(source: ClassSource, args: Mapping[str, Any], path: str) -> tuple[Weight, ...] | Failure:
    """The parameters of an instance of a class that the document holds, or why it cannot be made; runs its code."""
    return _code_weights(source, json.dumps(args, sort_keys=True), path)


def run_code(source: ClassSource, args: Mapping[str, Any], inputs: Sequence[Value], path: str) -> Outcome | Failure:
    """One call of an instance of such a class: on fake tensors, and on zeros where it needs numbers; runs its code."""
    return _run_code(source, json.dumps(args, sort_keys=True), tuple(inputs), path)


@lru_cache(CACHED)
def _code_weights(source: ClassSource, args: str, path: str) -> tuple[Weight, ...] | Failure:
    made = _tried(lambda: source.make(json.loads(args), path))
    return made if isinstance(made, Failure) else weights_in(made)


@lru_cache(CACHED)
def _run_code(source: ClassSource, args: str, inputs: tuple[Value, ...], path: str) -> Outcome | Failure:
    def called(whole: int) -> Outcome | Failure:
        outcome = _tried(lambda: _call(source.make(json.loads(args), path), inputs, whole), source.told)
        assert isinstance(outcome, Outcome | Failure)
        return outcome

    outcome = called(0)
    counts = any(isinstance(leaf, TensorSpec) and "int" in leaf.dtype for leaf in leaves(inputs))
    if counts and isinstance(outcome, Failure):
        second = called(1)  # lengths of sequences must not be 0
        return outcome if isinstance(second, Failure) else second
    return outcome


def _tried(action: Callable[[], Any], told: Callable[[Exception], str] = str) -> Any:
    """What `action` gives on fake tensors, else on real ones; the random generators stay as they are."""
    with quiet(), torch.random.fork_rng(devices=[]):
        with suppress(Exception), FakeMode():  # whatever it says of fake tensors, real ones say it better
            return action()
        try:
            return action()
        except DocumentError as error:
            return Failure(error.problems[0].message, fix=error.problems[0].fix)
        except Exception as error:  # foreign code may raise anything
            return Failure(told(error), type(error).__name__)


@lru_cache(CACHED)
def _weights(kind: str, name: str, args: str) -> tuple[Weight, ...] | Failure:
    made = _on_meta(name, args, lambda: _made(kind, name, args))
    try:
        if made is None:
            with quiet(), FakeMode():
                made = _made(kind, name, args)
        _try_initializer(kind, name, args)
    except DocumentError as error:
        return Failure(error.problems[0].message, fix=error.problems[0].fix)
    if isinstance(made, nn.Parameter):
        return (_weight("", made),)
    return weights_in(made) if isinstance(made, nn.Module) else ()


def _made(kind: str, name: str, args: str) -> Any:
    """The object for fake tensors, which some initializers cannot draw: a parameter comes without its own."""
    given = json.loads(args)
    if kind == "tensor":
        given.pop("init", None)
    return catalog().find(kind, name).construct(given, part=make_part)


def _try_initializer(kind: str, name: str, args: str) -> None:
    """Let the initializer of a parameter draw a small one of as many dimensions; DocumentError when it refuses."""
    given = json.loads(args)
    if kind == "tensor" and given.get("init") is not None:
        with quiet(), torch.random.fork_rng(devices=[]):
            small = {**given, "size": [min(size, 4) for size in given["size"]]}
            catalog().find(kind, name).construct(small, part=make_part)


def weights_in(module: nn.Module) -> tuple[Weight, ...]:
    """The parameters of a module, shared ones once, under their first names."""
    return tuple(_weight(name, parameter) for name, parameter in module.named_parameters())


def _weight(name: str, parameter: nn.Parameter) -> Weight:
    dtype = str(parameter.dtype).removeprefix("torch.")
    return Weight(name, tuple(parameter.shape), dtype, parameter.requires_grad)


def _on_meta(name: str, args: str, action: Callable[[], T]) -> T | None:
    """What the action gives on the meta device; None where it fails there, or where that would say something else."""
    unseen = name.startswith("Conv") and "-" in args  # there a negative padding is taken for a number like any other
    if name in ON_META and not unseen:
        with suppress(Exception), quiet(), torch.device("meta"):  # of what is wrong, fake tensors say more
            return action()
    return None


@lru_cache(CACHED)
def _run(kind: str, name: str, args: str, inputs: tuple[Value, ...]) -> Outcome | Failure:
    def made() -> Any:
        _check_dimension(name, json.loads(args), inputs)
        found = _made(kind, name, args)
        _check_types(found, inputs)
        return found

    return _on_meta(name, args, lambda: _measured(made(), inputs, 0)) or _run_fake(kind, made, inputs)


def _run_fake(kind: str, made: Callable[[], Any], inputs: tuple[Value, ...]) -> Outcome | Failure:
    with quiet(), FakeMode():
        try:
            return Outcome(value_of(made())) if kind == "tensor" else _call(made(), inputs)
        except DATA_DEPENDENT_ERRORS:
            return Outcome(Unknown(DATA_DEPENDENT))
        except DocumentError as error:
            return Failure(error.problems[0].message, fix=error.problems[0].fix)
        except Exception as error:  # whatever torch raises for shapes that do not fit becomes a sentence
            return Failure(str(error), type(error).__name__)


def _check_dimension(name: str, args: Mapping[str, Any], inputs: Sequence[Value]) -> None:
    """Raises what real tensors raise: softmax of fake ones takes any dimension."""
    dim, given = args.get("dim"), inputs[0] if inputs else None
    if name.lower() not in ("softmax", "softmin") or not isinstance(dim, int) or not isinstance(given, TensorSpec):
        return
    count = len(given.shape)
    if not -count <= dim < count:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim})")


def _check_types(made: Any, inputs: Sequence[Value]) -> None:
    """Raises where weights and inputs differ in precision, which products of fake tensors pass over."""
    weights = {weight.dtype for weight in made.parameters()} if isinstance(made, nn.Module) else set()
    floats = {getattr(torch, value.dtype) for value in inputs if isinstance(value, TensorSpec)} - INTEGERS
    if torch.float64 in weights | floats and len(weights) == len(floats) == 1 and weights != floats:
        have, got = (str(*kinds).removeprefix("torch.") for kinds in (weights, floats))
        raise TypeError(f"its weights are {have}, but its input is {got}; give both one dtype")


def _call(made: Any, inputs: Sequence[Value], whole: int = 0) -> Outcome:
    try:
        return _measured(made, inputs, whole)
    except ValueError as error:
        # BatchNorm cannot train on a batch of one value per channel; its shapes are the same in evaluation.
        if "more than 1 value per channel" not in str(error):
            raise
        return _measured(made.eval(), inputs, whole)
    except RuntimeError as error:
        # A function of a loss takes its target as a constant only; whether it is one, the first step will tell.
        if "cannot have requires_grad True" not in str(error):
            raise
        return _measured(made, inputs, whole, tracked=False)


def _measured(made: Any, inputs: Sequence[Value], whole: int, *, tracked: bool = True) -> Outcome:
    tensors = [empty_like(value, tracked=tracked, whole=whole) for value in inputs]
    real = not any(isinstance(item, FakeTensor) for item in tensors_in(tensors))
    with Meter(real) as meter:  # real ones are taken where code looks at its numbers, so that they must be right
        meter.known(tensors, list(made.parameters()) if isinstance(made, nn.Module) else ())
        output = made(*tensors)
    return Outcome(value_of(output), meter.flop, meter.newly_kept(output))


@contextmanager
def quiet() -> Iterator[None]:
    """The settings of every trial run: gradients on, no fused fast path, no warnings, no log of torch's own errors."""
    log = logging.getLogger("torch._subclasses.fake_tensor")
    disabled, fast = log.disabled, torch.backends.mha.get_fastpath_enabled()
    log.disabled = True
    torch.backends.mha.set_fastpath_enabled(False)  # its kernel counts as no FLOP
    try:
        with warnings.catch_warnings(), torch.inference_mode(False), torch.enable_grad(), torch.device("cpu"):
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = disabled
        torch.backends.mha.set_fastpath_enabled(fast)
