"""What could stand behind a node: every layer and operation is tried on what comes there, without numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
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
from torchwork.graph.value import empty_like, unknown_in

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
LIKELY = 8
SMALL = 16
"""what large sizes are tried as"""


def fits(text: str, path: str, level: str, instance: str, source: str) -> dict[str, Any]:
    """The message `Fits`: parts that run on what comes from a source of a level; without one all parts."""
    looked = look(text, path)
    resolved = looked.checked.graph if looked.checked else sketch(looked, text, path)
    sheets = {sheet.name: sheet for sheet in levels(looked.plain)}
    found = Found(resolved, {level: instance})
    own = [name for name in sheets if name and not _holds(sheets, name, level)]
    if level not in sheets or not source:
        return {"names": [*own, *_all()], "likely": list(COMMON["layer"][:LIKELY])}
    value = Seen(sheets[level], found, found.block(level)).value(source)
    names = list(_all()) if unknown_in([value]) else list(_running(_small(value, found.batch)))
    likely = [name for name in _followers(sheets[level], source, value) if name in names]
    return {"names": [*own, *names], "likely": likely[:LIKELY]}


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
    for shape in (
        (2, 16),
        (2, SMALL, SMALL),
        (2, SMALL, SMALL, SMALL),
        (2, 3, SMALL, SMALL),
        (2, 1, SMALL, SMALL),
        (2, SMALL, 1, 1),
    ):
        _running(TensorSpec(shape))


def _running(value: Value) -> list[str]:
    """The parts that run on a value, common ones first."""
    alike = value
    if isinstance(value, TensorSpec):  # operations mind how many dimensions there are, and not their sizes
        alike = TensorSpec((2, 16, 8, 8, 8, 8)[: len(value.shape)], value.dtype)
    order = {name: place for place, name in enumerate((*COMMON["layer"], *COMMON["operation"]))}
    found = {*_tried("layer", value), *_tried("operation", alike)}
    return sorted(found, key=lambda name: (order.get(name, len(order)), name.lower()))


@lru_cache(512)
def _tried(kind: str, value: Value) -> tuple[str, ...]:
    """The parts of a kind that run on a value, given as often as they need a tensor."""
    with quiet(), torch.random.fork_rng(devices=[]), torch.device("meta"):
        return tuple(name for name, entry in catalog().entries(kind).items() if _runs(entry, value))


def _runs(entry: Entry, value: Value) -> bool:
    """Whether an entry runs with sensible arguments, on the meta device."""
    inputs = [value] * max(1, sum(_inputs(entry)))
    if entry.kind == "layer" and _refused(entry, inputs):
        return False
    args = missing(entry, {}, inputs) | dict([ONE_OF[entry.name]] if entry.name in ONE_OF else [])
    if None in args.values():
        return False
    prepared = prepare(entry, args, {}, inputs, entry.name)
    if prepared.problems or prepared.blocked:
        return False
    try:
        made = entry.construct(prepared.args, part=make_part)
        made(*(empty_like(item, tracked=False) for item in inputs))
    except Exception:  # whatever torch says: it does not fit
        return False
    return True


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
