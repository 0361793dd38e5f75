"""Layers and operations that do not run on the shapes that come: each way out is tried before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from torchwork.answer.fixes.arguments import set_node, shown
from torchwork.answer.fixes.trouble import Fix, Inputs, Spot, Trouble
from torchwork.catalog import Entry, catalog
from torchwork.draw.edit import Add, Connect, SetNode
from torchwork.graph import TensorSpec
from torchwork.graph.arguments import INFERRED, corrected, prepare

BETWEEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Flatten", {}),
    ("unsqueeze", {"dim": 1}),
    ("Flatten", {"start_dim": 2}),
    ("Embedding", {"num_embeddings": 1000, "embedding_dim": 64}),
    ("unsqueeze", {"dim": -1}),
)
"""What is put before a layer so that it gets as many dimensions as it wants, or numbers that it can weigh."""
LARGEST_KERNEL = 64


def shape_fixes(trouble: Trouble) -> Iterator[Fix]:
    """The fixes of a node that has known inputs and does not run on them."""
    node, entry = trouble.node, trouble.entry
    if node is None or entry is None or not trouble.spots or trouble.field or trouble.works(node.args):
        return
    for rule in (_elements, _flattened, _siblings, _sizes, _insertions, _windows, _dimensions, _alike, _defaults):
        yield from rule(trouble, entry, node.args)


def _elements(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """The first element of a tuple."""
    assert trouble.node is not None
    inputs = trouble.spots[0].inputs
    for place, value in enumerate(inputs):
        if isinstance(value, tuple) and value and trouble.works(args, change=lambda spot, at=place: _first(spot, at)):  # type: ignore[misc]
            source = f"{trouble.node.sources[place]}[0]"
            edit = Connect(level=trouble.level, source=source, node=trouble.node.name, input=place)
            yield Fix(f"take {source}", (edit,))


def _first(spot: Spot, place: int) -> Inputs | None:
    value = spot.inputs[place]
    return (*spot.inputs[:place], value[0], *spot.inputs[place + 1 :]) if isinstance(value, tuple) and value else None


def _sizes(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """Sizes as the input has them, written or left to be inferred."""
    spot = trouble.spots[0]
    given = prepare(entry, args, spot.scope, spot.inputs, entry.name).args
    fitting, differences = corrected(entry, given, spot.inputs)
    changed = {name: value for name, value in fitting.items() if name in args and value != given.get(name)}
    if not differences or not changed:
        return
    inferable = [name for name in changed if name in INFERRED]
    if inferable == list(changed) and trouble.works({name: args[name] for name in args if name not in changed}):
        free = Fix(f"leave {', '.join(changed)} to be inferred", (set_node(trouble, {}, list(changed)),))
    else:
        free = None
    written = Fix(
        f"set {', '.join(changed)} to {', '.join(map(shown, changed.values()))}", (set_node(trouble, changed),)
    )
    several = [written] if trouble.works({**args, **changed}) else []
    yield from filter(None, [free, *several] if trouble.level else [*several, free])


def _insertions(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """A part put on the first wire; the sizes that were written of what came before are left to be inferred."""
    assert trouble.node is not None
    node = trouble.node
    if not node.sources:
        return
    kept = {name: value for name, value in args.items() if name not in INFERRED}
    for name, inner in BETWEEN:
        between = catalog().find("operation" if name.islower() else "layer", name)
        change = trouble.after(between, inner, 0)
        if name == "Flatten" and inner == {} and not _is_deep(trouble):
            continue
        for unset in ([], [key for key in args if key not in kept]):
            if trouble.works({key: value for key, value in args.items() if key not in unset}, change=change):
                add = Add(level=trouble.level, part={name: inner} if inner else name, sources=[node.sources[0]],
                          feeds=[(node.name, 0)])  # fmt: skip
                edits = (add, set_node(trouble, {}, unset)) if unset else (add,)
                yield Fix(f"insert {name}", edits)
                return


def _flattened(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """Flatten before a layer whose size says that it was meant."""
    assert trouble.node is not None
    node, flatten = trouble.node, catalog().find("layer", "Flatten")
    written = [name for name in args if name in INFERRED]
    if written and _is_deep(trouble) and trouble.works(args, change=trouble.after(flatten, {}, 0)):
        add = Add(level=trouble.level, part="Flatten", sources=[node.sources[0]], feeds=[(node.name, 0)])
        yield Fix(f"insert {flatten.name}", (add,))


def _is_deep(trouble: Trouble) -> bool:
    """Whether what comes has dimensions to flatten."""
    value = trouble.spots[0].inputs[0]
    return isinstance(value, TensorSpec) and len(value.shape) > 2


def _siblings(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """The same layer for another number of dimensions: BatchNorm2d for BatchNorm1d."""
    assert trouble.node is not None
    number = re.search(r"[123]d$", entry.name)
    for digit in "123" if number else "":
        name = f"{entry.name[:-2]}{digit}d"
        other = catalog().entries("layer").get(name)
        if other is not None and other is not entry and trouble.works(args, other):
            edit = SetNode(level=trouble.level, node=trouble.node.name, part=name)
            yield Fix(f"use {name} instead of {entry.name}", (edit,))


def _windows(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """The largest kernel that fits, and the least padding with which this one does."""
    size = _largest(args.get("kernel_size"))
    tried = range(min(size - 1, LARGEST_KERNEL), 0, -1)
    smaller = next((number for number in tried if trouble.works({**args, "kernel_size": number})), 0)
    if smaller:
        yield _set(trouble, "kernel_size", smaller)
    if not size or entry.argument("padding") is None:
        return
    paddings = range(1, min(size, LARGEST_KERNEL) // 2 + 1)
    padding = next((number for number in paddings if trouble.works({**args, "padding": number})), 0)
    if padding:
        yield _set(trouble, "padding", padding)


def _set(trouble: Trouble, name: str, value: int) -> Fix:
    return Fix(f"set {name} to {value}", (set_node(trouble, {name: value}),))


def _largest(size: Any) -> int:
    numbers = size if isinstance(size, list) else [size]
    return max(numbers) if numbers and all(type(number) is int for number in numbers) else 0


def _dimensions(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """Another dimension for what works along one: cat, softmax."""
    if entry.argument("dim") is None:
        return
    for dim in (1, -1, 2, 3, 0):
        if dim != args.get("dim") and trouble.works({**args, "dim": dim}):
            yield _set(trouble, "dim", dim)
            return


def _alike(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """A projection on one of two inputs, so that both have one shape."""
    assert trouble.node is not None
    node = trouble.node
    inputs = trouble.spots[0].inputs
    if len(inputs) != 2:
        return
    for place in (0, 1):
        part = _projection(inputs[place], inputs[1 - place])
        if part is None:
            continue
        [(name, inner)] = part.items()
        if trouble.works(args, change=trouble.after(catalog().find("layer", name), inner, place)):
            edit = Add(level=trouble.level, part=part, sources=[node.sources[place]], feeds=[(node.name, place)])
            yield Fix(f"insert {name} on {node.sources[place]}", (edit,))


def _projection(one: Any, other: Any) -> dict[str, dict[str, Any]] | None:
    """The layer that gives the one the size of the other."""
    if not isinstance(one, TensorSpec) or not isinstance(other, TensorSpec) or len(one.shape) != len(other.shape):
        return None
    if len(one.shape) != 4:
        return {"Linear": {"out_features": other.shape[-1]}} if len(one.shape) > 1 else None
    step, rest = divmod(one.shape[2], other.shape[2]) if other.shape[2] else (0, 1)
    stride = {"stride": step} if step > 1 and not rest else {}
    return {"Conv2d": {"out_channels": other.shape[1], "kernel_size": 1, **stride}}


def _defaults(trouble: Trouble, entry: Entry, args: Mapping[str, Any]) -> Iterator[Fix]:
    """One argument at its default, with which the node would run."""
    for name in args:
        argument = entry.argument(name)
        rest = {key: value for key, value in args.items() if key != name}
        if argument is not None and name not in INFERRED and trouble.works(rest):
            yield Fix(f"leave {name} at its default", (set_node(trouble, {}, [name]),))
