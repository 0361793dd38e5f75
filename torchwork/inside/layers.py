"""Which modules of a network are its layers: the leaves, those whose insides torch calls past their hooks included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

WHOLE = (nn.MultiheadAttention, nn.RNNBase)
"""Their children are used, but never called: they are layers themselves."""
PARALLEL = (nn.DataParallel, nn.parallel.DistributedDataParallel)
PASSING = (nn.Identity, nn.Flatten, nn.Unflatten, nn.Dropout, nn.modules.dropout._DropoutNd, nn.ParameterList)
"""What they give is what they got, or some of it: nothing to see."""
ALONG = (nn.Conv1d, nn.ConvTranspose1d, nn.BatchNorm1d, nn.InstanceNorm1d, nn.MaxPool1d, nn.AvgPool1d)
"""Layers whose outputs of three dimensions are [n, channels, length]; of all others they are [n, places, channels]."""


def unwrapped(model: nn.Module) -> nn.Module:
    """The network inside what compiles it or runs it in parallel, so that its layers have their own names."""
    while True:
        inner = model.module if isinstance(model, PARALLEL) else getattr(model, "_orig_mod", None)
        if inner is None:
            return model
        model = inner


def layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Names and modules of all layers, in the order in which they were made; a loss inside the model is none.

    A layer that stands in several places has its first name.
    """
    yield from _layers(model, "", set())


def _layers(module: nn.Module, name: str, met: set[nn.Module]) -> Iterator[tuple[str, nn.Module]]:
    if module in met:
        return
    met.add(module)
    children = {} if isinstance(module, WHOLE) else dict(module.named_children())
    if not children:
        yield name, module
    for inner, child in children.items():
        if not (inner == "loss" and isinstance(child, nn.modules.loss._Loss)):
            yield from _layers(child, f"{name}.{inner}" if name else inner, met)


def watched(model: nn.Module) -> dict[str, nn.Module]:
    """The layers whose outputs say something of the training: those with weights, norms and activations."""
    return {name: layer for name, layer in layers(model) if not isinstance(layer, PASSING) and _says(layer)}


def _says(layer: nn.Module) -> bool:
    trained = any(True for _ in layer.parameters())
    return trained or type(layer).__module__.endswith((".activation", ".batchnorm", ".instancenorm"))


def channels_of(layer: nn.Module, output: Tensor, before: nn.Module | None = None) -> int:
    """The dimension of an output that counts units: channels, or features.

    Three dimensions are read as the layer `before` wrote them, where this one takes any shape, as a ReLU does.
    """
    if output.dim() != 3:
        return min(1, output.dim() - 1)
    return 1 if isinstance(layer, ALONG) or isinstance(before, ALONG) else 2


def first_tensor(value: Any) -> Tensor | None:
    """The first floating-point tensor of what a layer gives: of an LSTM its outputs, not its states."""
    if isinstance(value, Tensor):
        return value if value.is_floating_point() and not value.is_sparse and not value.is_nested else None
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return next((found for item in items if (found := first_tensor(item)) is not None), None)
