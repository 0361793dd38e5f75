"""One thing that torch offers: its arguments, what is wrong with given ones, and how to make it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torchwork.catalog import forms as form
from torchwork.catalog.forms import Build, Form
from torchwork.errors import DocumentError, Problem, TorchworkError, nearest

PartProblems = Callable[[str, Any, str], "list[Problem]"]


@dataclass(frozen=True)
class Argument:
    """One argument: what it takes, whether it must be given, and what its documentation says."""

    name: str
    kind: str
    annotation: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    help: str = ""
    accepts_string: bool = False
    variadic: bool = False
    many: bool = False
    suggested: bool = False
    forms: tuple[Form, ...] = field(default=(form.Anything(),), repr=False)

    @property
    def expected(self) -> str:
        """What it takes, in words: `an int or a list of 2 ints`."""
        return form.words(self.forms)

    def problem(self, value: Any, path: str) -> Problem | None:
        """What is wrong with a value for this argument, None when it fits."""
        if form.fit(self.forms, value):
            return None
        fix = nearest(value, self.choices) if isinstance(value, str) else ""
        if isinstance(value, int | float) and any(isinstance(known, form.Text) for known in self.forms):
            fix = f'write it in quotes: "{value}"'
        return Problem(path, f"expected {self.expected}, got {form.shown(value)}", fix)

    def as_dict(self) -> dict[str, Any]:
        """Everything but the forms, as JSON; a default that JSON cannot hold is its text."""
        return {
            "name": self.name, "kind": self.kind, "annotation": self.annotation, "required": self.required,
            "default": as_json(self.default), "choices": as_json(self.choices), "help": self.help, "many": self.many,
            "accepts_string": self.accepts_string, "variadic": self.variadic, "suggested": self.suggested,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Entry:
    """A class or function of the installed library, described for documents, forms and messages.

    `supplied` names what `construct` takes as leading values (an optimizer's `params`). Of an operation, `tensors`
    names the tensor parameters in order and `needed` those that must be given; `listed` is true where the one parameter
    is a list of tensors (`cat`), `spread` where it takes them one by one (`einsum`).
    """

    name: str
    kind: str
    target: Any
    arguments: tuple[Argument, ...] = ()
    summary: str = ""
    reference: str = ""
    signature: str = ""
    supplied: tuple[str, ...] = ()
    tensors: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    listed: bool = False
    spread: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Entry:
        return self  # immutable: a copied model shares the description of its operations

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, None when there is none."""
        return next((argument for argument in self.arguments if argument.name == name), None)

    def problems(
        self,
        args: Mapping[str, Any],
        path: str = "",
        *,
        inferred: Collection[str] = (),
        inputs: int | None = None,
        part: PartProblems | None = None,
    ) -> list[Problem]:
        """All that is wrong with `args`: unknown, missing or of a wrong form; empty when nothing is.

        `inferred` are arguments that someone else will give; `inputs` is how many tensors an operation gets (None: not
        known); `part` looks into nested parts.
        """
        unknown = [name for name in args if self.argument(name) is None]
        found = [self._unknown(name, path) for name in unknown]
        for argument in self.arguments:
            if argument.name in args:
                found += self._given(argument, args[argument.name], f"{path}.{argument.name}".lstrip("."), part)
            elif argument.required and argument.name not in inferred and not _meant(argument.name, unknown):
                found.append(Problem(path, f"{self.name} needs {argument.name}: {argument.expected}"))
        return found + ([] if inputs is None else self._input_problems(args, inputs, path))

    def construct(
        self,
        args: Mapping[str, Any],
        *leading: Any,
        part: Build | None = None,
        path: str = "",
        supplied: Mapping[str, Any] | None = None,
    ) -> Any:
        """The object made of JSON-like `args`; for an operation a function of its tensors.

        `leading` are the values of `self.supplied` in order (or of the first parameters); `supplied` are more of them
        by name, passed as they are; `part(kind, value, path)` makes nested parts and callables. Raises DocumentError
        for arguments that do not fit and for whatever torch refuses, in one sentence.
        """
        found = self.problems(args, path)
        if found:
            raise DocumentError(found)
        positional, named = self.converted(args, part or _no_parts, path)
        if self.kind == "operation":
            return Operation(self, positional, named)
        named |= dict(zip(self.supplied, leading, strict=False)) | dict(supplied or {})
        try:
            return self.target(*leading[len(self.supplied) :], *positional, **named)
        except TorchworkError:
            raise
        except Exception as error:  # whatever torch refuses is the document's fault, told in torch's own words
            raise DocumentError(Problem(path, f"{self.call_text(args)}: {first_sentence(error)}")) from None

    def call(self, inputs: Sequence[Any], args: Mapping[str, Any], part: Build | None = None, path: str = "") -> Any:
        """An operation called with its tensors; `construct(args)` is the same for many calls."""
        found = self._input_problems(args, len(inputs), path)
        if found:
            raise DocumentError(found)
        return self.construct(args, part=part, path=path)(*inputs)

    def converted(self, args: Mapping[str, Any], part: Build, path: str = "") -> tuple[list[Any], dict[str, Any]]:
        """`args` as torch wants them: those of variadic parameters, and the others by name."""
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for argument in self.arguments:
            if argument.name not in args:
                continue
            value = form.convert(argument.forms, args[argument.name], part, f"{path}.{argument.name}".lstrip("."))
            if argument.variadic:
                positional += value
            elif self.spread and argument.required:  # before the tensors, as einsum's equation
                positional.append(value)
            else:
                named[argument.name] = value
        return positional, named

    def call_text(self, args: Mapping[str, Any]) -> str:
        """`Conv2d(in_channels=3, kernel_size=0)`, for messages."""
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in args.items())})"

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON, for pages and editors."""
        return {
            "name": self.name, "kind": self.kind, "summary": self.summary, "reference": self.reference,
            "signature": self.signature, "tensors": list(self.tensors), "listed": self.listed,
            "arguments": [argument.as_dict() for argument in self.arguments],
        }  # fmt: skip

    def _unknown(self, name: str, path: str) -> Problem:
        names = [argument.name for argument in self.arguments]
        fix = nearest(name, names) or (f"it has {', '.join(names)}" if names else "it takes no arguments")
        return Problem(f"{path}.{name}".lstrip("."), f"{self.name} has no argument {name!r}", fix)

    def _given(self, argument: Argument, value: Any, path: str, part: PartProblems | None) -> list[Problem]:
        problem = argument.problem(value, path)
        if problem or part is None or not argument.kind.startswith("part:"):
            return [problem] if problem else []
        kind = argument.kind.removeprefix("part:")
        if not argument.many:
            return part(kind, value, path)
        return [found for place, item in enumerate(value) for found in part(kind, item, f"{path}[{place}]")]

    def _input_problems(self, args: Mapping[str, Any], inputs: int, path: str) -> list[Problem]:
        """Whether so many tensors fill the tensor parameters that `args` leave open."""
        if not inputs and (self.listed or self.spread or not self.needed):
            return [Problem(path, f"{self.name} needs at least one tensor, got none")]
        if self.listed or self.spread:
            return []
        free = [name for name in self.tensors if name not in args]
        if inputs > len(free):
            return [Problem(path, f"{self.name} takes {_count(free)}, got {inputs}")]
        missing = [name for name in free[inputs:] if name in self.needed]
        return (
            [Problem(path, f"{self.name} needs {' and '.join(missing)}: got {_count(free[:inputs])}")]
            if missing
            else []
        )


class Operation:
    """A function of torch with its arguments bound: called with the tensors, in order."""

    def __init__(self, entry: Entry, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self.entry, self.positional, self.named = entry, list(positional), dict(named)
        self.free = [name for name in entry.tensors if name not in self.named]

    def __call__(self, *inputs: Any) -> Any:
        """The function's value; torch's own errors pass, for the caller knows where it stands."""
        if self.entry.spread:
            return self.entry.target(*self.positional, *inputs, **self.named)
        if self.entry.listed:
            return self.entry.target(**{self.entry.tensors[0]: list(inputs)}, **self.named)
        return self.entry.target(**dict(zip(self.free, inputs, strict=False)), **self.named)

    def __repr__(self) -> str:
        return self.entry.call_text(self.named)


def _meant(name: str, unknown: Sequence[str]) -> bool:
    """Whether one of the unknown arguments is this one misspelt, which then is not missing as well."""
    return any(nearest(other, [name]) for other in unknown)


def _count(names: Sequence[str]) -> str:
    if not names:
        return "no tensor"
    return f"{len(names)} tensor{'s' if len(names) > 1 else ''} ({', '.join(names)})"


def _no_parts(kind: str, value: Any, path: str) -> Any:
    raise DocumentError(Problem(path, f"a nested {kind} cannot be made here, got {form.shown(value)}"))


def first_sentence(error: BaseException) -> str:
    """The first sentence of an exception's message, or its type where it has none; shapes as plain lists."""
    lines = re.sub(r"torch\.Size\((\[.*?\])\)", r"\1", str(error)).strip().splitlines()
    text = lines[0].strip() if lines else ""
    return f"{type(error).__name__}: {text}" if isinstance(error, KeyError) else text or type(error).__name__


def as_json(value: Any) -> Any:
    """`value` if JSON can hold it (tuples as lists), else its text."""
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return getattr(value, "__qualname__", None) or str(getattr(value, "value", value))
    return value
