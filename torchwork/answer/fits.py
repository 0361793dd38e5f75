"""What could stand behind a node, or before an input: every layer and operation is tried, without numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import torch

from torchwork.answer.checking import look, sketch
from torchwork.answer.levels import Found, Seen
from torchwork.answer.meaning import layer_inputs, operation_inputs
from torchwork.answer.usual import COMMON
from torchwork.answer.values import ONE_OF, missing
from torchwork.catalog import Entry, catalog
from torchwork.draw import Sheet, levels
from torchwork.graph import TensorSpec, Value
from torchwork.graph.arguments import prepare, wanted_dimensions
from torchwork.graph.evaluate import quiet
from torchwork.graph.explain import whole_numbers, wrong_dimensions
from torchwork.graph.parts import make_part
from torchwork.graph.value import empty_like, tensors_in, unknown_in

FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "Conv": ("BatchNorm{n}d", "ReLU", "MaxPool{n}d", "Conv{n}d", "Dropout{n}d"),
    "BatchNorm": ("ReLU", "Conv{n}d", "MaxPool{n}d", "GELU"),
    "Pool": ("Conv{n}d", "Flatten", "Dropout", "Linear"),
    "Linear": ("ReLU", "Dropout", "Linear", "BatchNorm1d", "GELU", "Softmax"),
    "Flatten": ("Linear", "Dropout"),
    "Embedding": ("LSTM", "GRU", "TransformerEncoderLayer", "MultiheadAttention", "mean"),
}
"""By what a node's class is called, what people put behind it; {n} is its number of dimensions."""
BY_RANK: Mapping[int, tuple[str, ...]] = {
    2: ("Linear", "ReLU", "Dropout", "BatchNorm1d", "add"),
    3: ("LSTM", "TransformerEncoderLayer", "LayerNorm", "Linear", "Conv1d", "mean"),
    4: ("Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Flatten", "AdaptiveAvgPool2d", "add", "cat"),
    5: ("Conv3d", "ReLU", "BatchNorm3d", "MaxPool3d", "Flatten"),
}
"""What comes behind anything with so many dimensions."""
BEFORE: Mapping[str, tuple[str, ...]] = {
    "Conv": ("ReLU", "BatchNorm{n}d", "MaxPool{n}d", "Conv{n}d", "Dropout{n}d", "cat"),
    "BatchNorm": ("Conv{n}d", "Linear", "ReLU"),
    "Pool": ("ReLU", "Conv{n}d", "BatchNorm{n}d"),
    "Linear": ("Flatten", "ReLU", "Dropout", "Linear", "BatchNorm1d", "mean"),
    "Flatten": ("MaxPool2d", "AdaptiveAvgPool2d", "ReLU", "Conv2d"),
    "LSTM": ("Embedding", "Linear", "LayerNorm", "LSTM"),
    "Transformer": ("Embedding", "TransformerEncoderLayer", "LayerNorm", "Linear"),
    "Attention": ("LayerNorm", "Embedding", "Linear"),
    "LU": ("BatchNorm2d", "Conv2d", "Linear", "BatchNorm1d", "add"),
    "Softmax": ("Linear",),
    "Dropout": ("ReLU", "Linear", "Conv2d"),
}
"""By what a node's class is called, what people put before it."""
SHAPING = frozenset({"dim", "dims", "shape", "size", "sizes", "keepdim", "axis", "repeats"})
LIKELY = 8
SMALL = 16
"""what large sizes are tried as"""


FORMS = [
    *(TensorSpec((2, *[SMALL] * more)) for more in (1, 2, 3, 4)),
    *(TensorSpec((2, *[SMALL] * more), "int64") for more in (0, 1)),
]
"""The kinds of tensors that flow through networks."""
Form = tuple[int, str]
"""How many dimensions a tensor has, and its dtype: what an input minds, for sizes can be set."""


def fits(
    text: str, path: str, level: str, instance: str, source: str, feeds: Sequence[tuple[str, int]] = ()
) -> dict[str, Any]:
    """The message `Fits`: parts that run on what comes from a source of a level.

    Without a source: those that can give what the inputs `feeds` take, or all.
    """
    looked = look(text, path)
    resolved = looked.checked.graph if looked.checked else sketch(looked, text, path)
    sheets = {sheet.name: sheet for sheet in levels(looked.plain)}
    found = Found(resolved, {level: instance})
    own = [name for name in sheets if name and not _holds(sheets, name, level)]
    if level not in sheets or not (source or feeds):
        return {"names": [*own, *_all()], "likely": list(COMMON["layer"][:LIKELY])}
    seen = Seen(sheets[level], found, found.block(level))
    if not source:
        names, likely = _before(sheets[level], seen, feeds)
        return {"names": [*own, *names], "likely": likely[:LIKELY]}
    value = seen.value(source)
    names = list(_all()) if unknown_in([value]) else list(_running(_small(value, found.batch)))
    likely = [name for name in _followers(sheets[level], source, value) if name in names]
    return {"names": [*own, *names], "likely": likely[:LIKELY]}


def _before(sheet: Sheet, seen: Seen, feeds: Sequence[tuple[str, int]]) -> tuple[list[str], list[str]]:
    """Parts that can give what all of these inputs take, and of them those that people put there."""
    known = [forms for feed in feeds if (forms := _taken(sheet, seen, *feed)) is not None]
    wanted = set.intersection(*known) if known else set()
    if not wanted:
        return list(_all()), list(COMMON["layer"][:LIKELY])
    given = _given_by()
    names = [name for name in _all() if not given.get(name) or given[name] & wanted]
    likely = dict.fromkeys([*_leaders(_part(sheet, feeds[0][0])), *BY_RANK.get(min(wanted)[0], ())])
    return names, [name for name in likely if given.get(name, set()) & wanted]


def _given_by() -> Mapping[str, set[Form]]:
    """What each part gives for one input or another; nothing is known of those that need values first."""
    given: dict[str, set[Form]] = {}
    for value, kind in product(FORMS, ("layer", "operation")):
        for name, form in _tried(kind, value).items():
            forms = [(rank, form[1]) for rank in range(6)] if _reshapes(kind, name) else [form]
            given.setdefault(name, set()).update(forms)
    return given


def _reshapes(kind: str, name: str) -> bool:
    """Whether the number of dimensions that an operation gives depends on its values: `reshape`, `argmax`."""
    return kind == "operation" and any(item.name in SHAPING for item in catalog().entries(kind)[name].arguments)


def _leaders(part: str) -> Iterator[str]:
    number = re.search(r"\d", part)
    known = next((names for key, names in BEFORE.items() if key in part), ())
    yield from (name.format(n=number[0] if number else 2) for name in known)


def _taken(sheet: Sheet, seen: Seen, name: str, place: int) -> set[Form] | None:
    """What an input takes: the forms that its part runs on, beside what comes to its others; None: not known."""
    part = _part(sheet, name)
    operation = part in catalog().entries("operation")
    if not operation and (place or part not in catalog().entries("layer")):
        return None
    node = next(node for node in sheet.nodes if node.name == name)
    others = [seen.value(item) for at, item in enumerate(node.sources) if item and at != place] if operation else []
    ranks = {len(value.shape) for value in others if isinstance(value, TensorSpec)}
    kind = "operation" if operation else "layer"
    return {_form(value) for value in FORMS if part in _tried(kind, value) and ranks <= {len(value.shape)}}


def _part(sheet: Sheet, name: str) -> str:
    """What a node is; of one that uses another again, what that is; empty for the level's output."""
    nodes = {node.name: node for node in sheet.nodes}
    node = nodes.get(name)
    return _part(sheet, node.use) if node and node.use and node.use != name else node.part if node else ""


def _form(value: TensorSpec) -> Form:
    return len(value.shape), value.dtype


def _holds(sheets: Mapping[str, Sheet], name: str, level: str) -> bool:
    """Whether a definition is a level or uses it, so that it cannot stand in it."""
    waiting, seen = [name], {name}
    for at in waiting:
        used = {node.part for node in sheets[at].nodes if node.part in sheets} - seen
        waiting += used
        seen |= used
    return level in seen


def _all() -> Iterator[str]:
    yield from COMMON["layer"]
    rest = {**catalog().entries("layer"), **catalog().entries("operation"), **catalog().entries("tensor")}
    yield from (name for name in rest if name not in COMMON["layer"])


def _small(value: Value, batch: int) -> Value:
    """A small value on which the same parts run: as many dimensions, and sizes that the same small numbers divide."""
    if not isinstance(value, TensorSpec):
        return value
    sizes = [size if size < SMALL else SMALL + size % 4 for size in value.shape]
    return TensorSpec((2, *sizes[1:]) if value.shape[:1] == (batch,) else tuple(sizes), value.dtype)


def _followers(sheet: Sheet, source: str, value: Value) -> list[str]:
    part = next((node.part for node in sheet.nodes if node.name == source), "")
    rank = len(value.shape) if isinstance(value, TensorSpec) else 0
    known = next((names for key, names in FOLLOWERS.items() if key in part), ())
    return list(dict.fromkeys([*(name.format(n=rank - 2) for name in known), *BY_RANK.get(rank, ())]))


def warm() -> None:
    """Tries everything on the usual shapes, so that the first who asks need not wait."""
    shapes = ((2, 3, SMALL, SMALL), (2, 1, SMALL, SMALL), (2, SMALL, 1, 1))
    for value in (*FORMS, *map(TensorSpec, shapes)):
        _running(value)
    _given_by()


def _running(value: Value) -> list[str]:
    """The parts that run on a value, common ones first."""
    alike = value
    if isinstance(value, TensorSpec):  # operations mind how many dimensions there are, and not their sizes
        alike = TensorSpec((2, 16, 8, 8, 8, 8)[: len(value.shape)], value.dtype)
    order = {name: place for place, name in enumerate((*COMMON["layer"], *COMMON["operation"]))}
    found = {*_tried("layer", value), *_tried("operation", alike)}
    return sorted(found, key=lambda name: (order.get(name, len(order)), name.lower()))


@lru_cache(512)
def _tried(kind: str, value: Value) -> Mapping[str, Form]:
    """The parts of a kind that run on a value, given as often as they need a tensor, and what each gives."""
    with quiet(), torch.random.fork_rng(devices=[]), torch.device("meta"):
        tried = {name: _run(entry, value) for name, entry in catalog().entries(kind).items()}
    return {name: form for name, form in tried.items() if form is not None}


def _run(entry: Entry, value: Value) -> Form | None:
    """What an entry gives with sensible arguments, on the meta device: its first tensor; None where it does not run."""
    inputs = [value] * max(1, sum(_inputs(entry)))
    if entry.kind == "layer" and _refused(entry, inputs):
        return None
    args = missing(entry, {}, inputs) | dict([ONE_OF[entry.name]] if entry.name in ONE_OF else [])
    if None in args.values():
        return None
    prepared = prepare(entry, args, {}, inputs, entry.name)
    if prepared.problems or prepared.blocked:
        return None
    try:
        made = entry.construct(prepared.args, part=make_part)
        given = made(*(empty_like(item, tracked=False) for item in inputs))
    except Exception:  # whatever torch says: it does not fit
        return None
    first = next(iter(tensors_in(given)), None)
    return (first.dim(), str(first.dtype).removeprefix("torch.")) if first is not None else (-1, "")


def _inputs(entry: Entry) -> list[bool]:
    if entry.listed or entry.spread:
        return [True, True]
    given = layer_inputs(entry) if entry.kind == "layer" else operation_inputs(entry, {})
    return [item.needed for item in given]


def _refused(entry: Entry, inputs: list[Value]) -> bool:
    """Whether a layer would refuse these, or take them for a single sample."""
    wanted, number = wanted_dimensions(entry), re.search(r"(\d)d$", entry.name)
    if number and entry.name != "BatchNorm1d" and isinstance(inputs[0], TensorSpec):
        wanted = int(number[1]) + 2
    return bool((wanted and wrong_dimensions(entry, wanted, inputs)) or whole_numbers(entry, inputs))
