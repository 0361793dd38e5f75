"""The layers of a run as its records have them: what was measured last, and one number of all over time; no torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from torchwork.errors import RunFolderError
from torchwork.record import Histogram, Item, Log
from torchwork.serve.looks import HeatRow, LayerHeat, LayerNumbers, Shape
from torchwork.serve.messages import Number
from torchwork.serve.numbers import named, number

OUTPUTS = ("output_mean", "output_std", "output_zeros", "output_saturated", "dead_units")
COSTS = {"layer_time": "milliseconds", "layer_memory": "memory"}
PARAMETERS = ("gradient_norm", "weight_norm", "update_ratio")
HISTOGRAMS = ("weights", "gradients", "outputs")
BINS = 32
TRIMMED = 0.002
"""The share of values at each end that is left out of a shape: a single one far away would leave the rest a line."""
Values = NDArray[np.float64]


def measured(log: Log) -> tuple[int | None, list[LayerNumbers], dict[str, Item]]:
    """The step of the last look, all layers as they were measured last, and the last distribution of each's outputs."""
    latest, kinds = log.latest, log.kinds
    parts = _parts([*latest, *kinds])
    found = [_layer(name, tags, latest, kinds) for name, tags in parts.items()]
    looks = [latest[tag][0] for tags in parts.values() for tag in tags if tag in latest and _group(tag) not in COSTS]
    outputs = {name: f"outputs/{name}" for name in parts if kinds.get(f"outputs/{name}") == "histogram"}
    return max(looks, default=None), found, {name: log.items(tag)[-1] for name, tag in outputs.items()}


def heat(log: Log, what: str, columns: int) -> LayerHeat:
    """One number of all layers in so many columns of equal numbers of steps: in each the mean of what is in it."""
    latest = log.latest
    parts = _parts(latest)
    own = {name: [tag for tag in tags if _group(tag) == what] for name, tags in parts.items()}
    curves = {name: _curve(log, what, tags) for name, tags in own.items() if tags}
    last = max((latest[tag][0] for tags in parts.values() for tag in tags if _group(tag) not in COSTS), default=0)
    first = min([1, *(int(steps[0]) for steps, _ in curves.values() if len(steps))])  # some count from 0
    width = max(1, math.ceil((last - first + 1) / columns))
    count = max(0, last - first) // width + 1
    rows = [_row(name, (steps - first) // width, values) for name, (steps, values) in curves.items() if len(steps)]
    rows = [_prolonged(row, count) for row in rows]
    return LayerHeat(what=what, steps=[min(last, first + (at + 1) * width - 1) for at in range(count)], rows=rows)


def with_shapes(layers: Iterable[LayerNumbers], outputs: Mapping[str, Item]) -> list[LayerNumbers]:
    """The layers with the distributions of their outputs; a damaged one is left out."""
    return [
        layer.model_copy(update={"shape": shape(outputs[layer.name])}) if layer.name in outputs else layer
        for layer in layers
    ]


@lru_cache(4096)
def shape(item: Item) -> Shape | None:
    """A recorded histogram on few equal bins; None where there is nothing in it, or it cannot be read."""
    try:
        content = item.read()
    except RunFolderError:
        return None
    if not isinstance(content, Histogram) or len(content.edges) < 2:
        return None
    edges, counts = np.nan_to_num(content.edges, posinf=np.inf, neginf=-np.inf), np.nan_to_num(content.counts)
    known = np.isfinite(edges[:-1]) & np.isfinite(edges[1:]) & (np.abs(edges[:-1]) < 1e300)
    known &= np.abs(edges[1:]) < 1e300
    return _shape(edges[:-1][known], edges[1:][known], counts[known])


def _shape(lows: Values, highs: Values, counts: Values) -> Shape | None:
    if not counts.sum() > 0:
        return None
    grid, below = np.append(lows, highs[-1]), np.append(0.0, np.cumsum(counts))
    low, high = np.interp([TRIMMED * below[-1], (1 - TRIMMED) * below[-1]], below, grid)
    if not low < high:
        low, high = low - (abs(low) / 10 or 0.5), high + (abs(high) / 10 or 0.5)
    heights = np.diff(np.interp(np.linspace(low, high, BINS + 1), grid, below))
    top = heights.max() or 1.0
    return Shape(low=float(low), high=float(high), heights=[round(float(height / top), 3) for height in heights])


# Which tags are of which layer.


def _parts(tags: Iterable[str]) -> dict[str, list[str]]:
    """The tags of each layer, the layers in the order in which they are called, as far as that was recorded."""
    groups: dict[str, list[str]] = {}
    for tag in tags:
        groups.setdefault(_group(tag), []).append(tag)
    of_layers = [tag for group in (*COSTS, *OUTPUTS, "outputs", "maps") for tag in groups.get(group, ())]
    known = dict.fromkeys(_rest(tag) for tag in of_layers)
    found: dict[str, list[str]] = {name: [] for name in known}
    for tag in of_layers:
        found[_rest(tag)].append(tag)
    for tag in (tag for group in (*PARAMETERS, "weights", "gradients") for tag in groups.get(group, ())):
        found.setdefault(_owner(_rest(tag), known), []).append(tag)
    return found


def _group(tag: str) -> str:
    return tag.partition("/")[0] if "/" in tag else ""


def _rest(tag: str) -> str:
    return tag.partition("/")[2]


def _owner(parameter: str, known: Mapping[str, None]) -> str:
    """The layer of a parameter: of `attention.out_proj.weight` it is `attention`, which torch calls as one."""
    name = parameter
    while "." in name:
        name = name.rpartition(".")[0]
        if name in known:
            return name
    return parameter.rpartition(".")[0]


# What was measured last.


def _layer(
    name: str, tags: Sequence[str], latest: Mapping[str, tuple[int, float]], kinds: Mapping[str, str]
) -> LayerNumbers:
    values = {tag: latest[tag][1] for tag in tags if tag in latest}
    numbers = {_group(tag): value for tag, value in values.items() if _group(tag) in OUTPUTS}
    numbers |= {COSTS[_group(tag)]: value for tag, value in values.items() if _group(tag) in COSTS}
    for what in PARAMETERS:
        own = [tag for tag in values if _group(tag) == what]
        if own:
            joined = _joined(what, [np.array([values[tag]]) for tag in own], [_weight(tag, latest) for tag in own])
            numbers[what] = float(joined[0])
    return LayerNumbers(
        name=name,
        numbers=named(numbers),
        histograms=[tag for tag in tags if kinds.get(tag) == "histogram" and _group(tag) in HISTOGRAMS],
        pictures=[tag for tag in tags if kinds.get(tag) == "image"],
    )


def _weight(tag: str, latest: Mapping[str, tuple[int, float]]) -> Values:
    """The norm of the parameter whose update ratio a tag is; 1 where it is not known."""
    return np.array([latest.get(f"weight_norm/{_rest(tag)}", (0, 1.0))[1]])


def _joined(what: str, columns: Sequence[Values], weights: Sequence[Values]) -> Values:
    """A number of several parameters together, from that of each: norms of a whole are roots of sums of squares."""
    if what not in PARAMETERS:
        return columns[0]
    if what != "update_ratio":
        norm: Values = np.sqrt(np.sum(np.square(columns), axis=0))
        return norm
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.sqrt(np.sum(np.square(weights), axis=0))
        # A ratio to a weight of zero is infinite, and says nothing of the layer.
        finite = [np.where(np.isinf(column), 0.0, column) for column in columns]
        together = np.sqrt(np.sum(np.square(np.multiply(finite, weights)), axis=0)) / whole
    return np.where(whole > 0, together, columns[0])


# Over time.


def _curve(log: Log, what: str, tags: Sequence[str]) -> tuple[NDArray[np.int64], Values]:
    """Steps and values of one number of a layer: of its parameters together where all were measured."""
    found = [log.scalars(tag) for tag in tags]
    steps = found[0].steps
    whole = [(tag, one) for tag, one in zip(tags, found, strict=True) if np.array_equal(one.steps, steps)]
    columns = [one.values for _, one in whole]
    weights = [_weights(log, tag, steps) for tag, _ in whole] if what == "update_ratio" else []
    return steps, _joined(what, columns, weights)


def _weights(log: Log, tag: str, steps: NDArray[np.int64]) -> Values:
    """The norm of the parameter at these steps; 1 where it was not measured."""
    name = f"weight_norm/{_rest(tag)}"
    found = log.scalars(name) if name in log else None
    if found is None or not len(found):
        return np.ones(len(steps))
    return np.interp(steps, found.steps, found.values)


def _row(layer: str, columns: NDArray[np.int64], values: Values) -> HeatRow:
    """The mean in each column, from the first one that has something; what is empty stands as before."""
    begin, size = int(columns[0]), int(columns[-1] - columns[0]) + 1
    places = columns - begin
    counts = np.bincount(places, minlength=size)
    with np.errstate(invalid="ignore"):
        sums = np.zeros(size)
        np.add.at(sums, places, values)
        means = sums / np.maximum(counts, 1)
    held = np.maximum.accumulate(np.where(counts > 0, np.arange(size), 0))
    return HeatRow(layer=layer, begin=begin, values=[_short(value) for value in means[held].tolist()])


def _prolonged(row: HeatRow, count: int) -> HeatRow:
    """To the last column: what is measured rarely is as it was."""
    missing = count - row.begin - len(row.values)
    return row.model_copy(update={"values": [*row.values, *[row.values[-1]] * missing]})


def _short(value: float) -> Number:
    """Four digits are enough for a colour."""
    return number(float(f"{value:.4g}"))
