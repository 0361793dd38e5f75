"""One instance gets a definition of its own, which can then be changed without changing the others."""

from __future__ import annotations

from typing import Any

from torchwork.errors import DocumentError, Problem
from torchwork.experiment.part import Part
from torchwork.experiment.place import Place, parse_place
from torchwork.experiment.spec import Model, Node


def make_unique(model: Model, path: str) -> Model:
    """The model with a copy of the definition that the node at `path` (`nodes.stem`, `layers[2]`) uses, for it alone.

    Inside a definition, as in `modules.Stage.layers[0]`, the node is one of every use of that definition.

    Raises:
        DocumentError: there is no such node, or it uses no definition.
    """
    node = _node_at(model, path)
    if node.name not in model.modules:
        message = f"{node.name or 'it'} is no definition of `modules:`, so there is nothing to copy"
        raise DocumentError(Problem(path, message, "choose a node that uses a definition"))
    name = _free_name(node.name, model)
    modules = {}
    for known, module in model.modules.items():  # the copy stands beside its original
        modules[known] = module
        if known == node.name:
            modules[name] = module.model_copy(deep=True)
    copied = model.model_copy(update={"modules": modules})
    found = _replaced(copied, _place(path), node.model_copy(update={"name": name}))
    assert isinstance(found, Model)
    return found


def _place(path: str) -> Place:
    try:
        place = parse_place(path)
    except ValueError as error:
        raise DocumentError(str(error)) from None
    return place[1:] if place[:1] == ("model",) else place


def _node_at(model: Model, path: str) -> Node:
    at: Any = model
    for step in _place(path):
        at = _child(at, step)
    if not isinstance(at, Node):
        raise DocumentError(
            Problem(path, "there is no node here", "give its place, such as `nodes.stem` or `layers[2]`")
        )
    return at


def _child(at: Any, step: str | int) -> Any:
    """What stands at a step of a section, a mapping or a list; None when nothing does."""
    if isinstance(at, dict):
        return at.get(step)
    if isinstance(at, list):
        return at[step] if isinstance(step, int) and step < len(at) else None
    is_field = isinstance(step, str) and not isinstance(at, Part) and step in getattr(type(at), "model_fields", {})
    return getattr(at, str(step)) if is_field else None


def _replaced(at: Any, place: Place, node: Node) -> Any:
    """A copy of `at` with `node` at a place that exists."""
    if not place:
        return node
    step, rest = place[0], place[1:]
    inner = _replaced(_child(at, step), rest, node)
    if isinstance(at, dict):
        return {**at, step: inner}
    if isinstance(at, list):
        return [inner if number == step else item for number, item in enumerate(at)]
    return at.model_copy(update={step: inner})


def _free_name(name: str, model: Model) -> str:
    """The definition's name with the first free number behind it."""
    stem, number = name.rstrip("0123456789") or name, 2
    while f"{stem}{number}" in model.modules:
        number += 1
    return f"{stem}{number}"
