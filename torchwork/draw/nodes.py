"""Edits of nodes: add, remove, change, rename, share, bypass, move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torchwork.draw import edit as edits
from torchwork.draw.level import PROPERTIES, Item, Level
from torchwork.draw.names import TENSORS, check_node_name, free_name, short_name
from torchwork.draw.order import follow_flow, insert, is_sorted, returns_an_end, sort
from torchwork.draw.refs import head
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.draw.wires import check_source, feed
from torchwork.experiment.values import shown


def add(sketch: Sketch, edit: edits.Add) -> list[str]:
    """A new node behind its sources; it goes onto the wires of `feeds`."""
    level = sketch.drawn(edit.level)
    body = part_of(edit.part)
    label = edit.name or _label(body)
    item = Item("", label or None, {key: value for key, value in body.items() if key not in ("name", "from")})
    item.sources = list(edit.sources)
    _check_part(sketch, level, item)
    if label:
        check_node_name(label, level.taken, level.place)
    item.key = label or new_name(level, item)
    item.name = label or (None if level.chain else item.key)
    for source in item.sources:
        check_source(level, source)
    if edit.at is not None:
        item.put("at", whole(edit.at))
    ordered, was_end = is_sorted(level), returns_an_end(level)
    first = next((key for key in level.items if key in {node for node, _ in edit.feeds}), "")
    insert(level, [item], "" if any(head(source) in level.items for source in item.sources) else first)
    if len(level.items) == 1 and level.returned_unsaid:
        level.outputs = [item.key]
    for node, number in edit.feeds:
        feed(sketch, level, item.key, node, number)
    sort(level, ordered)
    follow_flow(level, was_end)
    return [sketch.store(level)[item.key]]


def part_of(value: Any) -> dict[str, Any]:
    """The mapping of a part as a document writes it; DocumentError when it is none."""
    body = {value: {}} if isinstance(value, str) and value else dict(value) if isinstance(value, dict) else {}
    names = [key for key in body if key not in PROPERTIES]
    if len(names) + ("use" in body) != 1 or not all(isinstance(body[name], dict | None) for name in names):
        words = f"expected a part such as `ReLU` or `{{Conv2d: {{out_channels: 6}}}}`, got {shown(value)}"
        raise refused(words, "", "choose one of the list")
    return {key: {} if key in names and item is None else item for key, item in body.items()}


def _label(body: Mapping[str, Any]) -> str:
    found = body.get("name")
    return found if isinstance(found, str) else ""


def _check_part(sketch: Sketch, level: Level, item: Item) -> None:
    sketch.check_nesting(level.name, [item.part])
    if item.use:
        sketch.item(level, item.use)
    if item.part in TENSORS and item.sources:
        raise refused(f"{item.part} is a tensor of the module itself and takes nothing", level.place, "leave it alone")


def new_name(level: Level, item: Item) -> str:
    """A name for a new node, of its part or of what it uses."""
    maker = level.maker(item)
    return free_name(short_name(maker.part if maker else ""), level.taken)


def whole(place: tuple[float, float]) -> list[int]:
    """A place on the sheet in whole pixels, as it is written."""
    return [round(min(max(value, -1e6), 1e6)) for value in place]


def remove(sketch: Sketch, edit: edits.Remove) -> list[str]:
    """Nodes go; what is behind them takes from what stood before, or from nothing."""
    level = sketch.drawn(edit.level)
    moved: dict[str, str] = {}
    for name in dict.fromkeys(edit.nodes):
        sketch.item(level, name)
        heir = _remove(level, name, edit.heal)
        moved |= {name: heir} if heir else {}
    heirs = {old: _later(new, moved) for old, new in moved.items()}
    sketch.store(level, lambda names: {old: names[new] for old, new in heirs.items() if new in names})
    return []


def _later(name: str, moved: Mapping[str, str]) -> str:
    while name in moved:
        name = moved[name]
    return name


def _remove(level: Level, key: str, heal: bool) -> str:
    """Take a node out; the node that has its module from now on, if others call it."""
    item = level.items.pop(key)
    sources = list(dict.fromkeys(filter(None, item.sources)))
    instead = sources[0] if heal and len(sources) == 1 else ""
    for other in level.items.values():
        other.sources = [instead if head(source) == key else source for source in other.sources]
    level.outputs = [instead if head(source) == key else source for source in level.outputs]
    if not level.items and level.returned_unsaid:
        level.outputs = []
    return _inherit(level, item)


def _inherit(level: Level, item: Item) -> str:
    """The first node that called the module of a removed one has it from now on."""
    users = [other for other in level.items.values() if other.use == item.key]
    if users and item.use:
        for other in users:
            other.body["use"] = item.use
        return ""
    if users:
        users[0].replace(item.part, item.args)
        for other in users[1:]:
            other.body["use"] = users[0].key
    return users[0].key if users else ""


def set_node(sketch: Sketch, edit: edits.SetNode) -> list[str]:
    """Another part, arguments, repeat or note."""
    level = sketch.drawn(edit.level)
    item = sketch.item(level, edit.node)
    if edit.part:
        (part,) = [key for key in part_of(edit.part) if key not in PROPERTIES] or [""]
        sketch.check_nesting(level.name, [part])
        item.replace(part, item.args)
    if (edit.args or edit.unset) and not item.part:
        words = f"{edit.node} calls the module of {item.use}, which has the arguments"
        raise refused(words, item.place, f"change {item.use}, or make {edit.node} unique")
    if edit.args or edit.unset:
        args = {**item.args, **edit.args}
        item.body[item.part] = {key: value for key, value in args.items() if key not in edit.unset}
    if edit.repeat is not None:
        _repeat(item, edit.repeat)
    if edit.note is not None:
        item.put("note", edit.note or None)
    return [sketch.store(level)[item.key]]


def _repeat(item: Item, count: int) -> None:
    if count < 1:
        raise refused(f"expected one repetition or more, got {count}", item.place, "write 1")
    if count > 1 and item.use:
        raise refused("`repeat` makes new instances and `use` makes none", item.place, "make the node unique first")
    item.put("repeat", count if count > 1 else None)


def rename(sketch: Sketch, edit: edits.Rename) -> list[str]:
    """A node gets another name."""
    level = sketch.drawn(edit.level)
    item = sketch.item(level, edit.node)
    if edit.name != edit.node:
        check_node_name(edit.name, level.taken - {item.key, item.name or ""}, item.place)
        item.name = edit.name
    return [sketch.store(level)[item.key]]


def share(sketch: Sketch, edit: edits.Share) -> list[str]:
    """A node calls the module of another."""
    level = sketch.drawn(edit.level)
    item, maker = sketch.item(level, edit.node), level.maker(sketch.item(level, edit.of))
    if maker is None or maker is item:
        words = (
            f"{edit.of} has its module from {edit.node} itself" if maker else f"nobody makes the module of {edit.of}"
        )
        raise refused(words, item.place, "choose another node")
    if not maker.part[:1].isupper() and maker.part not in sketch.modules:
        words = f"{edit.of} is {maker.part}, an operation without weights"
        raise refused(words, item.place, "choose a layer or a module")
    for other in level.items.values():
        if other.use == item.key:
            other.body["use"] = maker.key
    others = {key: value for key, value in item.body.items() if key in PROPERTIES and key not in ("use", "repeat")}
    item.body = {"use": maker.key, **others}
    return [sketch.store(level, lambda names: {item.key: names[maker.key]})[item.key]]


def bypass(sketch: Sketch, edit: edits.Bypass) -> list[str]:
    """Nodes let their first input through, or not any more."""
    level = sketch.drawn(edit.level)
    for name in edit.nodes:
        sketch.item(level, name).put("bypass", True if edit.on else None)
    names = sketch.store(level)
    return [names[name] for name in edit.nodes]


def move(sketch: Sketch, edit: edits.Move) -> list[str]:
    """Nodes stand elsewhere on the sheet."""
    level = sketch.drawn(edit.level)
    for name, place in edit.places.items():
        sketch.item(level, name).put("at", None if place is None else whole(place))
    names = sketch.store(level)
    return [names[name] for name in edit.places]


def tidy(sketch: Sketch, edit: edits.Tidy) -> list[str]:
    """No node of a level has a place of its own."""
    level = sketch.drawn(edit.level)
    for item in level.items.values():
        item.put("at", None)
    sketch.store(level)
    return []
