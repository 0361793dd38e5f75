"""Nodes become a definition of their own, and one node that uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any

from torchwork.draw import edit as edits
from torchwork.draw.level import Item, Level
from torchwork.draw.names import check_definition_name, free_name, short_name
from torchwork.draw.order import is_sorted, sort
from torchwork.draw.refs import head, split
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.draw.writing import write_level
from torchwork.experiment.expression import names as free_names


def group(sketch: Sketch, edit: edits.Group) -> list[str]:
    """The nodes move into a new definition, whose inputs and outputs are the links that they had."""
    level = sketch.drawn(edit.level)
    chosen = {sketch.item(level, name).key for name in edit.nodes}
    if not chosen:
        raise refused("expected nodes to group, got none", level.place, "choose one or more")
    check_closed(level, chosen)
    check_shared(level, chosen)
    name = edit.name or free_name("Block", sketch.modules)
    check_definition_name(name, sketch.modules, level.place)
    return [_grouped(sketch, level, chosen, name)]


def check_closed(level: Level, chosen: set[str]) -> None:
    """Refuse nodes of which one takes from a node outside that itself takes from the nodes."""
    between = (level.reach(chosen, forwards=True) & level.reach(chosen, forwards=False)) - chosen
    outside = [key for key in level.items if key in between]
    if outside:
        words = f"{outside[0]} lies between these nodes: it takes from them, and gives to them"
        raise refused(words, level.items[outside[0]].place, f"group {' and '.join(outside[:3])} with them")


def check_shared(level: Level, chosen: set[str]) -> None:
    """Refuse nodes of which one shares a module with a node outside."""
    for item in level.items.values():
        maker = level.maker(item)
        if item.use and maker and (item.key in chosen) != (maker.key in chosen):
            words = f"{item.key} calls the module of {maker.key}, and only one of them is among these nodes"
            raise refused(words, item.place, "take both, or make the call unique first")


def _grouped(sketch: Sketch, level: Level, chosen: set[str], name: str) -> str:
    inner = [item for item in level.items.values() if item.key in chosen]
    given = _taken(inner, chosen)
    inputs = _input_names(given, {item.name or item.key for item in inner})
    results = list(dict.fromkeys(_given(level, chosen)))
    whole = level.arguments
    arguments = {argument: whole[argument] for argument in whole if argument in _used(inner)}
    definition = Level(name, {"arguments": arguments} if arguments else {}, list(inputs.values()), {}, level.chain)
    definition.items = {item.key: _inside(item, inputs) for item in inner}
    definition.outputs, definition.single = results or [inner[-1].key], len(results) < 2
    section, names = write_level(definition)
    node = _replace(level, chosen, name, given, results)
    node.body = {name: {argument: argument for argument in arguments}} | _place(inner)
    sketch.put_module(name, section)
    final = sketch.store(level, lambda new: {key: f"{new[node.key]}.{names[key]}" for key in names})
    return final[node.key]


def _taken(inner: Iterable[Item], chosen: set[str]) -> list[str]:
    """What the nodes take from outside, in order, each once."""
    sources = (source for item in inner for source in item.sources)
    return list(dict.fromkeys(source for source in sources if source and head(source) not in chosen))


def _given(level: Level, chosen: set[str]) -> Iterator[str]:
    """What others take from the nodes, and what the level returns of them."""
    outside = (item for item in level.items.values() if item.key not in chosen)
    sources = [*(source for item in outside for source in item.sources), *level.outputs]
    order = {key: number for number, key in enumerate(level.items)}
    found = [source for source in sources if head(source) in chosen]
    yield from sorted(found, key=lambda source: order[head(source)])


def _input_names(given: Sequence[str], taken: set[str]) -> dict[str, str]:
    """What comes from outside with the name of the input that it becomes."""
    found: dict[str, str] = {}
    for source in given or [""]:
        name, elements = split(source)
        words = re.sub(r"\W+", "_", name + elements).strip("_")
        base = words if len(given) > 1 and words.isidentifier() else "input"
        found[source] = free_name(base, {*taken, *found.values()})
    return found


def _inside(item: Item, inputs: dict[str, str]) -> Item:
    inner = copy(item)
    inner.sources = [inputs.get(source, source) for source in item.sources]
    return inner


def _used(items: Iterable[Item]) -> set[str]:
    """The names in all expressions of the nodes."""
    return {name for item in items for text in _texts(item.args) for name in free_names(text)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _place(items: Iterable[Item]) -> dict[str, Any]:
    """The upper left corner of the nodes, where they have places."""
    places = [item.at for item in items if item.at]
    return {"at": [min(x for x, _ in places), min(y for _, y in places)]} if places else {}


def _replace(level: Level, chosen: set[str], name: str, given: list[str], results: list[str]) -> Item:
    """Put one node for the chosen ones, and bring all links to it."""
    ordered = is_sorted(level)
    key = free_name(short_name(name), level.taken - chosen)
    key = key if key not in chosen else free_name(f"{key}2", level.taken)
    node = Item(key, None if level.chain else key, {name: {}}, list(given))
    now = {old: key if len(results) == 1 else f"{key}[{number}]" for number, old in enumerate(results)}
    items: dict[str, Item] = {}
    for other, item in level.items.items():
        if other in chosen:
            items.setdefault(key, node)
        else:
            items[other] = item
    level.items = items
    for item in level.items.values():
        if item is not node:
            item.sources = [now.get(source, source) for source in item.sources]
    level.outputs = [now.get(source, source) for source in level.outputs]
    sort(level, ordered)
    return node
