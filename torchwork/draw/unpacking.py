"""A node's definition in its place: the inverse of grouping."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy, deepcopy

from torchwork.draw import edit as edits
from torchwork.draw.level import Item, Level
from torchwork.draw.names import free_name
from torchwork.draw.order import is_sorted, sort
from torchwork.draw.refs import element, split
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.draw.substituting import given_values, substituted

MOST = 50
"""repetitions that are written out"""


def unpack(sketch: Sketch, edit: edits.Unpack) -> list[str]:
    """The nodes of a definition come in the place of the node that uses it, for each repetition once."""
    level = sketch.drawn(edit.level)
    node = sketch.item(level, edit.node)
    inner = _definition(sketch, level, node)
    made, moved = dict[str, Item](), dict[str, str]()
    sources, results = list(node.sources), list[str]()
    taken = level.taken - {node.key}
    for number in range(node.repeat):
        copies, results = _copies(inner, node, sources, number, taken)
        sources = [*results[:1], *sources[1:]]
        made |= {item.key: item for item in copies.values()}
        outer = f"{node.key}.{number}" if node.repeat > 1 else node.key
        moved |= {f"{outer}.{key}": item.key for key, item in copies.items()}
    _take_place(level, node, made, results, inner.single)
    _keep_note(node, made)
    names = sketch.store(level, lambda new: {old: new[key] for old, key in moved.items()})
    _forget(sketch, node.part)
    return [names[key] for key in made]


def _definition(sketch: Sketch, level: Level, node: Item) -> Level:
    """The level that the node uses; DocumentError when it cannot be put in the node's place."""
    if node.part not in sketch.modules:
        what = node.part or f"a call of {node.use}"
        raise refused(f"{node.key} is {what}, no definition of `modules:`", node.place, "choose a module")
    inner = sketch.drawn(node.part)
    sharing = [other.key for other in level.items.values() if other.use == node.key]
    if sharing:
        words = f"{sharing[0]} calls the module of {node.key} again"
        raise refused(words, node.place, f"make {sharing[0]} unique first")
    if node.repeat > MOST:
        words = f"{node.key} is repeated {node.repeat} times, and at most {MOST} are written out"
        raise refused(words, node.place, "repeat it fewer times")
    if node.repeat > 1 and not inner.single:
        words = f"{node.part} returns several values and is repeated"
        raise refused(words, node.place, "make it return one")
    return inner


def _copies(
    inner: Level, node: Item, sources: list[str], number: int, taken: set[str]
) -> tuple[dict[str, Item], list[str]]:
    """The nodes of one instance by their keys in the definition, and what it returns."""
    values = given_values(inner.arguments, node.args)
    shift = _shift(inner, node)
    inputs = dict(zip(inner.inputs, [*sources, *[""] * len(inner.inputs)], strict=False))
    keys = {key: f"{node.key}.{number}.{key}" for key in inner.items}
    found: dict[str, Item] = {}
    for key, item in inner.items.items():
        new = copy(item)
        new.key, new.name = keys[key], _name(item, node, number, taken)
        new.body = substituted(deepcopy(item.body), values, item.part)
        new.sources = [_outside(source, inputs, keys) for source in item.sources]
        if item.use:
            new.body["use"] = keys.get(item.use, item.use)
        if item.at:
            new.put("at", [item.at[0] + shift[0], item.at[1] + shift[1]])
        if node.bypass:
            new.put("bypass", True)
        found[key] = new
    return found, [_outside(source, inputs, keys) for source in inner.outputs]


def _name(item: Item, node: Item, number: int, taken: set[str]) -> str | None:
    """The name of a node outside: its own where that is free, else with the name of what held it in front."""
    if item.name is None:
        return None
    holder = node.name or node.part.lower()
    if node.repeat > 1:
        name = f"{holder}_{number}_{item.name}"
    else:
        name = item.name if item.name not in taken else f"{holder}_{item.name}"
    name = free_name(name, taken) if name in taken else name
    taken.add(name)
    return name


def _outside(source: str, inputs: Mapping[str, str], keys: Mapping[str, str]) -> str:
    name, elements = split(source)
    return element(inputs[name], elements) if name in inputs else keys.get(name, name) + elements


def _shift(inner: Level, node: Item) -> tuple[float, float]:
    """How far the node stands from where its nodes would be, had it not been moved."""
    places = [item.at for item in inner.items.values() if item.at]
    if not places or not node.at:
        return (0, 0)
    return (node.at[0] - min(x for x, _ in places), node.at[1] - min(y for _, y in places))


def _take_place(level: Level, node: Item, made: dict[str, Item], results: list[str], single: bool) -> None:
    """Put the nodes for the one, and bring all links to them."""
    ordered = is_sorted(level)
    items: dict[str, Item] = {}
    for key, item in level.items.items():
        items |= made if key == node.key else {key: item}
    level.items = items
    for item in items.values():
        item.sources = [_result(source, node, results, single) for source in item.sources]
    if not single and level.single and level.outputs == [node.key]:
        level.outputs, level.single = results, False
    level.outputs = [_result(source, node, results, single) for source in level.outputs]
    sort(level, ordered)


def _result(source: str, node: Item, results: list[str], single: bool) -> str:
    """What a reference to the node means now."""
    name, elements = split(source)
    if name != node.key:
        return source
    if single:
        return element(results[0] if results else "", elements)
    first, _, rest = elements.removeprefix("[").partition("]")
    if not first or not -len(results) <= int(first) < len(results):
        words = f"something takes all that {node.key} returns, or what it does not return"
        raise refused(words, node.place, f"take one of its values, such as `{node.key}[0]`")
    return element(results[int(first)], rest)


def _keep_note(node: Item, made: dict[str, Item]) -> None:
    first = next(iter(made.values()), None)
    if node.note and first and not first.note:
        first.put("note", node.note)


def _forget(sketch: Sketch, definition: str) -> None:
    """Take away a definition that nobody uses any more."""
    if not sketch.users(definition):
        sketch.put_model(modules={name: body for name, body in sketch.modules.items() if name != definition})
