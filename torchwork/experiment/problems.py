"""What pydantic found, as sentences: the place in the document, what was expected, what came, and the nearest name."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from torchwork.errors import DocumentError, Problem, nearest
from torchwork.experiment.part import Part, Section
from torchwork.experiment.place import Place, place_text
from torchwork.experiment.spec import Document, Node, Schedule
from torchwork.experiment.values import listed, plain, shown

WORDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "string_too_short": "a name",
    "bool_type": "true or false",
    "list_type": "a list",
    "too_short": "at least one item",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
}
LIMITS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "of at most"),
}
PROPERTY_KEYS = {field: key for part in (Node, Schedule) for key, field in part.properties.items()}


S = TypeVar("S", bound=Section)


def parse_section(section: type[S], values: Any) -> S:
    """The section that plain values describe, written as in a document; tuples and paths are welcome too.

    Raises:
        DocumentError: with every problem, each with its place inside the section.
    """
    values = plain(values)
    try:
        return section.model_validate(values)
    except ValidationError as error:
        raise DocumentError(problems_of(error, values, section)) from None


def problems_of(error: ValidationError, document: Any, root: type[BaseModel] = Document) -> list[Problem]:
    """One problem for each wrong place of `document`, which writes a `root`, in pydantic's order."""
    found: dict[Place, list[Any]] = {}
    for item in error.errors(include_url=False):
        found.setdefault(_place(item, document), []).append(item)
    return [_problem(place, items, root) for place, items in found.items() if not _has_deeper(place, found)]


def _has_deeper(place: Place, found: Mapping[Place, Any]) -> bool:
    """Whether a place inside `place` is wrong: then the branch of a union that got so far says what was meant."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in found)


def _place(item: Mapping[str, Any], document: Any) -> Place:
    """The error's location with the keys that stand in the document, and without pydantic's names of union branches."""
    *steps, last = item["loc"] or ("",)
    missing = item["type"] == "missing"
    place: list[str | int] = []
    for step in steps if missing else item["loc"]:
        key = _key(step, document)
        if key is not None:
            place.append(key)
            document = document[key]
    return (*place, last) if missing else tuple(place)


def _key(step: str | int, document: Any) -> str | int | None:
    if isinstance(document, list):
        return step if isinstance(step, int) else None
    if not isinstance(document, dict):
        return None
    if step in document:
        return step
    if step == "args":
        return next((key for key in document if key not in PROPERTY_KEYS.values()), None)
    renamed = PROPERTY_KEYS.get(str(step))
    return renamed if renamed in document else None


def _problem(place: Place, items: list[Any], root: type[BaseModel]) -> Problem:
    path, first = place_text(place), items[0]
    if first["type"] == "extra_forbidden":
        known = _keys(place[:-1], root)
        hint = nearest(str(place[-1]), known) or f"known here: {listed(known)}"
        return Problem(path, f"unknown key `{place[-1]}`", hint)
    if first["type"] == "missing":
        around = place_text(place[:-1]) or "the document"
        return Problem(path, f"`{place[-1]}` is missing", f"add `{place[-1]}:` to {around}")
    # Of a union's branches, one that got as far as its own check says more than those that refused the type.
    own = [str(item["ctx"]["error"]) for item in items if item["type"] == "value_error"]
    if own:
        return Problem(path, "; or ".join(own))
    expected = dict.fromkeys(_expected(item, place, root) for item in items)
    return Problem(path, f"expected {listed(expected, 'or')}, got {shown(first['input'])}", _choice_hint(items))


def _expected(item: Mapping[str, Any], place: Place, root: type[BaseModel]) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "dict_type" and item["loc"][-1] == "args":
        return f"the arguments of {place[-1]} as `{{argument: value}}`"
    if kind in WORDS:
        return WORDS[kind]
    if kind in LIMITS:
        limit, words = context[LIMITS[kind][0]], LIMITS[kind][1]
        return f"a {'whole ' if isinstance(limit, int) else ''}number {words} {limit:g}"
    if kind == "literal_error":
        return listed(_choices(item), "or")
    if kind == "model_type":
        return f"a mapping with {listed(_keys(place, root))}"
    return str(item["msg"]).removeprefix("Input should be ")


def _choices(item: Mapping[str, Any]) -> list[str]:
    """The words of a literal; pydantic has them only as `'auto', 'cpu' or 'cuda'`."""
    return [word.strip("' ") for word in str(item["ctx"]["expected"]).replace(" or ", ",").split(",")]


def _choice_hint(items: list[Any]) -> str:
    choices = [choice for item in items if item["type"] == "literal_error" for choice in _choices(item)]
    return nearest(items[0]["input"], choices) if isinstance(items[0]["input"], str) else ""


def _keys(place: Place, root: type[BaseModel]) -> list[str]:
    """The keys that the document may have at `place`."""
    annotations: list[Any] = [root]
    for step in place:
        annotations = [inner for annotation in annotations for inner in _inside(annotation, step)]
    sections = [kind for annotation in annotations for kind in _members(annotation) if _is_section(kind)]
    return [field.alias or key for section in sections for key, field in section.model_fields.items()]


def _inside(annotation: Any, step: str | int) -> Iterator[Any]:
    """The annotations of what stands at `step` inside a value of the annotated type."""
    for kind in _members(annotation):
        if typing.get_origin(kind) in (list, dict):
            yield typing.get_args(kind)[-1]
        elif _is_section(kind):
            keys = kind.properties if issubclass(kind, Part) else {}
            field = kind.model_fields.get(keys.get(str(step), str(step)))
            yield from [field.annotation] if field else []


def _members(annotation: Any) -> Iterator[Any]:
    """The types of a union, or the one type."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _members(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for member in typing.get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
