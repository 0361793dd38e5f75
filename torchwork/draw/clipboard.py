"""Nodes as a text that a person can read, and back: what copy and paste pass between sheets and windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from torchwork.draw import edit as edits
from torchwork.draw.edit import Place, Plain
from torchwork.draw.level import PROPERTIES, Item, Level, as_mapping, read_level
from torchwork.draw.names import free_name, numbered
from torchwork.draw.nodes import whole
from torchwork.draw.order import follow_flow, insert, is_sorted, returns_an_end, sort
from torchwork.draw.refs import head, renamed
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.draw.wires import feed
from torchwork.errors import DocumentError
from torchwork.experiment import files

HEADING = "torchwork-nodes"
VERSION = 1
BESIDE = 24
"""pixels between nodes and their copies where no place is said"""
BELOW = 96
"""pixels between pasted nodes that have no places"""


def copied(document: Plain, level: str, nodes: Sequence[str]) -> str:
    """The nodes as YAML with their links, places, and the definitions that they need.

    Raises:
        DocumentError: no such level or node.
    """
    sketch = Sketch(document)
    sheet = sketch.drawn(level)
    chosen = {sketch.item(sheet, name).key for name in nodes}
    bodies = {key: _copy(sheet, item, chosen) for key, item in sheet.items.items() if key in chosen}
    needed = _needed(sketch, [item.part for item in map(sheet.maker, map(sheet.items.get, chosen)) if item])  # type: ignore[arg-type]
    clip: dict[str, Any] = {HEADING: VERSION, "nodes": bodies}
    return files.write(clip | ({"modules": needed} if needed else {}))


def _copy(level: Level, item: Item, chosen: set[str]) -> dict[str, Any]:
    """A node as it is written alone: every source said; a call of a module that stays behind makes its own."""
    new = Item(item.key, None, dict(item.body))
    maker = level.maker(item)
    if item.use and item.use not in chosen and maker:
        new.replace(maker.part, maker.args)
    body = {key: value for key, value in new.body.items() if key != "from"}
    if item.name is None:
        body["name"] = ""  # it had none, and needs none where it comes to
    elif isinstance(body.get("name"), str):
        del body["name"]
    source = item.sources[0] if len(item.sources) == 1 else list(item.sources)
    return dict(sorted({**body, "from": source}.items(), key=lambda entry: entry[0] in PROPERTIES))


def _needed(sketch: Sketch, parts: Sequence[str]) -> dict[str, Any]:
    """The definitions of these parts, and those that they use themselves, in the order of the document."""
    modules, waiting, found = sketch.modules, list(parts), set[str]()
    while waiting:
        part = waiting.pop()
        if part in modules and part not in found:
            found.add(part)
            waiting += [item.part for item in read_level("", as_mapping(modules[part])).items.values()]
    return {name: body for name, body in modules.items() if name in found}


def paste(sketch: Sketch, edit: edits.Paste) -> list[str]:
    """Copied nodes come in, under names that are free, with the definitions that are not there yet."""
    level = sketch.drawn(edit.level)
    clip = _read(edit.text)
    definitions = _bring(sketch, as_mapping(clip.get("modules")))
    new = _items(read_level("", {"nodes": clip["nodes"]}), level, edit.sources)
    for item in new:
        if item.part in definitions:
            item.replace(definitions[item.part], item.args)
    sketch.check_nesting(level.name, [item.part for item in new])
    _arrange(new, edit.at)
    ordered, was_end = is_sorted(level), returns_an_end(level)
    empty = not level.items
    insert(level, new)
    if empty and level.returned_unsaid:
        level.outputs = [level.last()]
    for node, number in edit.feeds if new else ():
        feed(sketch, level, new[-1].key, node, number)
    sort(level, ordered)
    follow_flow(level, was_end)
    names = sketch.store(level)
    return [names[item.key] for item in new]


def _read(text: str) -> dict[str, Any]:
    """The copied nodes that a text holds; DocumentError for any other text."""
    try:
        clip = files.read(text)[0]
    except DocumentError:
        clip = None
    if not isinstance(clip, dict) or HEADING not in clip or not isinstance(clip.get("nodes"), dict):
        words = f"expected copied nodes, a text that begins with `{HEADING}: {VERSION}`, got another text"
        raise refused(words, "", "copy nodes of a drawing, then paste")
    if clip[HEADING] != VERSION:
        words = f"these nodes were copied by a newer torchwork (`{HEADING}: {clip[HEADING]}`)"
        raise refused(words, "", "update it with `pip install -U torchwork`")
    return clip


def _bring(sketch: Sketch, modules: Mapping[str, Any]) -> dict[str, str]:
    """Add the definitions that the document has not; the names of those that it has otherwise."""
    known, names = sketch.modules, dict[str, str]()
    for name, body in modules.items():
        if name in known and not _alike(known[name], body):
            names[name] = free_name(name, {*known, *modules, *names.values()})
    for name, body in modules.items():
        if (name not in known or name in names) and isinstance(body, dict):
            sketch.put_module(names.get(name, name), _with_names(body, names))
    return names


def _alike(one: Any, other: Any) -> bool:
    """The same definition, wherever its nodes stand on the sheet."""
    return bool(one == other or _without_places(one) == _without_places(other))


def _without_places(body: Any) -> Any:
    """A definition without the places of its nodes; what stays bare is written as a short item is."""
    if not isinstance(body, dict):
        return body
    found = dict(body)
    for key in ("layers", "nodes"):
        items = body.get(key)
        if isinstance(items, dict):
            found[key] = {name: _unplaced(item) for name, item in items.items()}
        elif isinstance(items, list):
            found[key] = [_unplaced(item) for item in items]
    return found


def _unplaced(item: Any) -> Any:
    if isinstance(item, str):
        return {item: {}}
    if not isinstance(item, dict):
        return item
    return {key: value or {} if key not in PROPERTIES else value for key, value in item.items() if key != "at"}


def _with_names(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A definition whose nodes use definitions by their new names."""
    found = deepcopy(dict(body))
    for key in ("layers", "nodes"):
        items = found.get(key)
        if isinstance(items, list):
            found[key] = [_with_part(item, names) for item in items]
        elif isinstance(items, dict):
            found[key] = {name: _with_part(item, names) for name, item in items.items()}
    return found


def _with_part(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    return {names.get(key, key): item for key, item in value.items()} if isinstance(value, dict) else value


def _items(clip: Level, level: Level, outside: bool) -> list[Item]:
    """The copied nodes with keys and names that are free in a level; links from outside where they are wanted."""
    taken = level.taken
    unnamed = [key for key, item in clip.items.items() if item.body.get("name") == ""]
    made = numbered([_title(clip, clip.items[key]) for key in unnamed], taken)
    keys = dict(zip(unnamed, made, strict=True))
    for key in clip.items:
        if key not in keys:
            keys[key] = free_name(key, {*taken, *keys.values()}) if key in taken else key
        taken.add(keys[key])
    known = {*level.items, *level.inputs} if outside else set()
    found = []
    for key, item in clip.items.items():
        body = {name: value for name, value in item.body.items() if name not in ("name", "from")}
        if item.use:
            body["use"] = keys.get(item.use, item.use)
        name = None if level.chain and key in unnamed else keys[key]
        found.append(Item(keys[key], name, body, [_source(source, keys, known) for source in item.sources]))
    return found


def _title(clip: Level, item: Item) -> str:
    maker = clip.maker(item)
    return maker.part if maker else ""


def _source(source: str, keys: Mapping[str, str], known: set[str]) -> str:
    name = head(source)
    return renamed(source, keys) if name in keys else source if name in known else ""


def _arrange(items: Sequence[Item], at: Place | None) -> None:
    """Nodes keep their places to each other, with the upper left one at `at`, or a little beside where they were."""
    places = [item.at for item in items if item.at]
    if not places:
        for number, item in enumerate(items if at else ()):
            item.put("at", whole((at[0], at[1] + number * BELOW)) if at else None)
        return
    corner = (min(x for x, _ in places), min(y for _, y in places))
    x, y = (at[0] - corner[0], at[1] - corner[1]) if at else (BESIDE, BESIDE)
    for item in items:
        if item.at:
            item.put("at", whole((item.at[0] + x, item.at[1] + y)))
