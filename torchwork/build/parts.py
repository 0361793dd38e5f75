"""A part of the document, with the parts inside it, to an object of torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torchwork.catalog import Entry, catalog
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import ExpressionError, Part, function, substitute


def entry_of(kind: str, part: Part, path: str) -> Entry:
    """The catalog's entry for a part.

    Raises:
        DocumentError: no such name among `kind`; names the nearest.
    """
    return catalog().find(kind, part.name, path)


Scope = Mapping[str, int | float]
NOTHING: Scope = {}


def part_problems(kind: str, part: Part, path: str, scope: Scope = NOTHING) -> list[Problem]:
    """What is wrong with a part: its name and its arguments; expressions see `scope`."""
    place = f"{path}.{part.name}"
    try:
        return entry_of(kind, part, path).problems(_substituted(part, scope, place), place)
    except DocumentError as error:
        return error.problems


def make(kind: str, part: Part, *leading: Any, path: str, scope: Scope = NOTHING) -> Any:
    """The object that `part` names, called with `leading` before its own arguments; expressions see `scope`.

    Raises:
        DocumentError: a wrong name or argument, or a constructor that refuses.
    """
    entry = entry_of(kind, part, path)
    place = f"{path}.{part.name}"
    args = _substituted(part, scope, place)
    problems = entry.problems(args, place)
    if problems:
        raise DocumentError(problems)

    def inside(inner_kind: str, value: Any, inner_path: str) -> Any:
        """A part or a function that stands as an argument; a scheduler inside a scheduler gets the same optimizer."""
        if inner_kind == "callable":
            return _function(value, inner_path, scope)
        own = leading if inner_kind == kind else ()
        return make(inner_kind, _as_part(value, inner_path), *own, path=inner_path, scope=scope)

    return entry.construct(args, *leading, part=inside, path=place)


def _substituted(part: Part, scope: Scope, place: str) -> Any:
    try:
        return substitute(part.args, scope)
    except ExpressionError as error:
        raise DocumentError(Problem(place, str(error))) from None


def _as_part(value: Any, path: str) -> Part:
    try:
        return Part.model_validate(value)
    except ValueError:
        message = f"expected a part, `Name` or `Name: {{argument: value}}`, got {value!r}"
        raise DocumentError(Problem(path, message)) from None


def _function(value: Any, path: str, scope: Scope) -> Any:
    """`0.95 ** epoch` as a function; the name of a layer such as PairwiseDistance as that layer."""
    if isinstance(value, Mapping) or (isinstance(value, str) and value in catalog().entries("layer")):
        return make("layer", _as_part(value, path), path=path)
    try:
        return function(str(value), scope)
    except ExpressionError as error:
        raise DocumentError(Problem(path, str(error))) from None
