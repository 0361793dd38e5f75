"""What of a document is only of the sheet that it is drawn on: where nodes stand, and what people note of them."""

from __future__ import annotations

from typing import Any, TypeVar

from torchwork.experiment.spec import Definition, Model, Node

D = TypeVar("D", bound=Definition)


def without_sheet(model: Model) -> Model:
    """The model without the places of its nodes and the notes beside them."""
    modules = {name: _level(module) for name, module in model.modules.items()}
    return _level(model).model_copy(update={"modules": modules})


def _level(level: D) -> D:
    update: dict[str, Any] = {}
    if level.nodes:
        update["nodes"] = {name: _node(node) for name, node in level.nodes.items()}
    if level.layers:
        update["layers"] = [_node(node) for node in level.layers]
    return level.model_copy(update=update)


def _node(node: Node) -> Node:
    return node if node.at is None and not node.note else node.model_copy(update={"at": None, "note": ""})
