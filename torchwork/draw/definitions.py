"""Edits of definitions: copies of one's own, names, inputs, arguments, tied parameters."""

from __future__ import annotations

from copy import deepcopy

from torchwork.draw import edit as edits
from torchwork.draw.level import Item, Level, level_place
from torchwork.draw.names import check_arguments, check_definition_name, check_inputs, free_name
from torchwork.draw.refs import head, renamed
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch


def unique(sketch: Sketch, edit: edits.Unique) -> list[str]:
    """A node gets a copy of its definition; one that calls another's module gets a module of its own."""
    level = sketch.drawn(edit.level)
    item = sketch.item(level, edit.node)
    maker = level.maker(item)
    if item.use and maker:
        item.replace(maker.part, deepcopy(maker.args))
    elif item.part in sketch.modules:
        name = free_name(item.part.rstrip("0123456789") or item.part, {*sketch.modules, item.part})
        sketch.put_module(name, deepcopy(sketch.definition(item.part)), beside=item.part)
        item.replace(name, item.args)
    else:
        words = f"{edit.node} is {item.part or 'nothing'}, no definition of `modules:`, so there is nothing to copy"
        raise refused(words, item.place, "choose a module")
    return [sketch.store(level)[item.key]]


def name_module(sketch: Sketch, edit: edits.NameModule) -> list[str]:
    """A definition gets another name, and so do its uses."""
    section = sketch.definition(edit.module)
    if edit.name == edit.module:
        return []
    check_definition_name(edit.name, sketch.modules, level_place(edit.module))
    if section.get("code") and "class" not in section:
        section["class"] = edit.module  # by default the class is the one called like the module
    modules = {edit.name if name == edit.module else name: body for name, body in sketch.modules.items()}
    sketch.put_model(modules={**modules, edit.name: section})
    for level_name, _ in sketch.users(edit.module):
        level = sketch.level(level_name)
        for item in level.items.values():
            if item.part == edit.module:
                item.body = {edit.name if key == edit.module else key: value for key, value in item.body.items()}
        sketch.store(level)
    return []


def set_arguments(sketch: Sketch, edit: edits.SetArguments) -> list[str]:
    """A definition gets arguments; uses do not give any more what it does not take any more."""
    section = sketch.definition(edit.module)
    check_arguments(edit.arguments, level_place(edit.module))
    before = section.get("arguments")
    gone = set(before) - set(edit.arguments) if isinstance(before, dict) else set()
    section = {"arguments": dict(edit.arguments)} | {key: item for key, item in section.items() if key != "arguments"}
    sketch.put_module(
        edit.module, section if edit.arguments else {k: v for k, v in section.items() if k != "arguments"}
    )
    for level_name in dict.fromkeys(name for name, _ in sketch.users(edit.module)) if gone else ():
        level = sketch.level(level_name)
        for item in level.items.values():
            if item.part == edit.module:
                item.body[item.part] = {key: value for key, value in item.args.items() if key not in gone}
        sketch.store(level)
    return []


def set_inputs(sketch: Sketch, edit: edits.Inputs) -> list[str]:
    """The inputs of a level; nodes inside keep their links, and so do nodes that use it."""
    level = sketch.level(edit.level)
    check_inputs(edit.names, level.items, level.place)
    old, level.inputs = level.inputs, list(edit.names)
    wrong = next((name for pair in edit.renamed.items() for name, known in zip(pair, (old, edit.names), strict=True)
                  if name not in known), "")  # fmt: skip
    if wrong:
        raise refused(f"there is no input called {wrong}", level.place, "rename one that is there")
    now = {name: edit.renamed.get(name, name) for name in old}
    names = {name: new if new in edit.names else "" for name, new in now.items()}
    for item in level.items.values():
        item.sources = [_kept(source, names) for source in item.sources]
    level.outputs = [_kept(source, names) for source in level.outputs]
    sketch.store(level)
    origin = {names[name]: number for number, name in enumerate(old) if names[name]}
    _reconnect(sketch, edit.level, [origin.get(name) for name in edit.names])
    return []


def _kept(source: str, names: dict[str, str]) -> str:
    return "" if names.get(head(source)) == "" else renamed(source, names)


def _reconnect(sketch: Sketch, definition: str, origins: list[int | None]) -> None:
    """Give each use of a definition its sources in the new order of the inputs."""
    if not definition or origins == list(range(len(origins))):
        return
    for level_name in dict.fromkeys(name for name, _ in sketch.users(definition)):
        level = sketch.level(level_name)
        for item in _callers(level, definition):
            given = item.sources
            item.sources = [given[n] if n is not None and n < len(given) else "" for n in origins]
        sketch.store(level)


def _callers(level: Level, definition: str) -> list[Item]:
    return [item for item in level.items.values() if (maker := level.maker(item)) and maker.part == definition]


def tie(sketch: Sketch, edit: edits.Tie) -> list[str]:
    """Two parameters become one, or are not any more."""
    ties = sketch.model.get("tie")
    ties = dict(ties) if isinstance(ties, dict) else {}
    if edit.to is None:
        kept = {name: to for name, to in ties.items() if name != edit.parameter}
        kept = kept if kept != ties else {name: to for name, to in ties.items() if to != edit.parameter}
        if kept == ties:
            raise refused(f"{edit.parameter} is not tied to another", "model.tie", "choose a tied parameter")
        sketch.put_model(tie=kept)
        return []
    end = edit.to
    for _ in ties:
        end = ties.get(end, end) if isinstance(ties.get(end, end), str) else end
    if edit.parameter in (edit.to, end):
        raise refused(f"{edit.parameter} would be tied to itself", "model.tie", "choose another parameter")
    sketch.put_model(tie={**ties, edit.parameter: edit.to})
    return []
