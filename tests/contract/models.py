"""Small models around one part of the catalog: trained layers give it its inputs and take what it gives.

Each input is a chain of nodes, the first of which takes the data; BATCH samples come first in all shapes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torchwork.catalog import Entry
from torchwork.experiment import Model
from torchwork.graph import TensorSpec, Value, resolve

from .flow import BATCH, FEATURES

Chain = Sequence[Any]
Given = Chain | str
"""How an input comes about: nodes in a row on the data, or the name of a node (or an element of it) in `before`."""


def numbers(*shape: int) -> list[Any]:
    """Any real numbers [BATCH, *shape], from a layer that is trained."""
    linear = {"Linear": {"out_features": math.prod(shape)}}
    return [linear] if len(shape) == 1 else [linear, {"unflatten": {"dim": 1, "sizes": list(shape)}}]


def share(*shape: int) -> list[Any]:
    """Numbers between 0 and 1."""
    return [*numbers(*shape), "sigmoid"]


def constant(*shape: int) -> list[Any]:
    """Numbers between 0 and 1 behind which no gradient is wanted."""
    return [*share(*shape), "detach"]


def places(*shape: int) -> list[Any]:
    """Whole numbers, each from 0 to one less than the last dimension once."""
    return [*numbers(*shape), "argsort"]


def yes_or_no(*shape: int) -> list[Any]:
    """Booleans."""
    return [*numbers(*shape), {"gt": {"other": 0}}]


def complex_numbers(*shape: int) -> list[Any]:
    """Complex numbers."""
    return [*numbers(*shape, 2), "view_as_complex"]


def one(chain: Chain, dim: int = 0) -> list[Any]:
    """Only the first of a dimension, by default of the samples; the dimension goes."""
    return [*chain, {"select": {"dim": dim, "index": 0}}]


CUTS = ("argsort", "detach", "gt")
"""operations that pass no gradient"""


@dataclass(frozen=True)
class Case:
    """What an entry needs where no rule knows: arguments, inputs, and why inputs (by number) get no gradient."""

    args: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Given] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    cut: Mapping[int, str] = field(default_factory=dict)
    output: str = "part"


def pooled(name: str, *shape: int) -> Case:
    """Values and indices of a max pooling before its inverse."""
    wide, formed = numbers(*shape)
    pool = {f"MaxPool{name[-2:]}": {"kernel_size": 2, "return_indices": True}, "from": "formed"}
    before = {"wide": {**wide, "from": "input"}, "formed": {**formed, "from": "wide"}, "pool": pool}
    return Case(inputs=["pool[0]", "pool[1]"], before=before)


ARGUMENTS: Mapping[str, Any] = {
    "kernel_size": 2, "output_size": 2, "out_channels": 4, "out_features": 4, "hidden_size": 4, "num_layers": 1,
    "padding": 1, "pad": [1, 1], "nhead": 2, "num_heads": 2, "num_groups": 2, "groups": 2, "num_embeddings": 4,
    "embedding_dim": 3, "norm_type": 2, "upscale_factor": 2, "downscale_factor": 2, "threshold": 0.1, "value": 0.5,
    "size": 2, "dim": 1, "dim0": 1, "dim1": 2, "axis0": 1, "axis1": 2, "dims": [1], "k": 2, "n": 2, "p": 2,
    "chunks": 2, "num_samples": 2, "fill_value": 0.5, "index": 1,
}  # fmt: skip
"""what required arguments get, by name"""
SHAPES = {1: (4, 8), 2: (4, 4, 4), 3: (4, 4, 4, 4)}
"""channels and sizes for entries whose names end in 1d, 2d, 3d; the others get 4 x 4"""


def arguments_of(entry: Entry, case: Case, inferred: Sequence[str] = ()) -> dict[str, Any]:
    """The arguments of the case, and by their names those that are required and not inferred."""
    required = [item.name for item in entry.arguments if item.required and item.name not in (*inferred, *case.args)]
    return {**{name: ARGUMENTS[name] for name in required}, **case.args}


def inputs_of(entry: Entry, case: Case, count: int) -> Sequence[Given]:
    """The inputs of the case, else `count` tensors of the shape that the entry's name asks for."""
    match = re.search(r"([123])d$", entry.name)
    return case.inputs or [numbers(*SHAPES[int(match[1])] if match else (4, 4))] * count


@dataclass(frozen=True)
class Around:
    """A model with the node `part` in it, and the beginnings of the names of parameters that must get no gradient."""

    model: dict[str, Any]
    unreached: tuple[str, ...]


def model_around(entry: Entry, args: Mapping[str, Any], inputs: Sequence[Given], case: Case) -> Around:
    """Nodes `given*` make the inputs of `part`, and `head` makes three outputs a sample of what it gives."""
    nodes: dict[str, Any] = dict(case.before)
    sources = [item if isinstance(item, str) else _add(nodes, f"given{i}_", item) for i, item in enumerate(inputs)]
    nodes["part"] = {entry.name: dict(args), "from": sources}
    outputs = {"outputs": case.output}
    found = resolve(Model.model_validate({"nodes": nodes, **outputs}), [TensorSpec((BATCH, FEATURES))]).output
    source = case.output
    while isinstance(found, tuple):
        source, found = f"{source}[0]", found[0]
    whole = isinstance(found, TensorSpec) and not found.dtype.startswith(("float", "complex"))
    cut = [i for i, item in enumerate(inputs) if whole or i in case.cut or any(map(_cuts, item))]
    return Around({"nodes": nodes | _tail(source, found)}, tuple(f"given{i}_" for i in cut))


def _cuts(node: Any) -> bool:
    return next(iter(node)) in CUTS if isinstance(node, dict) else node in CUTS


def _add(nodes: dict[str, Any], name: str, chain: Chain) -> str:
    """Adds the nodes of a chain; the name of the last."""
    source = "input"
    for number, node in enumerate(chain):
        nodes[f"{name}{number}"] = {**({node: {}} if isinstance(node, str) else node), "from": source}
        source = f"{name}{number}"
    return source


def _tail(source: str, value: Value) -> dict[str, Any]:
    """From what the part gives to three numbers a sample."""
    if not isinstance(value, TensorSpec):
        return _summed(source)
    if value.dtype.startswith("complex"):
        return {"real": {"view_as_real": {}, "from": source}, **_summed("real")}
    if value.dtype == "float32" and value.shape[:1] == (BATCH,) and len(value.shape) > 1:
        flat = {"Flatten": {}, "from": source}
        return {"flat": flat, "head": {"Linear": {"out_features": 3}, "from": "flat"}}
    return _summed(source)


def _summed(source: str) -> dict[str, Any]:
    """What has no batch dimension, or is no number for a layer, is squared, summed and added to each output."""
    return {
        "squares": {"mul": {}, "from": [source, source]},
        "total": {"sum": {}, "from": "squares"},
        "head": {"Linear": {"out_features": 3}, "from": "input"},
        "out": {"add": {}, "from": ["head", "total"]},
    }
