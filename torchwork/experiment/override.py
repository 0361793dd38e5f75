"""`--set path=value`: the one way to change a document from outside it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from torchwork.errors import DocumentError, Problem
from torchwork.experiment.files import read
from torchwork.experiment.place import Place, parse_place, place_text


def override(document: dict[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of `document` (as written) with each `path=value` of `settings` applied in turn; values are YAML.

    Raises:
        DocumentError: not `path=value`, or a path through something that has no parts.
    """
    document = copy.deepcopy(document)
    for setting in settings:
        path, equals, value = setting.partition("=")
        try:
            if not equals:
                raise ValueError("expected `path=value`, such as `train.epochs=3`")
            _put(document, parse_place(path.strip()), read(value)[0])
        except (ValueError, DocumentError) as error:
            raise DocumentError(Problem(f"--set {setting}", str(error))) from None
    return document


def _put(container: Any, place: Place, value: Any) -> None:
    for depth, (step, following) in enumerate(zip(place, place[1:], strict=False)):
        container = _enter(container, step, following, place_text(place[: depth + 1]))
    _assign(container, place[-1], value, place_text(place[:-1]))


def _enter(container: Any, step: str | int, following: str | int, path: str) -> Any:
    inside = _item(container, step, path)
    # `optimizer: Adam` and `model.layers[0]: ReLU` are parts without arguments: give them room for some.
    if inside is None or (isinstance(inside, str) and inside == following):
        inside = {} if inside is None else {inside: {}}
        container[step] = inside
    if not isinstance(inside, dict | list):
        raise ValueError(f"`{path}` is {inside!r}, which has no `{following}`")
    return inside


def _item(container: Any, step: str | int, path: str) -> Any:
    if isinstance(container, list):
        if not isinstance(step, int) or step >= len(container):
            raise ValueError(f"`{path}` does not exist: the list has {len(container)} items, numbered from 0")
        return container[step]
    return container.get(step)


def _assign(container: Any, step: str | int, value: Any, path: str) -> None:
    if isinstance(container, list):
        _item(container, step, f"{path}[{step}]")
    container[step] = value
