"""A level back in the form that reads best: a chain as `layers:` while it is one, else `nodes:`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torchwork.draw.level import ABSENT, PROPERTIES, Item, Level
from torchwork.draw.names import free_name, numbered
from torchwork.draw.refs import renamed

Section = dict[str, Any]


def write_level(level: Level) -> tuple[Section, dict[str, str]]:
    """The section that describes a level, and the name that each of its keys has in it."""
    wanted = _written_sources(level)
    was_chain = level.chain
    level.chain = was_chain and not any(key in wanted and item.written is ABSENT for key, item in level.items.items())
    names = _final_names(level)
    values = [_value(item, wanted.get(item.key, ABSENT), names, level.chain) for item in level.items.values()]
    body: Any = values if level.chain else {names[key]: value for key, value in zip(level.items, values, strict=True)}
    return _section(level, was_chain, body, _outputs(level, names)), names


def _written_sources(level: Level) -> dict[str, Any]:
    """The nodes whose `from:` must be written, or was and still says the same; names are keys yet."""
    found: dict[str, Any] = {}
    before = list(level.inputs)
    for item in level.items.values():
        tensor = level.is_tensor(item)
        said = item.written is not ABSENT and item.meant == tuple(item.sources)
        differs = item.sources != ([] if tensor else before)
        if differs or (said and item.idle):  # what a person said without need stays said
            found[item.key] = item.written if said else _short(item.sources)
        before = before if tensor else [item.key]
    return found


def _short(sources: list[str]) -> Any:
    if not any(sources):
        return []
    return sources[0] if len(sources) == 1 else list(sources)


def _final_names(level: Level) -> dict[str, str]:
    """Key to name; the unnamed ones of a chain that became a graph get names, in order."""
    names = {key: item.name for key, item in level.items.items()}
    unnamed = [key for key, name in names.items() if name is None]
    if level.chain:
        numbers = {key: str(number) for number, key in enumerate(level.items)}
        return {key: name or numbers[key] for key, name in names.items()}
    made = numbered([_title(level, level.items[key]) for key in unnamed], level.taken - set(unnamed))
    given, found = dict(zip(unnamed, made, strict=True)), dict[str, str]()
    used: set[str] = set()
    for key, name in names.items():
        found[key] = free_name(name, used) if name in used else name or given[key]
        used.add(found[key])
    return found


def _title(level: Level, item: Item) -> str:
    """The part that a node calls, its own or that of another."""
    maker = level.maker(item)
    return maker.part if maker else ""


def _value(item: Item, sources: Any, names: Mapping[str, str], chain: bool) -> Any:
    """The node as a document writes it, with its `from:` and, in a chain, its name."""
    if not item.body and item.raw is not ABSENT:
        return item.raw  # nothing that a node can be, kept as it is
    value = dict(item.body)
    value.pop("from", None)
    if sources is not ABSENT:
        value["from"] = _renamed(sources, names)
    if item.use:
        value["use"] = names.get(item.use, item.use)
    if chain and item.name is not None:
        value["name"] = item.name
    elif isinstance(value.get("name"), str):
        del value["name"]
    return _shortened(_in_order(value, item.raw), item)


def _renamed(sources: Any, names: Mapping[str, str]) -> Any:
    if isinstance(sources, list):
        return [renamed(text, names) if isinstance(text, str) else text for text in sources]
    return renamed(sources, names) if isinstance(sources, str) else sources


def _in_order(value: Section, raw: Any) -> Section:
    """Keys where they stood; new ones bring all into the usual order, the part first."""
    known = list(raw) if isinstance(raw, dict) else []
    if set(value) <= set(known):
        return {key: value[key] for key in known if key in value}
    return dict(sorted(value.items(), key=lambda entry: _rank(entry[0])))


def _rank(key: str) -> int:
    return PROPERTIES.index(key) + 1 if key in PROPERTIES else 0


def _shortened(value: Section, item: Item) -> Any:
    """`ReLU` for `{ReLU: {}}`, unless the document has the long form."""
    if value != item.raw and list(value) == [item.part] and item.part and value[item.part] in ({}, None):
        return item.part
    return value


def _outputs(level: Level, names: Mapping[str, str]) -> Any:
    """What `outputs:` says; absent where it is the default, unless it was written and is unchanged."""
    unchanged = level.meant == tuple(level.outputs)
    if level.returned is not ABSENT and unchanged:
        return _renamed(level.returned, names)
    if not level.items and not any(level.outputs):
        return ABSENT
    if level.single and level.outputs == [level.last()]:
        return ABSENT
    found = [renamed(ref, names) for ref in level.outputs]
    return (found[0] if found else "") if level.single else found


def _section(level: Level, was_chain: bool, body: Any, outputs: Any) -> Section:
    old, new = ("layers" if was_chain else "nodes"), ("layers" if level.chain else "nodes")
    section = {new if key == old else key: value for key, value in level.section.items()}
    if level.inputs != level.called:
        section = {**_before(section, new), "inputs": level.inputs, **_without(section, "inputs")}
        section = _without(section, "inputs") if level.inputs == ["input"] else section
    if level.code and not level.items:
        return section
    section[new] = body
    if outputs is ABSENT:
        return _without(section, "outputs")
    return {**section, "outputs": outputs}


def _before(section: Mapping[str, Any], body: str) -> Section:
    """What stands before the body and the inputs of a new section: arguments."""
    keys = list(section)
    end = keys.index(body) if body in keys else len(keys)
    return {key: section[key] for key in keys[:end] if key != "inputs"}


def _without(section: Section, key: str) -> Section:
    return {name: value for name, value in section.items() if name != key}
