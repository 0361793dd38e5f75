"""What changed between two models: their nodes, the definitions that they use, and everything else."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from torchwork.experiment.alignment import align, placed
from torchwork.experiment.change import Change, Kind, value_changes
from torchwork.experiment.node_diff import MISSING, Context, node_changes, value_words
from torchwork.experiment.place import Place, place_text
from torchwork.experiment.spec import Definition, Model, Module
from torchwork.experiment.values import listed

ALIKE = 0.6
"""the share of a definition that must have stayed for a new name to be a renaming"""
USERS = 3
"""so many places are named that use a definition"""


def model_changes(before: Model, after: Model) -> Iterator[Change]:
    """Changes of the nodes, then of the definitions, each called by where it is used, then of everything else."""
    classes = _renamed(before.modules, after.modules)
    context = Context(before.modules, after.modules, classes)
    yield from node_changes(before, after, ("model",), "model", context)
    for name in after.modules:
        old = next((old for old in before.modules if classes.get(old, old) == name), None)
        used = _beside(after, name)
        changes = _definition_changes(before, after, old, name, context) if old else [_whole("added", name, after)]
        yield from (replace(change, used=used if old else "") for change in changes)
    for name in before.modules:
        if classes.get(name, name) not in after.modules:
            yield _whole("removed", name, before)
    yield from _ties(before.tie, after.tie)
    if before.weights != after.weights:
        text = f"weights {before.weights or 'none'} -> {after.weights or 'none'}"
        yield Change("set", "model.weights", before.weights, after.weights, text, "model")
    yield from value_changes(before.example, after.example, ("model", "example"))


def _renamed(before: Mapping[str, Module], after: Mapping[str, Module]) -> dict[str, str]:
    """Old definitions that stand in the new document under another name, the most alike first."""
    lost = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    scores = [(_likeness(before[old], after[name]), old, name) for old in lost for name in new]
    found: dict[str, str] = {}
    for score, old, name in sorted(scores, key=lambda item: -item[0]):
        if score >= ALIKE and old not in found and name not in found.values():
            found[old] = name
    return found


def _likeness(old: Module, new: Module) -> float:
    """1 for the same body, 0 for two that share nothing."""
    if old.code is not None or new.code is not None:
        lines, others = (old.code or "").splitlines(), (new.code or "").splitlines()
        return difflib.SequenceMatcher(None, lines, others, autojunk=False).ratio()
    nodes, other = placed(old, ()), placed(new, ())
    return 1 - align(nodes, other, {}).cost / max(len(nodes), len(other))


def _definition_changes(before: Model, after: Model, old: str, name: str, context: Context) -> Iterator[Change]:
    path, where = ("model", "modules", name), _title(after, name)
    if old != name:
        yield Change("renamed", place_text(path), old, name, f"the definition {old} is now called {name}", where)
    one, other = before.modules[old], after.modules[name]
    yield from _arguments(one.arguments, other.arguments, (*path, "arguments"), where)
    if one.code is None and other.code is None:
        yield from node_changes(one, other, path, where, context)
    else:
        yield from _code_changes(one, other, path, where)


def _whole(kind: Kind, name: str, model: Model) -> Change:
    """A definition that came or went, with what it consists of."""
    dump = model.modules[name].as_dict()
    before, after = (dump, None) if kind == "removed" else (None, dump)
    inside = f": {_contents(model.modules[name])}" if kind == "added" else ""
    text = f"{kind} the definition {name}{_used(model, name)}{inside}"
    return Change(kind, place_text(("model", "modules", name)), before, after, text, "model")


def _contents(module: Module) -> str:
    """`Conv2d, BatchNorm2d and ReLU`, or how many of each where they are many."""
    if module.code is not None:
        return f"{len(module.code.splitlines())} lines of code"
    counts = Counter(item.node.name or f"another {item.node.use}" for item in placed(module, ()))
    return listed(name if count == 1 else f"{count} {name}" for name, count in counts.items())


def _arguments(before: Mapping[str, Any], after: Mapping[str, Any], path: Place, where: str) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name, MISSING), after.get(name, MISSING)
        kind: Kind = "added" if old is MISSING else "removed" if new is MISSING else "set"
        before_, after_ = (None if value is MISSING else value for value in (old, new))
        if kind == "added":
            text = f"{name} = {_default(new)} added" if new is not None else f"{name} added, which must be given"
        elif kind == "removed":
            text = f"{name} removed"
        elif old != new or type(old) is not type(new):
            text = f"{name} {_default(old)} -> {_default(new)}"
        else:
            continue
        yield Change(kind, place_text((*path, name)), before_, after_, text, where, part="arguments:")


def _default(value: Any) -> str:
    return "no default" if value is None else value_words(value)


def _code_changes(old: Module, new: Module, path: Place, where: str) -> Iterator[Change]:
    if old.code != new.code:
        yield Change("set", place_text((*path, "code")), old.code, new.code, _code_words(old.code, new.code), where)
    for name, key in (("class_name", "class"), ("inputs", "inputs"), ("outputs", "outputs")):
        for change in value_changes(getattr(old, name), getattr(new, name), (*path, key)):
            yield replace(change, where=where, text=f"{key} {change.text}")


def _code_words(old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return "nodes became code" if old is None else "code became nodes"
    marks = [line[:2] for line in difflib.ndiff(old.splitlines(), new.splitlines())]
    added, removed = marks.count("+ "), marks.count("- ")
    return f"the code changed: {added} line{'s' * (added != 1)} added, {removed} removed"


def _ties(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        old, new, path = before.get(name), after.get(name), place_text(("model", "tie", name))
        if old == new:
            continue
        if old and new:
            yield Change("set", path, old, new, f"tied `{name}` to `{new}` instead of `{old}`", "model")
        else:
            text = f"tied `{name}` to `{new}`" if new else f"`{name}` is not tied to `{old}` any more"
            yield Change("added" if new else "removed", path, old, new, text, "model")


def _used(model: Model, name: str) -> str:
    """What uses a definition, in brackets."""
    paths = [f"{_title(model, owner)}.{node}" if owner else node for owner, node in _users(model, name)]
    return f" (used by {_some(paths)})" if paths else " (not used)"


def _beside(model: Model, name: str) -> str:
    """What a reader needs beside the title: the users of what is used several times, the class of a place's number."""
    title = _title(model, name)
    if title == name:
        return _used(model, name)
    return f" ({name})" if title.rpartition(".")[2].isdecimal() else ""


def _title(model: Model, name: str, depth: int = 0) -> str:
    """`features.block`: the path of the only node that uses it, as long as there is only one; else the name."""
    users = _users(model, name)
    if len(users) != 1 or depth > len(model.modules):
        return name
    owner, node = users[0]
    if not owner and node.isdecimal():
        return name
    return f"{_title(model, owner, depth + 1)}.{node}" if owner else node


def _some(names: list[str]) -> str:
    """The first names, and how many there are beside them."""
    rest = len(names) - USERS
    return listed(names if rest <= 1 else [*names[:USERS], f"{rest} others"])


def _users(model: Model, name: str) -> list[tuple[str, str]]:
    """The nodes that a definition is used by, each with the definition that it stands in (empty: the model)."""
    owners: list[tuple[str, Definition]] = [("", model), *model.modules.items()]
    return [(owner, item.name) for owner, one in owners for item in placed(one, ()) if item.node.name == name]
