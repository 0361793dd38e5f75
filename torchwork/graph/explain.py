"""From torch's words to a person's: why a node cannot run on what it gets, and what would fit."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from torchwork.catalog import Entry
from torchwork.graph.arguments import INFERRED
from torchwork.graph.evaluate import Failure
from torchwork.graph.value import TensorSpec, Value, leaves, text

DIMENSIONS = {2: "batch x features", 3: "batch x channels x length", 4: "batch x channels x height x width",
              5: "batch x channels x depth x height x width"}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A node that failed: what it is, what it got and from whom, and what torch said."""

    entry: Entry
    args: Mapping[str, Any]
    inputs: Sequence[Value]
    sources: Sequence[str]
    failure: Failure

    @property
    def shapes(self) -> str:
        """Shapes of the inputs, for messages: `4x10` or `4x10 and 4x8`."""
        return " and ".join(text(value) for value in self.inputs)

    @property
    def got(self) -> str:
        """`its input has the shape 4x10`."""
        return (
            f"its input has the shape {self.shapes}"
            if len(self.inputs) == 1
            else f"its inputs have the shapes {self.shapes}"
        )


Words = tuple[str, str]
"""Message and fix."""


def explain(case: Case) -> Words:
    """Why the node failed and what to do, in two short texts; torch's own first sentence where no rule knows better."""
    tuples = tuple_given(case.entry.name, case.inputs, case.sources)
    if tuples and case.failure.type in ("TypeError", "AttributeError"):
        return tuples
    for pattern, words in RULES:
        match = re.search(pattern, case.failure.text, re.DOTALL)
        if match:
            return words(case, match)
    sentence = first_sentence(case.failure.text) or case.failure.type
    return f"{case.entry.name} cannot run: {case.got}, and torch says: {sentence}", ""


def first_sentence(message: str) -> str:
    """The first line of a message of torch, with shapes as `4x10`."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "")
    line = re.sub(r"(?:torch\.Size\()?\[(\d+(?:, \d+)*)\]\)?", lambda match: match[1].replace(", ", "x"), line)
    return line.rstrip(" .")


def input_count(entry: Entry, count: int) -> Words | None:
    """Why `count` inputs are too few or too many for a layer; None when they are right."""
    parameters = _parameters(entry.target)
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in places if p.default is p.empty]
    most = math.inf if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(places)
    if len(needed) <= count <= most:
        return None
    if count < len(needed):
        return f"{entry.name} takes {counted(needed)}, but gets {count}", "list them in `from:`"
    return f"{entry.name} takes {counted([p.name for p in places])}, but gets {count}", "name the right one in `from:`"


@cache
def _parameters(layer: type) -> tuple[inspect.Parameter, ...]:
    """What the forward of a layer takes."""
    return tuple(inspect.signature(layer.forward).parameters.values())[1:]  # type: ignore[attr-defined]


def counted(names: Sequence[str]) -> str:
    """`1 input (x)`, `2 inputs (x, mask)`."""
    return f"{len(names)} input{'' if len(names) == 1 else 's'} ({', '.join(names)})"


def whole_numbers(entry: Entry, inputs: Sequence[Value]) -> Words | None:
    """Why a layer with weights for a dimension of its input cannot take whole numbers; None when the input is not such.

    Fake tensors let this pass, so that it would only be seen in training.
    """
    weighs = any(argument.name in INFERRED or argument.kind == "part:layer" for argument in entry.arguments)
    given = inputs[0] if weighs and inputs else None
    if not isinstance(given, TensorSpec) or getattr(torch, given.dtype).is_floating_point:
        return None
    return (
        f"{entry.name} expects float32, but its input is {given.dtype}",
        "whole numbers go through an Embedding first",
    )


def wrong_dimensions(entry: Entry, wanted: int, inputs: Sequence[Value]) -> Words | None:
    """Why an input has not the `wanted` number of dimensions; None when it has."""
    given = inputs[0] if inputs else None
    if not isinstance(given, TensorSpec) or len(given.shape) == wanted:
        return None
    return _dimensions(entry.name, wanted, given)


def _dimensions(name: str, wanted: int, given: TensorSpec) -> Words:
    its = f"its input has {len(given.shape)} (shape {given})"
    message = f"{name} expects {wanted} dimensions ({DIMENSIONS[wanted]}), but {its}"
    if len(given.shape) == wanted - 1 and wanted > 2:
        return message, "add the missing one with `unsqueeze: {dim: 1}`"
    return message, "flatten it before" if len(
        given.shape
    ) > wanted else "reshape it before, for example with Unflatten"


def tuple_given(name: str, inputs: Sequence[Value], sources: Sequence[str]) -> Words | None:
    """What to do with the first input that is a tuple; None when there is none."""
    place = next((place for place, value in enumerate(inputs) if isinstance(value, tuple)), None)
    if place is None:
        return None
    value = inputs[place]
    fix = f"take one, such as `from: {sources[place]}[0]`" if sources else "repeat a definition that gives one tensor"
    count = len(value) if isinstance(value, tuple) else 1
    return (
        f"{name} expects a tensor, but gets a tuple of {count}: {text(value)}",
        fix,
    )


def _rank(case: Case, match: re.Match[str]) -> Words:
    number = re.search(r"(\d)d$", case.entry.name)
    given = case.inputs[0]
    if not number or not isinstance(given, TensorSpec) or len(given.shape) == int(number[1]) + 2:
        return f"{case.entry.name} cannot run: {case.got}, and torch says: {first_sentence(case.failure.text)}", ""
    return _dimensions(case.entry.name, int(number[1]) + 2, given)


def _combination(case: Case, match: re.Match[str]) -> Words:
    written = ", ".join(case.args) or "no arguments"
    options = [argument.name for argument in case.entry.arguments if argument.name not in case.args]
    tensors = "1 tensor" if len(case.inputs) == 1 else f"{len(case.inputs)} tensors"
    message = f"{case.entry.name} cannot be called with {tensors} and {written}"
    return message, f"it also takes {', '.join(options)}" if options else ""


def _window(case: Case, match: re.Match[str]) -> Words:
    kernel = case.args.get("kernel_size", "its kernel")
    size = "x".join(map(str, kernel)) if isinstance(kernel, list) else kernel
    return (
        f"kernel_size is {size}, which is larger than the input (shape {case.shapes})",
        "use a smaller kernel_size or more padding",
    )


def _broadcast(case: Case, match: re.Match[str]) -> Words:
    message = f"the inputs of {case.entry.name} do not fit together: {case.shapes}"
    shapes = [leaf.shape for value in case.inputs for leaf in leaves(value) if isinstance(leaf, TensorSpec)]
    if len(shapes) != 2:
        return message, "bring them to the same shape before"
    longest = max(map(len, shapes))
    first, second = ((1,) * (longest - len(shape)) + tuple(shape) for shape in shapes)
    differ = [
        place for place in range(longest) if first[place] != second[place] and 1 not in (first[place], second[place])
    ]
    where = ", ".join(f"dimension {place} is {first[place]} and {second[place]}" for place in differ)
    fix = "a Conv2d with kernel_size 1 on one of them changes its channels" if differ == [1] and longest == 4 else ""
    return f"{message} ({where})", fix or "bring them to the same shape before"


def _cat(case: Case, match: re.Match[str]) -> Words:
    dim = case.args.get("dim", 0)
    return f"cat along dimension {dim} needs shapes that are equal in all others, but gets {case.shapes}", ""


def _equal(case: Case, match: re.Match[str]) -> Words:
    return f"{case.entry.name} needs inputs of one shape, but gets {case.shapes}", ""


def _product(case: Case, match: re.Match[str]) -> Words:
    return (
        f"{case.entry.name} cannot multiply {case.shapes}",
        "the last dimension of the first must equal the last but one of the second",
    )


def _reshape(case: Case, match: re.Match[str]) -> Words:
    given = case.inputs[0]
    count = math.prod(given.shape) if isinstance(given, TensorSpec) else 0
    shape = match[1].replace(", ", "x")
    return f"{case.shapes} has {count} elements, which do not fill the shape {shape}", "write one size as -1"


def _whole_numbers(case: Case, match: re.Match[str]) -> Words:
    return f"{case.entry.name} expects whole numbers (int64), but {case.got}, of dtype {match[1]}", ""


def _dtype(case: Case, match: re.Match[str]) -> Words:
    dtypes = [leaf.dtype for value in case.inputs for leaf in leaves(value) if isinstance(leaf, TensorSpec)]
    return (
        f"{case.entry.name} expects float32, but gets {' and '.join(dtypes)}",
        "whole numbers go through an Embedding first",
    )


def _range(case: Case, match: re.Match[str]) -> Words:
    number = re.search(r"\dd$", case.entry.name)
    if number:
        return _rank(case, match)
    return f"there is no dimension {match[1]}: {case.got}", ""


def _made_for(case: Case, match: re.Match[str]) -> Words:
    return (
        f"{case.entry.name} is made for {match[1]} {DIMENSION_WORD.get(case.entry.name, 'channels')}, but {case.got}",
        "",
    )


def _linear_or_product(case: Case, match: re.Match[str]) -> Words:
    return _made_for(case, match) if case.entry.kind == "layer" else _product(case, match)


DIMENSION_WORD = {"Linear": "features", "LSTM": "features", "GRU": "features", "RNN": "features"}
RULES: Sequence[tuple[str, Callable[[Case, re.Match[str]], Words]]] = (
    (r"received an invalid combination of arguments", _combination),
    (
        r"expected \d?D? ?.*(?:D|-D) (?:input|tensor)|Expected (?:input )?to be \dD|Expected \dD|to be 2D or 3D, got",
        _rank,
    ),
    (r"Kernel size can't be greater|Output size is too small|output size is too small|size .*too small", _window),
    (r"[Aa]ttempting to broadcast|must match the size of tensor|not broadcastable|broadcast", _broadcast),
    (r"Sizes of tensors must match|Number of dimensions must match|Number of dimensions of tensors must match", _cat),
    (r"expects each tensor to be equal size", _equal),
    (r"same reduction dim, but got \[[\d, ]+\] X \[(\d+), \d+\]", _linear_or_product),
    (r"cannot be multiplied|same reduction dim|dimensions of batch2|size mismatch|inconsistent tensor size", _product),
    (r"shape '\[([-\d, ]+)\]' is invalid", _reshape),
    (r"scalar types: Long, Int; but got torch\.(\w+)", _whole_numbers),
    (r"same dtype|must have the same dtype|expected scalar type|[Ii]nput type .* should be the same", _dtype),
    (r"Dimension out of range .*but got (-?\d+)", _range),
    (r"expected input\[.*\] to have (\d+) channels", _made_for),
    (r"running_mean should contain \d+ elements not (\d+)", _made_for),
    (r"must be equal to input_size\. Expected (\d+)", _made_for),
)
"""What torch says when shapes do not fit, and the rule that says it better. Searched in order."""
