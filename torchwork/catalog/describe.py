"""Introspection: a class or function of an installed library becomes an Entry."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Callable, Iterator
from inspect import Parameter
from typing import Any

from torch import nn

from torchwork.catalog import documentation, exceptions
from torchwork.catalog.annotations import (
    LAYER,
    SCHEDULER,
    TRANSFORM,
    Forms,
    annotation_text,
    annotations_of,
    distinct,
    forms_of,
    forms_of_default,
    forms_of_words,
)
from torchwork.catalog.documentation import ArgumentText, Documentation
from torchwork.catalog.entry import Argument, Entry, as_json
from torchwork.catalog.forms import (
    EXACTLY,
    Anything,
    Choice,
    Form,
    Function,
    Int,
    Items,
    Member,
    Nothing,
    Table,
    Text,
    Values,
    fit,
    within,
)

EMPTY = Parameter.empty
PARTS = {"layer": LAYER, "scheduler": SCHEDULER, "transform": TRANSFORM}
# The kind of an argument is that of its most telling form.
TELLING = (
    "part:",
    "dtype",
    "sequence",
    "choice",
    "float",
    "int",
    "bool",
    "str",
    "tensor",
    "callable",
    "mapping",
    "none",
    "any",
)
QUOTED = re.compile(r"(?<![\w'\"])(['\"])([A-Za-z][\w-]*)\1(?![\w'\"])")


def describe(target: Any, kind: str, name: str = "", summary: str = "") -> Entry:
    """The Entry of any class or function: arguments, types, defaults and help from its signature and docstring."""
    name = name or target.__name__
    texts = document(target)
    parameters = list(parameters_of(target))
    arguments = tuple(
        argument_of(parameter, annotation, kind, name, texts.arguments.get(parameter.name, ArgumentText()))
        for parameter, annotation in parameters
        if not exceptions.is_supplied(kind, name, parameter.name)
    )
    supplied = tuple(parameter.name for parameter, _ in parameters if parameter.name in LEADING.get(kind, ()))
    text = summary or exceptions.SUMMARIES.get(name, "") or texts.summary
    return Entry(name, kind, target, arguments, text, reference(target), signature_text(name, arguments), supplied)


LEADING = {"optimizer": ("params",), "scheduler": ("optimizer",), "initializer": ("tensor",)}


def reference(target: Any) -> str:
    """The shortest name under which the target can be imported: `torch.nn.Conv2d`."""
    name, parts = target.__qualname__, (getattr(target, "__module__", None) or "torch").split(".")
    prefixes = [".".join(parts[: place + 1]) for place in range(len(parts))]
    known = (prefix for prefix in prefixes if getattr(sys.modules.get(prefix), name, None) is target)
    return f"{next(known, prefixes[-1])}.{name}"


def signature_text(name: str, arguments: tuple[Argument, ...]) -> str:
    """`Conv2d(in_channels, out_channels, kernel_size, stride=1)`."""
    return f"{name}({', '.join(map(_argument_text, arguments))})"


def _argument_text(argument: Argument) -> str:
    if argument.variadic:
        return f"*{argument.name}"
    return argument.name if argument.required else f"{argument.name}={as_json(argument.default)!r}"


def document(target: Any) -> Documentation:
    """The documentation of a function, or of a class with what its bases say of further arguments."""
    if not isinstance(target, type):
        return documentation.read(target.__doc__)
    summary = ""
    arguments: dict[str, ArgumentText] = {}
    for base in inspect.getmro(target):
        for docstring in (base.__dict__.get("__doc__"), getattr(base.__dict__.get("__init__"), "__doc__", None)):
            texts = documentation.read(docstring) if base is not object else Documentation()
            summary = summary or (texts.summary if base is target else "")
            arguments = {**texts.arguments, **arguments}
    return Documentation(summary, arguments)


def parameters_of(target: Any) -> Iterator[tuple[Parameter, Any]]:
    """The parameters of a function or constructor with their resolved annotations, without `self`.

    A constructor with `**kwargs` hands them to the class it derives from, whose parameters follow.
    """
    seen: set[str] = {"self"}
    for function in _functions(target):
        annotations = annotations_of(function)
        found = inspect.signature(function).parameters.values()
        for parameter in found:
            if parameter.name not in seen and parameter.kind is not Parameter.VAR_KEYWORD:
                seen.add(parameter.name)
                yield parameter, annotations.get(parameter.name, EMPTY)
        if all(parameter.kind is not Parameter.VAR_KEYWORD for parameter in found):
            return


def _functions(target: Any) -> Iterator[Callable[..., Any]]:
    if not isinstance(target, type):
        yield target
        return
    for base in inspect.getmro(target):
        function = base.__dict__.get("__init__")
        if base in (nn.Module, object):
            return
        if function is not None:
            overloads = typing.get_overloads(inspect.unwrap(function))
            yield overloads[0] if overloads else function  # RNN, LSTM, GRU: the signature itself is (*args, **kwargs)


def argument_of(parameter: Parameter, annotation: Any, kind: str, owner: str, text: ArgumentText) -> Argument:
    """One parameter as an Argument, from its annotation, default and documentation."""
    forms = forms_of_parameter(parameter, annotation, owner, text)
    variadic = parameter.kind is Parameter.VAR_POSITIONAL
    insisted = (owner, parameter.name) in exceptions.REQUIRED
    if variadic:
        forms = (Items((forms,)),)
    if insisted:
        forms = tuple(form for form in forms if not isinstance(form, Nothing))
    if kind == "layer" and parameter.name in exceptions.POSITIVE:
        forms = within(forms, lambda form: Int(positive=True) if isinstance(form, Int) else form)
    if kind == "optimizer":  # a rate may be a tensor, for what only code does with it
        forms = within(forms, lambda form: None if isinstance(form, Values) else form)
    stated = exceptions.CHOICES.get((owner, parameter.name), ())
    choices, closed = _choices(forms, parameter.default, stated, text, kind)
    if choices and closed:
        forms = tuple(Choice(choices) if isinstance(form, Text) else form for form in forms)
    return made(
        parameter.name,
        forms,
        default=None if parameter.default is EMPTY else parameter.default,
        required=insisted or (parameter.default is EMPTY and not variadic),
        annotation=annotation_text(annotation),
        help=text.help,
        choices=choices,
        suggested=bool(choices) and not closed,
        variadic=variadic,
    )


def made(name: str, forms: Forms, default: Any, required: bool, **more: Any) -> Argument:
    """An Argument whose kind, strings and annotation follow from its forms where nothing else says them."""
    kind, many = kind_of(forms)
    more["annotation"] = more.get("annotation") or " | ".join(dict.fromkeys(form.words() for form in forms))
    return Argument(name, kind, required=required, default=default, forms=forms, many=many,
                    accepts_string=any(form.takes_text for form in forms), **more)  # fmt: skip


def kind_of(forms: Forms) -> tuple[str, bool]:
    """The kind of the most telling form, and whether it is a list of parts."""
    for form in forms:
        if isinstance(form, Items) and any(item.kind.startswith("part:") for item in form.items[0]):
            return kind_of(form.items[0])[0], True
    return min((form.kind for form in forms), key=_rank, default="any"), False


def _rank(kind: str) -> int:
    return next(place for place, start in enumerate(TELLING) if kind.startswith(start))


def forms_of_parameter(parameter: Parameter, annotation: Any, owner: str, text: ArgumentText) -> Forms:
    """What a parameter takes: its annotation, widened by its documentation and its default."""
    part = exceptions.PARTS.get((owner, parameter.name))
    forms = (
        _part(*part)
        if part
        else forms_of(exceptions.TYPES.get((owner, parameter.name), _stated(parameter, annotation)))
    )
    forms = tuple(form for form in forms if not isinstance(form, Anything))
    forms = distinct((*forms, *_further(forms, forms_of_words(text.type))))
    if parameter.default is None and forms:
        return distinct((*forms, Nothing()))
    if (parameter.default not in (EMPTY, None) and not fit(forms, parameter.default)) or _is_plain_text(
        forms, parameter.default
    ):
        forms = distinct((*forms, *forms_of_default(parameter.default)))
    return forms or (Anything(),)


def _is_plain_text(forms: Forms, default: Any) -> bool:
    """Whether a default string is text to keep, where the forms would take it for an expression."""
    return isinstance(default, str) and fit(forms, default) < EXACTLY


def _stated(parameter: Parameter, annotation: Any) -> Any:
    if annotation is EMPTY and parameter.name == "dtype":
        return exceptions.DTYPE
    return annotation


def _part(kind: str, many: bool) -> Forms:
    return (Items(((PARTS[kind],),), make=list),) if many else (PARTS[kind],)


def _further(forms: Forms, documented: Forms) -> Iterator[Form]:
    """The documented forms of a sort that the annotation does not have: torch's annotations are often too narrow."""
    sorts = {type(form) for form in forms}
    named = bool(sorts & {Choice, Member, Function, type(LAYER)})
    for form in documented:
        if type(form) in sorts or (named and isinstance(form, Text | Function | Table)):
            continue
        yield Items((_scalars(forms) or form.items[0],)) if isinstance(form, Items) else form


def _scalars(forms: Forms) -> Forms:
    return tuple(form for form in forms if form.kind in ("int", "float"))


def _choices(
    forms: Forms, default: Any, stated: tuple[str, ...], text: ArgumentText, kind: str
) -> tuple[tuple[Any, ...], bool]:
    """The values to choose from, and whether there are no others: a source's are told, not enforced."""
    for form in forms:
        if isinstance(form, Choice | Member):
            return form.choices, True
    if not any(isinstance(form, Text) for form in forms):
        return (), False
    quoted = tuple(dict.fromkeys([*(match[1] for match in QUOTED.findall(text.help)), *stated]))
    fits = (isinstance(default, str) and default in quoted) or (not isinstance(default, str) and bool(stated))
    return (quoted, kind != "source") if (stated or len(quoted) > 1) and fits else ((), False)
