"""From annotations, defaults, operator schemas and words of documentation to the forms a value can take."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import numbers
import os
import re
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any, Literal, Union, get_args, get_origin

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from torchwork.catalog.forms import (
    Anything,
    Bool,
    Choice,
    DType,
    Float,
    Form,
    Function,
    Int,
    Items,
    Member,
    Nothing,
    Part,
    Record,
    Table,
    Text,
    Values,
)

Forms = tuple[Form, ...]

LAYER = Part("layer", (nn.Module,))
SCHEDULER = Part("scheduler", (LRScheduler,))
TRANSFORM = Part("transform", (nn.Module, collections.abc.Callable))  # type: ignore[arg-type]

NUMBER: Forms = (Int(), Float())
SIMPLE: dict[Any, Forms] = {
    type(None): (Nothing(),), bool: (Bool(),), int: (Int(),), float: (Float(),), str: (Text(),),
    complex: NUMBER, numbers.Number: NUMBER, torch.dtype: (DType(),), torch.Tensor: (Values(),), dict: (Table(),),
    torch.Size: (Items(((Int(),),)),),
}  # fmt: skip
SEQUENCES = {tuple: tuple, list: list, collections.abc.Sequence: tuple, collections.abc.Iterable: list}
# Names that torch imports for type checkers only, so that they are missing when its string annotations are read.
CHECKER_NAMES = {
    "Any": Any, "Callable": Callable, "Iterable": collections.abc.Iterable, "Sequence": Sequence, "Literal": Literal,
    "Tensor": torch.Tensor, "Module": nn.Module, "Optimizer": Optimizer, "Mapping": collections.abc.Mapping,
}  # fmt: skip


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of an installed function or class, string ones resolved; those that cannot be are left out.

    Resolving evaluates what the installed library itself wrote, never anything of a document.
    """
    function = inspect.unwrap(function)
    try:
        return inspect.get_annotations(function, locals=CHECKER_NAMES, eval_str=True)
    except (NameError, TypeError, AttributeError, SyntaxError):
        raw = inspect.get_annotations(function) if callable(function) else {}
        return {name: annotation for name, annotation in raw.items() if not isinstance(annotation, str)}


def forms_of(annotation: Any) -> Forms:
    """The forms that a value annotated so can take; an unknown annotation is `Anything`."""
    if isinstance(annotation, collections.abc.Hashable) and annotation in SIMPLE:
        return SIMPLE[annotation]
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return distinct(form for option in get_args(annotation) for form in forms_of(option))
    if origin is Literal:
        return (Choice(get_args(annotation)),)
    if annotation in SEQUENCES or origin in SEQUENCES:
        return (_items(origin or annotation, get_args(annotation)),)
    if collections.abc.Callable in (annotation, origin):
        return (Function(),)
    if origin in (dict, collections.abc.Mapping):
        return (Table(),)
    return _class_forms(annotation)


def _items(sequence: Any, arguments: tuple[Any, ...]) -> Items:
    if sequence is tuple and arguments and arguments[-1] is not Ellipsis:
        return Items(tuple(map(forms_of, arguments)), fixed=True)
    return Items((forms_of(arguments[0]) if arguments else (Anything(),),), make=SEQUENCES[sequence])


def _class_forms(annotation: Any) -> Forms:
    if annotation is Callable or not isinstance(annotation, type):
        return (Function(),) if annotation is typing.Callable else (Anything(),)
    if issubclass(annotation, enum.Enum):
        return (Member(annotation),)
    for base, form in ((nn.Module, LAYER), (LRScheduler, SCHEDULER), (os.PathLike, Text())):
        if issubclass(annotation, base):
            return (form,)
    return (_record(annotation),) if dataclasses.is_dataclass(annotation) else (Anything(),)


def _record(record: type) -> Record:
    types = annotations_of(record)
    return Record(
        record, tuple((field.name, forms_of(types.get(field.name, Any))) for field in dataclasses.fields(record))
    )


def annotation_text(annotation: Any) -> str:
    """An annotation as one would write it today: `int | tuple[int, int]`; empty where there is none."""
    if annotation is inspect.Parameter.empty:
        return ""
    arguments = get_args(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        return " | ".join(map(annotation_text, arguments))
    if get_origin(annotation) is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if isinstance(annotation, list):  # the arguments of a Callable
        return f"[{', '.join(map(annotation_text, annotation))}]"
    name = (
        "..."
        if annotation is Ellipsis
        else getattr(annotation, "__name__", str(annotation)).replace("NoneType", "None")
    )
    return f"{name}[{', '.join(map(annotation_text, arguments))}]" if arguments else name


def forms_of_default(default: Any) -> Forms:
    """The forms that a default value speaks for; None and an absent one say nothing."""
    if default is None or default is inspect.Parameter.empty:
        return ()
    if isinstance(default, list | tuple):
        items = distinct(form for item in default for form in forms_of(type(item)))
        return (Items((items or (Anything(),),), make=type(default)),)
    if isinstance(default, enum.Enum) or type(default) in SIMPLE:
        return forms_of(type(default))
    return (Function(),) if callable(default) else ()


WORDS: tuple[tuple[str, Forms], ...] = (
    (r"\bints?\b|\bintegers?\b|long\b", (Int(),)),
    (r"\bfloats?\b|\bdouble\b", (Float(),)),
    (r"\bnumbers?\b|\bScalar\b", NUMBER),
    (r"\bbool(ean)?s?\b", (Bool(),)),
    (r"\bstr(ing)?s?\b|pathlib", (Text(),)),
    (r"\bdtype\b", (DType(),)),
    (r"\bTensors?\b", (Values(),)),
    (r"\bcallable\b|\bfunction\b", (Function(),)),
    (r"\bdict(ionary)?\b", (Table(),)),
    (r"\bNone\b", (Nothing(),)),
)  # fmt: skip
OPTIONS = re.compile(r"\bor\b|[,|](?![^\[]*\])")  # what stands in brackets belongs to the word before them
SEQUENCE_WORD = re.compile(r"\btuples?\b|\blists?\b|\bsequences?\b|\biterable\b|torch\.Size|\[\]", re.IGNORECASE)


def forms_of_words(text: str) -> Forms:
    """The forms that documentation names: `int or tuple` is an int or a list of ints."""
    found: list[Form] = []
    for option in OPTIONS.split(text):
        named = _named(option)
        if SEQUENCE_WORD.search(option):
            items = named or tuple(form for form in _named(text) if isinstance(form, Int | Float | Bool | Text))
            named = (Items((items or (Anything(),),)),)
        found += named
    return distinct(found)


def _named(text: str) -> Forms:
    return distinct(form for pattern, forms in WORDS if re.search(pattern, text) for form in forms)


def forms_of_schema(kind: str) -> Forms:
    """The forms of a type in a torch operator schema: `int[2]?`, `Scalar`, `Tensor[]`."""
    if kind.startswith("Optional["):
        return distinct([*forms_of_schema(kind[9:-1]), Nothing()])
    if kind.startswith("List["):
        return (Items((forms_of_schema(kind[5:-1]),), make=list),)
    return SCHEMA.get(kind, (Anything(),))


SCHEMA: dict[str, Forms] = {
    "int": (Int(),), "SymInt": (Int(),), "float": (Float(),), "bool": (Bool(),), "str": (Text(),),
    "number": (Bool(), Int(), Float()),
    "Tensor": (Values(floating=False),), "ScalarType": (DType(),), "complex": NUMBER,
}  # fmt: skip


def distinct(forms: Any) -> Forms:
    """The forms without repetition; text gives way to named members, and Anything to nothing but itself."""
    kept = tuple(dict.fromkeys(forms))
    if any(isinstance(form, Member) for form in kept):
        kept = tuple(form for form in kept if not isinstance(form, Text))
    return kept
