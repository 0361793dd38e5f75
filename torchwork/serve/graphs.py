"""Recorded graphs: TensorFlow's GraphDef, which torch writes too, and the configuration of Keras models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from torchwork.record import wire
from torchwork.record.decode import tensor
from torchwork.serve.messages import Graph, GraphNode

MOST = 5000  # nodes that a page can draw
NODE = 1  # field of GraphDef
NAME, OPERATION, INPUT, ATTRIBUTE = 1, 2, 3, 5  # fields of NodeDef
SHAPES = "_output_shapes"
DEEPEST = 50


def of_definition(data: bytes) -> Graph:
    """A GraphDef; ValueError when it is damaged."""
    nodes: list[GraphNode] = []
    for field, content in wire.fields(data):
        if field == NODE and isinstance(content, bytes):
            if len(nodes) == MOST:
                return Graph(nodes=nodes, truncated=True)
            nodes.append(_node(content))
    return Graph(nodes=nodes)


def _node(data: bytes) -> GraphNode:
    name, operation, inputs, shape = "", "", [], ""
    for field, content in wire.fields(data):
        if not isinstance(content, bytes):
            continue
        if field == NAME:
            name = _text(content)
        elif field == OPERATION:
            operation = _text(content)
        elif field == INPUT:
            inputs.append(_text(content))
        elif field == ATTRIBUTE and wire.last(content, 1) == SHAPES.encode():
            shape = _shapes(wire.last(content, 2) or b"")
    return GraphNode(name=name, operation=operation, inputs=inputs, shape=shape)


def _shapes(value: bytes) -> str:
    """An AttrValue with a list of shapes."""
    listed = wire.last(value, 1) or b""
    return ", ".join(_shape(content) for field, content in wire.fields(listed) if field == 7 and _is_bytes(content))


def _shape(data: wire.Value) -> str:
    sizes = []
    for field, content in wire.fields(data if isinstance(data, bytes) else b""):
        if field == 2 and isinstance(content, bytes):
            size = dict(wire.fields(content)).get(1, 0)
            sizes.append("?" if not isinstance(size, int) or wire.signed(size) < 0 else str(size))
    return f"[{', '.join(sizes)}]"


def _is_bytes(content: wire.Value) -> bool:
    return isinstance(content, bytes)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def of_keras(value: bytes) -> Graph:
    """The Summary.Value with a Keras model as JSON; ValueError when it is damaged."""
    found = tensor(wire.last(value, 8) or b"")
    if not isinstance(found, list) or not found:
        raise ValueError("it holds no configuration of a Keras model")
    try:
        nodes = list(_layers(json.loads(found[0]), "", 0))
    except (TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ValueError(f"it is no configuration of a Keras model: {error}") from None
    return Graph(nodes=nodes[:MOST], truncated=len(nodes) > MOST)


def _layers(model: Any, scope: str, depth: int) -> Iterator[GraphNode]:
    """The layers of a model and of the models in it: in a Sequential one after the other."""
    config = model.get("config", {})
    layers = config if isinstance(config, list) else config.get("layers", [])
    before = ""
    for layer in layers:
        inside = layer.get("config", {})
        name = scope + str(layer.get("name") or (inside.get("name") if isinstance(inside, dict) else "") or "layer")
        inputs = [scope + source for source in _inputs(layer.get("inbound_nodes"))]
        shape = inside.get("batch_input_shape") or inside.get("batch_shape") if isinstance(inside, dict) else None
        yield GraphNode(
            name=name,
            operation=str(layer.get("class_name", "")),
            inputs=inputs or ([before] if before and "inbound_nodes" not in layer else []),
            shape=str(shape) if shape else "",
        )
        before = name
        if isinstance(inside, dict) and "layers" in inside and depth < DEEPEST:
            yield from _layers(layer, f"{name}/", depth + 1)


def _inputs(nodes: Any) -> list[str]:
    """The names of the layers that a layer gets its inputs from: lists of lists in Keras 2, tensors in Keras 3."""
    found: list[str] = []
    waiting = [nodes]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict):
            history = one.get("keras_history") or one.get("config", {}).get("keras_history")
            found += [str(history[0])] if history else []
            waiting += [] if history else list(one.values())
        elif isinstance(one, list) and len(one) >= 3 and isinstance(one[0], str) and isinstance(one[1], int):
            found.append(one[0])
        elif isinstance(one, list):
            waiting += one
    return list(dict.fromkeys(found))
