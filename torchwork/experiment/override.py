"""`--set path=value`: the one way to change a document from outside it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from torchwork.errors import DocumentError, Problem
from torchwork.experiment.files import read
from torchwork.experiment.place import Place, parse_place, place_text
from torchwork.experiment.values import refused, shown


def override(document: dict[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of `document` (as written) with each `path=value` of `settings` applied in turn; values are YAML.

    Raises:
        DocumentError: not `path=value`, or a path through something that has no parts.
    """
    document = copy.deepcopy(document)
    for setting in settings:
        try:
            _put(document, place_of(setting), read(setting.partition("=")[2])[0])
        except DocumentError as error:
            (problem,) = error.problems
            raise DocumentError(Problem(f"--set {setting:.80}", problem.message, problem.fix)) from None
    return document


def place_of(setting: str) -> Place:
    """The place that `path=value` sets.

    Raises:
        DocumentError: it is not of that form.
    """
    path, equals, _ = setting.partition("=")
    if not equals:
        raise DocumentError("expected `path=value`, such as `train.epochs=3`")
    try:
        return parse_place(path.strip())
    except ValueError as error:
        raise DocumentError(str(error)) from None


def _put(container: Any, place: Place, value: Any) -> None:
    for depth, (step, following) in enumerate(pairwise(place)):
        container = _enter(container, step, following, place[:depth])
    _check(container, place[-1], place[:-1])
    container[place[-1]] = value


def _enter(container: Any, step: str | int, following: str | int, place: Place) -> Any:
    """What stands at `step` of `container`, made a mapping where that is what the document means."""
    _check(container, step, place)
    inside: Any = container.get(step) if isinstance(container, dict) else container[step]
    # `optimizer: Adam` and `model.layers[0]: ReLU` are parts without arguments: give them room for some.
    if inside is None or inside == following:
        inside = {} if inside is None else {inside: {}}
        container[step] = inside
    return inside


def _check(container: Any, step: Any, place: Place) -> None:
    """Refuses a step that `container`, which stands at `place`, does not have."""
    path = place_text(place) or "the document"
    if isinstance(container, list):
        if not isinstance(step, int) or step >= len(container):
            known = f"the list `{path}` has {len(container)} items, numbered from 0"
            raise refused((), f"`{place_text((*place, step))}` does not exist: {known}")
    elif isinstance(container, dict):
        if isinstance(step, int):
            raise refused((), f"`{path}` is not a list there: set the whole of it, as in `{path}=[...]`")
    else:
        raise refused((), f"`{path}` is {shown(container)}, which has no `{step}`")
