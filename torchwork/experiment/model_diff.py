"""What changed between two models: nodes matched by name, place and part, and the definitions that they use."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torchwork.experiment.change import Change, Kind, changed, value_changes
from torchwork.experiment.place import Place, place_text
from torchwork.experiment.spec import Definition, Model, Module, Node
from torchwork.experiment.values import listed


@dataclass(frozen=True)
class _Placed:
    """A node by its name, with its place in the document and what it takes its input from."""

    name: str
    node: Node
    path: Place
    sources: tuple[str, ...]

    @property
    def part(self) -> str:
        return self.node.name or f"use {self.node.use}"

    @property
    def named(self) -> bool:
        """Whether a person named it; the number of a place in a chain is no name."""
        return not self.name.isdecimal()


def model_changes(before: Model, after: Model) -> Iterator[Change]:
    """Changes of the nodes, then of the definitions (with the nodes that use them), then of everything else."""
    yield from definition_changes(before, after, ("model",))
    yield from _module_changes(before, after)
    for name in ("tie", "weights", "example"):
        yield from value_changes(getattr(before, name) or None, getattr(after, name) or None, ("model", name))


def definition_changes(before: Definition, after: Definition, path: Place) -> Iterator[Change]:
    """Changes of the nodes of a definition that stands at `path`, and of what it takes and returns."""
    old, new = placed(before, path), placed(after, path)
    pairs = _matched(old, new)
    renamed = {old[a].name: new[b].name for a, b in pairs}
    yield from _removed(old, {a for a, _ in pairs})
    yield from _added(new, {b for _, b in pairs})
    for a, b in pairs:
        yield from _node_changes(old[a], new[b], renamed)
    yield from _moved(old, new, pairs)
    yield from value_changes(list(before.inputs), list(after.inputs), (*path, "inputs"))
    outputs = [before.outputs] if isinstance(before.outputs, str) else before.outputs
    if isinstance(outputs, list):
        outputs = [_renamed(name, renamed) for name in outputs]
    if outputs != ([after.outputs] if isinstance(after.outputs, str) else after.outputs):
        yield changed((*path, "outputs"), before.outputs, after.outputs)


def placed(definition: Definition, path: Place) -> list[_Placed]:
    """The nodes of a definition in the order of the document; a chain's are called by their numbers, or labels."""
    if definition.nodes is not None:
        listed_ = [(name, node, (*path, "nodes", name)) for name, node in definition.nodes.items()]
    else:
        layers = enumerate(definition.layers or ())
        listed_ = [(node.label or str(place), node, (*path, "layers", place)) for place, node in layers]
    found, previous = [], tuple(definition.inputs)
    for name, node, place in listed_:
        sources = previous if node.source is None else (node.source,) if isinstance(node.source, str) else node.source
        found.append(_Placed(name, node, place, tuple(sources)))
        previous = (name,)
    return found


def _matched(old: Sequence[_Placed], new: Sequence[_Placed]) -> list[tuple[int, int]]:
    """Which node became which: those of one name, then those of one part and arguments, then of one part and place."""
    pairs = {a: b for a, one in enumerate(old) for b, other in enumerate(new) if one.name == other.name and one.named}
    for key in (_whole, _part):
        rest_old = [place for place in range(len(old)) if place not in pairs]
        rest_new = [place for place in range(len(new)) if place not in pairs.values()]
        keys = [key(old[place]) for place in rest_old], [key(new[place]) for place in rest_new]
        for block in difflib.SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
            pairs |= {rest_old[block.a + step]: rest_new[block.b + step] for step in range(block.size)}
    return sorted(pairs.items())


def _whole(item: _Placed) -> str:
    return f"{item.part} {sorted(item.node.args.items(), key=str)} {item.node.repeat}"


def _part(item: _Placed) -> str:
    return item.part


def _removed(nodes: Sequence[_Placed], kept: set[int]) -> Iterator[Change]:
    for number, item in enumerate(nodes):
        if number not in kept:
            yield Change(
                "removed", place_text(item.path), item.node.model_dump(mode="json"), None, f"removed {_call(item)}"
            )


def _added(nodes: Sequence[_Placed], kept: set[int]) -> Iterator[Change]:
    for number, item in enumerate(nodes):
        if number not in kept:
            text = f"added {_call(item)}, on {listed(item.sources)}"
            yield Change("added", place_text(item.path), None, item.node.model_dump(mode="json"), text)


def _call(item: _Placed) -> str:
    if not item.node.name:
        return f"another use of {item.node.use}"
    times = f", {item.node.repeat} times" if item.node.repeat > 1 else ""
    return f"{item.node.name}({', '.join(f'{key}={value}' for key, value in item.node.args.items())}){times}"


def _node_changes(old: _Placed, new: _Placed, renamed: Mapping[str, str]) -> Iterator[Change]:
    path = place_text(new.path)
    if old.name != new.name and (old.named or new.named):
        yield Change("renamed", path, old.name, new.name, f"renamed from {old.name} to {new.name}")
    if old.part != new.part:
        text = f"{_call(old)} became {_call(new)}"
        yield Change("set", path, old.node.model_dump(mode="json"), new.node.model_dump(mode="json"), text)
    else:
        yield from value_changes(old.node.args, new.node.args, (*new.path, old.part))
        yield from value_changes(old.node.repeat, new.node.repeat, (*new.path, "repeat"))
    before = tuple(_renamed(source, renamed) for source in old.sources)
    implied = old.node.source is None and new.node.source is None  # what stands before it is told as added or removed
    if before != new.sources and not implied:
        text = f"takes {listed(new.sources)} instead of {listed(before)}"
        yield Change("rewired", path, list(before), list(new.sources), text)


def _renamed(source: str, renamed: Mapping[str, str]) -> str:
    """A reference such as `lstm[0]` with the new name of its node."""
    name, bracket, index = source.partition("[")
    return renamed.get(name, name) + bracket + index


def _moved(old: Sequence[_Placed], new: Sequence[_Placed], pairs: Sequence[tuple[int, int]]) -> Iterator[Change]:
    """The matched nodes that do not stand in the old order any more."""
    order = [b for _, b in pairs]
    kept = difflib.SequenceMatcher(None, order, sorted(order), autojunk=False).get_matching_blocks()
    stayed = {order[block.a + step] for block in kept for step in range(block.size)}
    for a, b in pairs:
        if b not in stayed:
            where = f"behind {new[b - 1].name}" if b else "to the beginning"
            yield Change(
                "moved", place_text(new[b].path), place_text(old[a].path), place_text(new[b].path), f"moved {where}"
            )


def _module_changes(before: Model, after: Model) -> Iterator[Change]:
    for name in [*after.modules, *(name for name in before.modules if name not in after.modules)]:
        old, new, path = before.modules.get(name), after.modules.get(name), ("model", "modules", name)
        users = _users(after if new else before, name)
        used = f" (used by {listed(users)})" if users else " (not used)"
        if old is None or new is None:
            kind: Kind = "removed" if new is None else "added"
            dumps = [module and module.as_dict() for module in (old, new)]
            yield Change(kind, place_text(path), dumps[0], dumps[1], f"{kind} the definition {name}{used}")
        elif old != new:
            for change in _inside(old, new, path):
                yield Change(change.kind, change.path, change.before, change.after, change.text + used)


def _inside(old: Module, new: Module, path: Place) -> Iterator[Change]:
    yield from value_changes(old.arguments, new.arguments, (*path, "arguments"))
    if old.code != new.code:
        yield Change("set", place_text((*path, "code")), old.code, new.code, _code_words(old.code, new.code))
    yield from value_changes(old.class_name, new.class_name, (*path, "class"))
    yield from definition_changes(old, new, path)


def _code_words(old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return "nodes became code" if old is None else "code became nodes"
    lines = [line[:2] for line in difflib.ndiff(old.splitlines(), new.splitlines())]
    return f"the code changed: {lines.count('+ ')} lines added, {lines.count('- ')} removed"


def _users(model: Model, name: str) -> list[str]:
    """The nodes of the model, and of its definitions, that a definition is used by."""
    places = [(), *(("modules", module) for module in model.modules)]
    definitions = [model, *model.modules.values()]
    found = [(place, item) for place, one in zip(places, definitions, strict=True) for item in placed(one, ())]
    return [place_text((*place[1:], item.name)) for place, item in found if item.node.name == name]
