"""Single values of the document, set and taken away by their places."""

from __future__ import annotations

from typing import Any

from torchwork.draw import edit as edits
from torchwork.draw.level import PROPERTIES
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.errors import DocumentError
from torchwork.experiment import parse_place, place_text
from torchwork.experiment.place import Place
from torchwork.experiment.values import shown

BODIES = ("layers", "nodes")
"""sections that may be empty: a level without nodes"""


def set_value(sketch: Sketch, edit: edits.SetValue) -> list[str]:
    """What stands at a place becomes a value; sections on the way come into being."""
    place = _place(edit.path)
    sketch.document = _with(sketch.document, place, edit.value, ())
    return _node(place)


def unset_value(sketch: Sketch, edit: edits.UnsetValue) -> list[str]:
    """What stands at a place goes, with the sections that become empty."""
    place = _place(edit.path)
    found = _without(sketch.document, place, ())
    sketch.document = found if isinstance(found, dict) else {}
    return _node(place)


def level_of(path: str) -> str:
    """The level that a place lies in."""
    try:
        place = parse_place(path)
    except ValueError:
        return ""
    return str(place[2]) if place[:2] == ("model", "modules") and len(place) > 3 else ""


def _place(path: str) -> Place:
    try:
        return parse_place(path)
    except ValueError as error:
        raise DocumentError(str(error)) from None


def _node(place: Place) -> list[str]:
    """The node that a place lies in, by the name of its key or number."""
    inside = place[3:] if place[:2] == ("model", "modules") else place[1:]
    return [str(inside[1])] if place[0] == "model" and len(inside) > 1 and inside[0] in BODIES else []


def _with(value: Any, rest: Place, new: Any, done: Place) -> Any:
    """A copy of `value`, which stands at `done`, with `new` at the end of the way."""
    if not rest:
        return new
    step = rest[0]
    if value is None or value == step:  # `optimizer: Adam` is a part without arguments: give it room for some
        value = {value: {}} if value is not None else [] if isinstance(step, int) else {}
    if isinstance(value, list) and isinstance(step, int) and step <= len(value):
        inner = _with(value[step] if step < len(value) else None, rest[1:], new, (*done, step))
        return [*value[:step], inner, *value[step + 1 :]]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: _with(value.get(step), rest[1:], new, (*done, step))}
    raise refused(
        f"`{place_text((*done, step))}` cannot be set: `{place_text(done)}` is {shown(value)}",
        place_text(done),
        "choose a place that is there",
    )


def _without(value: Any, rest: Place, done: Place) -> Any:
    """A copy of `value` without what stands at the end of the way; nothing where nothing is left of it."""
    step = rest[0]
    there = isinstance(value, dict) and step in value
    there = there or (isinstance(value, list) and isinstance(step, int) and step < len(value))
    if not there:
        words = f"there is nothing at `{place_text((*done, *rest))}`"
        raise refused(words, place_text(done), "choose a place that is there")
    inner = _without(value[step], rest[1:], (*done, step)) if rest[1:] else None
    if isinstance(value, list) and isinstance(step, int):
        return [*value[:step], *([] if inner is None else [inner]), *value[step + 1 :]] or _empty(done, [])
    left = {key: inner if key == step else item for key, item in value.items() if key != step or inner is not None}
    if len(left) == 1 and left.get(step) == {} and _is_part((*done, step)):
        return step  # `{Linear: {}}` reads better as `Linear`
    return left or ({} if _is_part(done) else _empty(done, {}))


def _empty(place: Place, value: Any) -> Any:
    return value if not place or place[-1] in BODIES else None


def _is_part(place: Place) -> bool:
    """Whether a place is that of a part's arguments, which may be empty: `loss.MSELoss`, `model.nodes.a.add`."""
    if not place or not isinstance(place[-1], str) or place[-1] in PROPERTIES:
        return False
    before = place[:-1]
    if before[-1:] in (("modules",), ("tie",), ("arguments",)):
        return False
    in_node = len(before) > 1 and before[-2] in BODIES
    return in_node or before[-1:] in (("init",), ("warmup",)) or place[-1][:1].isupper()
