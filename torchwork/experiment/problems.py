"""What pydantic found, as sentences with the place in the document, what was expected, what came, and the nearest name."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ValidationError

from torchwork.errors import Problem, nearest
from torchwork.experiment.part import Part
from torchwork.experiment.place import Place, place_text
from torchwork.experiment.spec import Node, Schedule

WORDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "none_required": "nothing",
    "finite_number": "a finite number",
    "invalid-json-value": "plain text, numbers, lists or mappings",
}
LIMITS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
FIELD_KEYS = {field: key for part in (Node, Schedule) for key, field in part.properties.items()}


def problems_of(error: ValidationError, document: Any, model: type[BaseModel]) -> list[Problem]:
    """One problem for each wrong place of `document`, in pydantic's order."""
    found = [(_place(item["loc"], document), item) for item in error.errors(include_url=False)]
    return [_problem(place, [item for _, item in group], model) for place, group in groupby(found, key=lambda pair: pair[0])]


def _place(loc: Sequence[str | int], document: Any) -> Place:
    """`loc` without the names of union branches, and with the keys that stand in the document."""
    place: list[str | int] = []
    for step in loc:
        key = _key(step, document)
        if key is None:
            # A key that is missing from a mapping is a place; the name of a union's branch is not.
            if isinstance(document, dict) and step == loc[-1] and not place_is_branch(step):
                place.append(step)
            continue
        place.append(key)
        document = document[key]
    return tuple(place)


def place_is_branch(step: str | int) -> bool:
    """Whether `step` is pydantic's name for a branch of a union, such as `str`, `list[str]` or `constrained-float`."""
    return isinstance(step, str) and (step in {"str", "float", "int", "FileSplit", "Normalize"} or any(c in step for c in "[-("))


def _key(step: str | int, document: Any) -> str | int | None:
    if isinstance(document, list):
        return step if isinstance(step, int) and step < len(document) else None
    if not isinstance(document, dict):
        return None
    if step in document:
        return step
    if step == "args":
        return next((key for key in document if key not in FIELD_KEYS.values()), None)
    renamed = FIELD_KEYS.get(str(step))
    return renamed if renamed in document else None


def _problem(place: Place, items: list[Any], model: type[BaseModel]) -> Problem:
    path = place_text(place)
    first = items[0]
    match first["type"]:
        case "extra_forbidden":
            known = list(_keys(model, place[:-1]))
            hint = nearest(str(place[-1]), known) or f"known here: {', '.join(known)}"
            return Problem(path, f"unknown key `{place[-1]}`", hint)
        case "missing":
            return Problem(path, f"`{place[-1]}` is missing", "a document needs it")
        case "value_error" if len(items) == 1:
            return Problem(path, str(first["ctx"]["error"]))
    # Of a union's branches, one that got as far as its own check says more than those that refused the type.
    own = [str(item["ctx"]["error"]) for item in items if item["type"] == "value_error"]
    if own:
        return Problem(path, "; or ".join(own))
    expected = list(dict.fromkeys(_expected(item, model, place) for item in items))
    return Problem(path, f"expected {' or '.join(expected)}, got {_shown(first['input'])}", _choice_hint(items))


def _expected(item: Mapping[str, Any], model: type[BaseModel], place: Place) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind in WORDS:
        return WORDS[kind]
    if kind in LIMITS:
        key, words = LIMITS[kind]
        return f"a number {words} {context[key]}"
    if kind == "literal_error":
        return str(context["expected"])
    if kind in {"model_type", "model_attributes_type"}:
        return f"a mapping with {', '.join(_keys(model, place)) or context.get('class_name', 'keys')}"
    if kind == "string_pattern_mismatch":
        return f"text of the form {context['pattern']}"
    return str(item["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")


def _choice_hint(items: list[Any]) -> str:
    choices = [word.strip("' ") for item in items if item["type"] == "literal_error" for word in item["ctx"]["expected"].replace(" or ", ",").split(",")]
    return nearest(str(items[0]["input"]), choices) if isinstance(items[0]["input"], str) else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _keys(model: type[BaseModel], place: Place) -> Iterator[str]:
    """The keys that the document may have at `place`."""
    section = _section(model, place)
    if section is None:
        return
    if issubclass(section, Part):
        yield from section.properties
    else:
        yield from section.model_fields


def _section(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    annotation: Any = model
    for step in place:
        sections = [kind for kind in _unfolded(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        fields = [section.model_fields[str(step)] for section in sections if str(step) in section.model_fields]
        if fields:
            annotation = fields[0].annotation
        elif sections:
            return None
    return next((kind for kind in _unfolded(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _unfolded(annotation: Any) -> Iterator[Any]:
    """The types inside optional, union, list and mapping annotations."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _unfolded(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType, list, dict):
        for argument in typing.get_args(annotation):
            yield from _unfolded(argument)
    else:
        yield annotation
