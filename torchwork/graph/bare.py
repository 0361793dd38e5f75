"""The parameters of a resolved model without its layers: enough for what only looks at parameters, and quick."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from torchwork.graph.evaluate import Weight
from torchwork.graph.item import Item
from torchwork.graph.resolve import Resolved
from torchwork.graph.ties import tie


def bare(resolved: Resolved) -> nn.Module:
    """A module that cannot compute, with all parameters of the model on the meta device, tied ones as one."""
    module = nn.Module()
    for name, weight in named_weights(resolved):
        *around, last = name.split(".")
        owner = module
        for word in around:
            if word not in owner._modules:
                owner.add_module(word, nn.Module())
            owner = owner._modules[word]  # type: ignore[assignment]
        empty = torch.empty(weight.shape, dtype=getattr(torch, weight.dtype), device="meta")
        owner.register_parameter(last, nn.Parameter(empty, weight.trainable))
    for name in _sparse(resolved.root):
        module.get_submodule(name).sparse = True  # type: ignore[assignment]
    tie(module, resolved.ties)
    return module


def named_weights(resolved: Resolved) -> Iterator[tuple[str, Weight]]:
    """The parameters of all layers by their full names, tied ones too."""
    return _weights(resolved.root)


def _weights(item: Item | None) -> Iterator[tuple[str, Weight]]:
    for weight in getattr(item, "weights", ()):
        yield f"{getattr(item, 'name', '')}.{weight.name}".rstrip("."), weight
    for inner in getattr(item, "items", {}).values():
        yield from _weights(inner)


def _sparse(item: Item | None) -> Iterator[str]:
    """The layers whose gradients are sparse, which not every optimizer takes."""
    if getattr(item, "weights", ()) and getattr(item, "args", {}).get("sparse") is True:
        yield getattr(item, "name", "")
    for inner in getattr(item, "items", {}).values():
        yield from _sparse(inner)
