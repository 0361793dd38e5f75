"""The arguments of a layer: expressions become numbers, `in_*` arguments left out come from the input's shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torchwork.catalog import Argument, Entry, catalog
from torchwork.errors import DocumentError, Problem, nearest
from torchwork.experiment import ExpressionError, substitute
from torchwork.experiment.expression import names
from torchwork.graph.parts import is_layer, part_of
from torchwork.graph.value import TensorSpec, Value

Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """Where the value of an argument lies: a dimension of one of the inputs, and what that dimension counts."""

    counts: str
    dimension: int
    input: int = 0

    def value(self, inputs: Sequence[Value]) -> int | None:
        """The size of the dimension; None when there is no such input or it has no such dimension beside the batch."""
        given = inputs[self.input] if self.input < len(inputs) else None
        return given.shape[self.dimension] if isinstance(given, TensorSpec) and len(given.shape) > 1 else None


FEATURES, CHANNELS = Rule("features", -1), Rule("channels", 1)
INFERRED: Mapping[str, Rule] = {
    "in_features": FEATURES,  # Linear mixes the last dimension
    "in1_features": FEATURES,
    "in2_features": Rule("features", -1, input=1),
    "input_size": FEATURES,  # of every time step, whether or not the batch comes first
    "embed_dim": FEATURES,
    "d_model": FEATURES,
    "normalized_shape": FEATURES,  # the usual choice; normalising over more dimensions must be written
    "in_channels": CHANNELS,
    "num_channels": CHANNELS,
    "num_features": CHANNELS,  # BatchNorm's name for channels
}
"""The arguments that say what the input is like, and so need not be written."""


@dataclass
class Prepared:
    """Arguments ready for `construct`; `blocked` when one cannot be known because an input is not known."""

    args: dict[str, Any] = field(default_factory=dict)
    inferred: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """An argument that says something else than the input's shape does."""

    name: str
    given: Any
    fits: Any
    counts: str
    input: int


def prepare(entry: Entry, args: Mapping[str, Any], scope: Scope, inputs: Sequence[Value], path: str) -> Prepared:
    """The arguments of a part at `path` in full, with every problem that can be seen without running it."""
    prepared = Prepared()
    spoiled: list[str] = []
    for name, value in args.items():
        argument = entry.argument(name)
        found = _substituted(value, argument, scope, f"{path}.{name}")
        prepared.problems += found.problems
        if found.problems:
            spoiled.append(name)
        elif argument and is_layer(argument, found.value):
            _prepare_nested(prepared, name, found.value, scope, inputs, f"{path}.{name}")
        else:
            prepared.args[name] = found.value
    _infer(entry, args, inputs, prepared)
    count = len(inputs) if entry.kind == "operation" else None
    silent = [*spoiled, *prepared.blocked, *args]
    prepared.problems += _layer_meant(entry, args, path) or entry.problems(
        prepared.args, path, inferred=silent, inputs=count
    )
    return prepared


def _layer_meant(entry: Entry, args: Mapping[str, Any], path: str) -> list[Problem]:
    """A problem when an operation gets the arguments of the layer of its name: linear those of Linear."""
    name = entry.name.replace("_", "")
    layers = catalog().entries("layer").values() if entry.kind == "operation" else ()
    layer = next((layer for layer in layers if layer.name.lower() == name), None)
    unknown = [name for name in args if entry.argument(name) is None]
    if layer is None or not unknown or not all(map(layer.argument, args)):
        return []
    message = f"{entry.name} is a function without weights and has no argument {unknown[0]!r}"
    return [Problem(path, message, f"did you mean {layer.name}?")]


def _prepare_nested(
    prepared: Prepared, name: str, value: Any, scope: Scope, inputs: Sequence[Value], path: str
) -> None:
    try:
        part = part_of(value, path)
        entry = catalog().find("layer", part.name, path)
    except DocumentError as error:
        prepared.problems += error.problems
        return
    inner = prepare(entry, part.args, scope, inputs, f"{path}.{part.name}")
    prepared.args[name] = {part.name: inner.args}
    prepared.problems += inner.problems
    prepared.inferred += tuple(f"{name}.{found}" for found in inner.inferred)
    prepared.blocked += tuple(f"{name}.{found}" for found in inner.blocked)


def _infer(entry: Entry, args: Mapping[str, Any], inputs: Sequence[Value], prepared: Prepared) -> None:
    for argument in entry.arguments:
        rule = INFERRED.get(argument.name)
        if rule is None or argument.name in args:
            continue
        value = rule.value(inputs)
        if value is not None:
            prepared.args[argument.name] = value
            prepared.inferred += (argument.name,)
        elif argument.required:
            prepared.blocked += (argument.name,)


@dataclass(frozen=True)
class _Substituted:
    value: Any = None
    problems: tuple[Problem, ...] = ()


def _substituted(value: Any, argument: Argument | None, scope: Scope, path: str) -> _Substituted:
    try:
        value = substitute(value, scope)
    except ExpressionError as error:
        return _Substituted(problems=(Problem(path, str(error)),))
    if argument is None or argument.accepts_string or argument.kind == "bool":
        return _Substituted(value)
    return _Substituted(value, tuple(unknown_names(value, scope, path)))


def unknown_names(value: Any, scope: Scope, path: str) -> Iterator[Problem]:
    """A problem for each expression left in `value`: a name in it is not known."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from unknown_names(item, scope, f"{path}[{place}]")
    elif isinstance(value, str):
        for name in sorted(names(value) - set(scope)):
            fix = nearest(name, scope) or f"known here: {', '.join(sorted(scope)) or 'no names'}"
            yield Problem(path, f"unknown name `{name}`" + (f" in `{value}`" if value != name else ""), fix)


def corrected(
    entry: Entry, args: Mapping[str, Any], inputs: Sequence[Value]
) -> tuple[dict[str, Any], list[Difference]]:
    """`args` as the shapes of the inputs want them, nested layers included, and where that differs."""
    fitting, differences = dict(args), []
    for name, value in args.items():
        argument = entry.argument(name)
        if name in INFERRED:
            fits = _fitting(INFERRED[name], value, inputs)
            if fits is not None and fits != value:
                fitting[name] = fits
                differences.append(Difference(name, value, fits, INFERRED[name].counts, INFERRED[name].input))
        elif argument and is_layer(argument, value):
            part = part_of(value, "")
            inner, found = corrected(catalog().find("layer", part.name), part.args, inputs)
            fitting[name] = {part.name: inner}
            differences += found
    return fitting, differences


def _fitting(rule: Rule, value: Any, inputs: Sequence[Value]) -> Any:
    """What fits in the form of `value`: `normalized_shape` may be a list of the last sizes."""
    if not isinstance(value, list):
        return rule.value(inputs)
    given = inputs[rule.input] if rule.input < len(inputs) else None
    return list(given.shape[-len(value) :]) if isinstance(given, TensorSpec) and len(value) < len(given.shape) else None


def wanted_dimensions(entry: Entry) -> int | None:
    """How many dimensions, with the batch, an input of a convolution has: `Conv2d` wants 4; None for other layers."""
    match = re.search(r"(\d)d$", entry.name)
    return int(match[1]) + 2 if match and entry.argument("in_channels") else None
