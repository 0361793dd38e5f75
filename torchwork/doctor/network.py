"""The layers of a document in their order, without torch: what they are called, and where an edit finds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torchwork.experiment import Definition, Model, Node

NORMS = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm", "LocalResponseNorm", "SyncBatchNorm")
WEIGHTED = ("Linear", "Conv", "Bilinear", "RNN", "LSTM", "GRU")
DEEPEST = 20
"""levels of definitions inside each other"""
MANY = 5000
"""layers that are looked at"""


@dataclass(frozen=True)
class Layer:
    """One node that is no definition: its module's name, its part, and the level and node that hold it."""

    name: str
    type: str
    args: Mapping[str, Any] = field(default_factory=dict)
    level: str = ""
    node: str = ""

    def is_a(self, *kinds: str) -> bool:
        """Whether its type begins with one of these, as `BatchNorm2d` with `BatchNorm`."""
        return self.type.startswith(kinds)


def layers(model: Model) -> list[Layer]:
    """All layers of a model, those of its definitions once for each use, as far as MANY of them."""
    found: list[Layer] = []
    for layer in _layers(model, model, "", "", 0):
        found.append(layer)
        if len(found) >= MANY:
            break
    return found


def last_layer(model: Model) -> Layer | None:
    """The layer whose output is the model's only one; None where it has several or is not known."""
    return _last(model, model, "", "", 0)


def is_plain(model: Model) -> bool:
    """Whether nothing passes by: no node takes from several, in no definition."""
    bodies: list[Definition] = [model, *model.modules.values()]
    return not any(isinstance(node.source, list) for body in bodies for _, node in _nodes(body))


def followers(model: Model, layer: Layer) -> list[tuple[str, int]]:
    """The inputs of a chain that take from a layer, as `Add.feeds` names them; empty at its end, and in graphs."""
    body = model.modules[layer.level] if layer.level else model
    names = [name for name, _ in _nodes(body)] if body.layers is not None else []
    place = names.index(layer.node) + 1 if layer.node in names else len(names)
    return [(names[place], 0)] if place < len(names) else []


def _nodes(body: Definition) -> Iterator[tuple[str, Node]]:
    """Nodes by the names that edits use."""
    if body.nodes is not None:
        yield from body.nodes.items()
    for number, node in enumerate(body.layers or ()):
        yield node.label or str(number), node


def _layers(model: Model, body: Definition, level: str, prefix: str, depth: int) -> Iterator[Layer]:
    for name, node in _nodes(body):
        if node.bypass or not node.name:
            continue
        for number in range(node.repeat):
            full = f"{prefix}{name}.{number}" if node.repeat > 1 else f"{prefix}{name}"
            inner = model.modules.get(node.name)
            if inner is not None and depth < DEEPEST:
                yield from _layers(model, inner, node.name, f"{full}.", depth + 1)
            elif inner is None:
                yield Layer(full, node.name, node.args, level, name)


def _last(model: Model, body: Definition, level: str, prefix: str, depth: int) -> Layer | None:
    nodes = {name: node for name, node in _nodes(body) if not node.bypass}
    wanted = body.outputs if isinstance(body.outputs, str) and body.outputs else next(reversed(nodes), None)
    name = str(wanted).partition("[")[0]
    if isinstance(body.outputs, list | int) or name not in nodes or depth > DEEPEST:
        return None
    node = nodes[name]
    inner = model.modules.get(node.name)
    full = f"{prefix}{name}.{node.repeat - 1}" if node.repeat > 1 else f"{prefix}{name}"
    if inner is not None:
        return _last(model, inner, node.name, f"{full}.", depth + 1)
    return Layer(full, node.name, node.args, level, name) if node.name else None
