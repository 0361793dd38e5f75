"""The documents near a document: what a person may have meant by an edit of its printed script."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torchwork.catalog import catalog
from torchwork.experiment import Experiment, ModelDocument, Part

Document = Experiment | ModelDocument
Path = tuple[str | int, ...]
CONSTANTS: dict[str, Path] = {
    "SEED": ("seed",),
    "EPOCHS": ("train", "epochs"),
    "BATCH_SIZE": ("data", "batch_size"),
    "ACCUMULATE": ("train", "accumulate"),
}
"""constants of a script, and what they are in the document"""
ABSENT = object()


@dataclass(frozen=True)
class Edit:
    """One change of a document: the place, and the value there; ABSENT takes it away."""

    path: Path
    value: Any
    insert: bool = False

    def applied(self, document: Document) -> Document:
        """The document with this edit; DocumentError when it is none any more."""
        written = copy.deepcopy(document.as_dict())
        at: Any = written
        for key in self.path[:-1]:
            at = at.setdefault(key, {}) if isinstance(at, dict) else at[key]
        last: Any = self.path[-1]
        if self.insert:
            at.insert(last, self.value)
        elif self.value is ABSENT:
            del at[last]
        else:
            at[last] = self.value
        return type(document).parse(written)


def edits(document: Document, printed: ast.Module, edited: ast.Module) -> Iterator[Edit]:
    """Edits of `document` that may explain the differences of two scripts, likely ones first; each only once."""
    written, seen = document.as_dict(), set()
    for old, new in _differences(printed, edited):
        for edit in _explaining(written, old, new):
            key = repr((edit.path, edit.value, edit.insert))
            if key not in seen:
                seen.add(key)
                yield edit


Pair = tuple[ast.AST | None, ast.AST | None]


def _differences(old: ast.AST, new: ast.AST) -> Iterator[Pair]:
    """The smallest pairs of nodes that differ, from the inside out; None on the side where there is nothing."""
    if ast.dump(old) == ast.dump(new):
        return
    if type(old) is type(new):
        for name in old._fields:
            a, b = getattr(old, name, None), getattr(new, name, None)
            if isinstance(a, ast.AST) and isinstance(b, ast.AST):
                yield from _differences(a, b)
            elif isinstance(a, list) and isinstance(b, list):
                yield from _in_lists(a, b)
    yield old, new


def _in_lists(old: list[Any], new: list[Any]) -> Iterator[Pair]:
    a, b = ([ast.dump(node) for node in nodes if isinstance(node, ast.AST)] for nodes in (old, new))
    if len(a) != len(old) or len(b) != len(new):
        return
    begin = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    end = next((i for i, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y), min(len(a), len(b)))
    end = min(end, len(a) - begin, len(b) - begin)
    middle_old, middle_new = old[begin : len(old) - end], new[begin : len(new) - end]
    if len(middle_old) == len(middle_new):
        for x, y in zip(middle_old, middle_new, strict=True):
            yield from _differences(x, y)
    yield from ((x, None) for x in middle_old if len(middle_old) > len(middle_new))
    yield from ((None, y) for y in middle_new if len(middle_new) > len(middle_old))


def _explaining(written: Any, old: ast.AST | None, new: ast.AST | None) -> Iterator[Edit]:
    if isinstance(old, ast.Assign) and isinstance(new, ast.Assign):
        yield from _constants(old, new)
    if isinstance(old, ast.Call) and isinstance(new, ast.Call):
        yield from _calls(written, old, new)
    if isinstance(new, ast.Call) and old is None:
        yield from _inserted(written, new)
    if isinstance(old, ast.Call) and new is None:
        yield from _removed(written, old)
    before, after = _literal(old), _literal(new)
    if before is not ABSENT and after is not ABSENT:
        yield from _replaced(written, before, after)


def _constants(old: ast.Assign, new: ast.Assign) -> Iterator[Edit]:
    name, value = ast.unparse(old.targets[0]), _literal(new.value)
    if name in CONSTANTS and value is not ABSENT:
        yield Edit(CONSTANTS[name], value)


def _calls(written: Any, old: ast.Call, new: ast.Call) -> Iterator[Edit]:
    """Another part, or other arguments, wherever the document has a part of this name."""
    name, other = _name(old), _name(new)
    for path, args in parts(written, name):
        if other != name:
            part = _part(other, new)
            if part is not None:
                yield Edit(path, _renamed(written, path, name, part))
            continue
        given, before = _arguments(name, new), _arguments(name, old)
        for key in [key for key in {**before, **given} if given.get(key, ABSENT) != before.get(key, ABSENT)]:
            value = given.get(key, ABSENT)
            if value is ABSENT and key not in args:
                continue
            changed = {**args, key: value} if value is not ABSENT else {k: v for k, v in args.items() if k != key}
            yield Edit(path, _renamed(written, path, name, {name: changed} if changed else name))


def _renamed(written: Any, path: Path, name: str, part: Any) -> Any:
    """The part at a place replaced, with the properties that stand beside it."""
    there = _at(written, path)
    beside = {key: value for key, value in there.items() if key != name} if isinstance(there, dict) else {}
    return ({**({part: {}} if isinstance(part, str) else part), **beside}) if beside else part


def _inserted(written: Any, call: ast.Call) -> Iterator[Edit]:
    part = _part(_name(call), call)
    for path, layers in _chains(written):
        for place in range(len(layers) + 1) if part is not None else ():
            yield Edit((*path, place), part, insert=True)


def _removed(written: Any, call: ast.Call) -> Iterator[Edit]:
    for path, _ in parts(written, _name(call)):
        if isinstance(path[-1], int):
            yield Edit(path, ABSENT)


def _replaced(written: Any, before: Any, after: Any) -> Iterator[Edit]:
    """Every place of the document that holds this value."""
    for path, value in _leaves(written):
        if type(value) is type(before) and value == before:
            yield Edit(path, after)


def parts(written: Any, name: str, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every place of a document where a part of this name stands, with its arguments."""
    if written == name:
        yield path, {}
    elif isinstance(written, dict):
        if name in written and isinstance(written[name] or {}, dict):
            yield path, dict(written[name] or {})
        for key, value in written.items():
            yield from parts(value, name, (*path, key))
    elif isinstance(written, list):
        for place, value in enumerate(written):
            yield from parts(value, name, (*path, place))


def _leaves(written: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    items = written.items() if isinstance(written, dict) else enumerate(written) if isinstance(written, list) else ()
    if not isinstance(written, dict):
        yield path, written
    for key, value in items:
        yield from _leaves(value, (*path, key))


def _chains(written: Any, path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Every `layers:` of a document."""
    if isinstance(written, dict):
        for key, value in written.items():
            if key == "layers" and isinstance(value, list):
                yield (*path, key), value
            yield from _chains(value, (*path, key))


def _at(written: Any, path: Path) -> Any:
    for key in path:
        written = written[key]
    return written


def _name(call: ast.Call) -> str:
    """The last name of what is called: `Conv2d` of `nn.Conv2d(...)`."""
    return ast.unparse(call.func).rpartition(".")[2]


def _part(name: str, call: ast.Call) -> Any:
    """The call as a document writes a part; None when an argument is no literal."""
    args = _arguments(name, call)
    if any(value is ABSENT for value in args.values()):
        return None
    return Part(name, args).model_dump(mode="json") if args else name


def _arguments(name: str, call: ast.Call) -> dict[str, Any]:
    """The literal arguments of a call by name; of an optimizer or scheduler without what it is called with first."""
    names = _signature(name)
    given = dict(zip(names, map(_literal, call.args), strict=False))
    given |= {keyword.arg: _literal(keyword.value) for keyword in call.keywords if keyword.arg}
    return {key: value for key, value in given.items() if value is not ABSENT}


def _signature(name: str) -> list[str]:
    for kind in ("layer", "loss", "optimizer", "scheduler", "transform", "operation", "tensor"):
        entry = catalog().entries(kind).get(name)  # type: ignore[arg-type]
        if entry is not None:
            own = [argument.name for argument in entry.arguments]
            # The parameters, or the optimizer, come first in the code and are no argument of the document.
            return ["", *own] if kind in ("optimizer", "scheduler") else own
    return []


def _literal(node: ast.AST | None) -> Any:
    """The value of a literal as a document writes it, ABSENT for anything else."""
    try:
        value = ast.literal_eval(node) if isinstance(node, ast.expr) else ABSENT
    except (ValueError, TypeError):
        return ABSENT
    return list(value) if isinstance(value, tuple) else value
