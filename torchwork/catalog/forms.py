"""The forms that a value of an argument can take: what fits, how JSON-like values become what torch wants."""

from __future__ import annotations

import dataclasses
import enum
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import torch

from torchwork.errors import DocumentError, Problem

Build = Callable[[str, Any, str], Any]
"""Makes a nested part or callable of its document form: (kind, value, path) -> object."""

NO, LOOSELY, EXACTLY = range(3)


class Form:
    """One form of value; a value fits it exactly, loosely (it is converted) or not."""

    kind: ClassVar[str] = "any"
    takes_text: ClassVar[bool] = True

    def fits(self, value: Any) -> int:
        return LOOSELY

    def convert(self, value: Any, build: Build, path: str) -> Any:
        return value

    def words(self, many: bool = False) -> str:
        return "values" if many else "any value"


@dataclass(frozen=True)
class Anything(Form):
    """No form is known: every value fits."""


@dataclass(frozen=True)
class Nothing(Form):
    """None, written null."""

    kind = "none"
    takes_text = False

    def fits(self, value: Any) -> int:
        return EXACTLY if value is None else NO

    def words(self, many: bool = False) -> str:
        return "null"


@dataclass(frozen=True)
class Bool(Form):
    """True or false; 0 and 1 too, as torch itself takes them."""

    kind = "bool"
    takes_text = False

    def fits(self, value: Any) -> int:
        if isinstance(value, (bool, np.bool_)):
            return EXACTLY
        return LOOSELY if isinstance(value, int) and value in (0, 1) else NO

    def convert(self, value: Any, build: Build, path: str) -> bool:
        return bool(value)

    def words(self, many: bool = False) -> str:
        return "booleans" if many else "true or false"


@dataclass(frozen=True)
class Int(Form):
    """An integer, of at least 1 where `positive`; 1e3, which YAML reads as a float, is one too."""

    positive: bool = False
    kind = "int"
    takes_text = False

    def fits(self, value: Any) -> int:
        if self.positive and isinstance(value, Real) and value < 1:
            return NO
        if isinstance(value, Integral):
            return NO if isinstance(value, bool) else EXACTLY
        return LOOSELY if isinstance(value, Real) and float(value).is_integer() else NO

    def convert(self, value: Any, build: Build, path: str) -> int:
        return int(value)

    def words(self, many: bool = False) -> str:
        if many:
            return "positive ints" if self.positive else "ints"
        return "a positive int" if self.positive else "an int"


@dataclass(frozen=True)
class Float(Form):
    """A real number; an int stays an int, as torch takes it."""

    kind = "float"
    takes_text = False

    def fits(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, Real):
            return NO
        return EXACTLY if isinstance(value, float) else LOOSELY

    def convert(self, value: Any, build: Build, path: str) -> Any:
        return int(value) if isinstance(value, Integral) else float(value)

    def words(self, many: bool = False) -> str:
        return "numbers" if many else "a number"


@dataclass(frozen=True)
class Text(Form):
    """A string or a path."""

    kind = "str"

    def fits(self, value: Any) -> int:
        return EXACTLY if isinstance(value, (str, os.PathLike)) else NO

    def words(self, many: bool = False) -> str:
        return "strings" if many else "a string"


@dataclass(frozen=True)
class Choice(Form):
    """One of a few values, mostly strings."""

    choices: tuple[Any, ...]
    kind = "choice"

    def fits(self, value: Any) -> int:
        same = (value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in self.choices)
        return EXACTLY if isinstance(value, Hashable) and any(same) else NO

    def words(self, many: bool = False) -> str:
        return "one of " + ", ".join(map(repr, self.choices)) if len(self.choices) > 1 else repr(self.choices[0])


@dataclass(frozen=True)
class Member(Form):
    """A member of an enumeration, by its value or its name in any case."""

    enumeration: type[enum.Enum]
    kind = "choice"

    @property
    def choices(self) -> tuple[Any, ...]:
        return tuple(member.value for member in self.enumeration)

    def fits(self, value: Any) -> int:
        if isinstance(value, self.enumeration):
            return EXACTLY
        return LOOSELY if isinstance(value, str) and self._member(value) else NO

    def convert(self, value: Any, build: Build, path: str) -> Any:
        return self._member(value) if isinstance(value, str) else value

    def words(self, many: bool = False) -> str:
        return "one of " + ", ".join(map(repr, self.choices))

    def _member(self, text: str) -> enum.Enum | None:
        names = {str(name).lower(): member for member in self.enumeration for name in (member.name, member.value)}
        return names.get(text.lower())


@dataclass(frozen=True)
class DType(Form):
    """A dtype of torch, or its name: float32, torch.float32."""

    kind = "dtype"

    def fits(self, value: Any) -> int:
        if isinstance(value, torch.dtype):
            return EXACTLY
        return LOOSELY if isinstance(value, str) and dtype_named(value) else NO

    def convert(self, value: Any, build: Build, path: str) -> Any:
        return dtype_named(value) if isinstance(value, str) else value

    def words(self, many: bool = False) -> str:
        return "a dtype such as 'float32'"


def dtype_named(name: str) -> torch.dtype | None:
    """The dtype called `float32` or `torch.float32`, None when there is none of that name."""
    found = getattr(torch, name.removeprefix("torch."), None)
    return found if isinstance(found, torch.dtype) else None


@dataclass(frozen=True)
class Values(Form):
    """A tensor; lists of numbers, nested alike, become one of `dtype`'s kind (None: as torch infers)."""

    floating: bool = True
    kind = "tensor"
    takes_text = False

    def fits(self, value: Any) -> int:
        if isinstance(value, torch.Tensor):
            return EXACTLY
        return LOOSELY if isinstance(value, np.ndarray) or (isinstance(value, list | tuple) and _numeric(value)) else NO

    def convert(self, value: Any, build: Build, path: str) -> torch.Tensor:
        if isinstance(value, torch.Tensor):
            return value
        tensor = torch.tensor(np.asarray(value).tolist()) if isinstance(value, np.ndarray) else torch.tensor(value)
        return tensor.to(torch.get_default_dtype()) if self.floating else tensor

    def words(self, many: bool = False) -> str:
        return "tensors" if many else "a list of numbers"


def _numeric(value: Sequence[Any]) -> bool:
    """Whether a nested list is a full block of numbers, which a tensor can hold."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # rows of different lengths
        return False


@dataclass(frozen=True)
class Items(Form):
    """A list or tuple: of one form of item throughout, or with a form for each place where `fixed`."""

    items: tuple[tuple[Form, ...], ...]
    fixed: bool = False
    make: type = tuple
    kind = "sequence"
    takes_text = False

    def fits(self, value: Any) -> int:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return NO
        if self.fixed and len(value) != len(self.items):
            return NO
        return min((fit(self._at(place), item) for place, item in enumerate(value)), default=EXACTLY)

    def convert(self, value: Any, build: Build, path: str) -> Any:
        made = (convert(self._at(place), item, build, f"{path}[{place}]") for place, item in enumerate(value))
        return self.make(made)

    def words(self, many: bool = False) -> str:
        if self.fixed and len(self.items) == 1:
            return f"a list of one: {words(self.items[0])}"
        count = f"{len(self.items)} " if self.fixed else ""
        return (
            f"{'lists' if many else 'a list'} of {count}{' or '.join(form.words(many=True) for form in self.items[0])}"
        )

    def _at(self, place: int) -> tuple[Form, ...]:
        return self.items[place if self.fixed else 0]


@dataclass(frozen=True)
class Part(Form):
    """A nested part in the document's grammar, `Name` or `Name: {argument: value}`, or the object itself."""

    part: str
    live: tuple[type, ...]

    @property
    def kind(self) -> str:  # type: ignore[override]
        return f"part:{self.part}"

    def fits(self, value: Any) -> int:
        if isinstance(value, self.live):
            return EXACTLY
        return LOOSELY if isinstance(value, (str, Mapping)) and value else NO

    def convert(self, value: Any, build: Build, path: str) -> Any:
        return value if isinstance(value, self.live) else build(self.part, value, path)

    def words(self, many: bool = False) -> str:
        return f"{self.part}s" if many else f"a {self.part}"


@dataclass(frozen=True)
class Function(Form):
    """A callable, or an expression of one free name that the caller turns into one."""

    kind = "callable"

    def fits(self, value: Any) -> int:
        if callable(value):
            return EXACTLY
        return LOOSELY if isinstance(value, (str, Mapping)) and value else NO

    def convert(self, value: Any, build: Build, path: str) -> Any:
        return value if callable(value) else build("callable", value, path)

    def words(self, many: bool = False) -> str:
        return "expressions" if many else "an expression of one free name"


@dataclass(frozen=True)
class Table(Form):
    """A mapping, passed as it is."""

    kind = "mapping"
    takes_text = False

    def fits(self, value: Any) -> int:
        return EXACTLY if isinstance(value, Mapping) else NO

    def words(self, many: bool = False) -> str:
        return "mappings" if many else "a mapping"


@dataclass(frozen=True)
class Record(Form):
    """A data class of torch's, written as a mapping of its fields."""

    record: type
    fields: tuple[tuple[str, tuple[Form, ...]], ...]
    kind = "mapping"
    takes_text = False

    def fits(self, value: Any) -> int:
        if isinstance(value, self.record):
            return EXACTLY
        known = dict(self.fields)
        fits = isinstance(value, Mapping) and all(name in known and fit(known[name], value[name]) for name in value)
        return LOOSELY if fits else NO

    def convert(self, value: Any, build: Build, path: str) -> Any:
        if isinstance(value, self.record):
            return value
        known = dict(self.fields)
        return self.record(
            **{name: convert(known[name], item, build, f"{path}.{name}") for name, item in value.items()}
        )

    def words(self, many: bool = False) -> str:
        return f"a mapping of {', '.join(name for name, _ in self.fields)}"


def fit(forms: Sequence[Form], value: Any) -> int:
    """How well `value` fits the best of `forms`: NO, LOOSELY or EXACTLY."""
    return max((form.fits(value) for form in forms), default=NO)


def convert(forms: Sequence[Form], value: Any, build: Build, path: str = "") -> Any:
    """`value` as torch wants it, by the form that it fits best; DocumentError when it fits none."""
    best = max(forms, key=lambda form: form.fits(value))  # max keeps the first of equals
    if not best.fits(value):
        raise DocumentError(Problem(path, f"expected {words(forms)}, got {shown(value)}"))
    return best.convert(value, build, path)


def within(forms: Sequence[Form], change: Callable[[Form], Form | None]) -> tuple[Form, ...]:
    """The forms with `change` made to each, also inside lists; those for which it gives None go."""
    changed = (
        dataclasses.replace(form, items=tuple(within(item, change) for item in form.items))
        if isinstance(form, Items)
        else change(form)
        for form in forms
    )
    return tuple(form for form in changed if form is not None)


def words(forms: Sequence[Form]) -> str:
    """`an int, a list of 2 ints or null`: what is expected, in words."""
    parts = list(dict.fromkeys(form.words() for form in forms))
    if "a number" in parts and "an int" in parts:
        parts.remove("an int")
    return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def shown(value: Any) -> str:
    """A value with its type as a message shows it, cut to a readable length."""
    text = "null" if value is None else repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return text if value is None else f"{text} ({type(value).__name__})"
