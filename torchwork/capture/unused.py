"""Modules that a forward never calls: their weights are kept, so that a state dict still fits."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from torch import nn

from torchwork.capture.draft import CONTAINERS, Draft, DraftNode
from torchwork.capture.owned import node_of, owned

KEPT = "nothing uses it: its weights are kept, so that files of weights fit"


def unused(module: nn.Module, path: str, called: Collection[str], source: str) -> Iterator[DraftNode]:
    """Nodes for the children with weights that are not among those called; `source` is a tensor that they pass on."""
    for name, child in module.named_children():
        inside = {item.removeprefix(f"{name}.") for item in called if item.startswith(f"{name}.")}
        if name in called or not child.state_dict():
            continue
        if not inside:
            yield DraftNode(name, _draft(child, name, f"{path}.{name}".lstrip(".")), {}, [source], stateful=True)
        elif type(child).__name__ in CONTAINERS:
            for node in unused(child, f"{path}.{name}".lstrip("."), inside, source):
                node.name = f"{name}.{node.name}"
                yield node


def _draft(module: nn.Module, label: str, path: str) -> Draft:
    """A module as its weights alone; it gives what it takes."""
    kept = [node_of(module, name, tensor)[0] for name, tensor in owned(module)]
    nodes = [node for node in kept if node is not None]
    nodes += [
        DraftNode(name, _draft(child, name, f"{path}.{name}"), {}, ["input"], stateful=True)
        for name, child in module.named_children()
        if child.state_dict()
    ]
    names = {node.name for node in nodes}
    last = next(name for name in ("same", "same_", "same__") if name not in names)
    nodes.append(DraftNode(last, "Identity", {}, ["input"]))
    return Draft(f"Unused{type(module).__name__}", label, path, ["input"], nodes, [last], [KEPT])
