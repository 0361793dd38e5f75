"""The layers of a network as a table: what each gives, holds and costs, and what can be seen of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.errors import TorchworkError
from torchwork.graph import Summary, summarize
from torchwork.inside.given import called
from torchwork.inside.hooks import Hooks, no_such
from torchwork.inside.kernels import kernel_count
from torchwork.inside.layers import layers, unwrapped
from torchwork.inside.maps import Maps
from torchwork.inside.timing import Cost, measure
from torchwork.inside.untouched import mapped, untouched


@dataclass(frozen=True)
class LayerFacts:
    """One layer. Costs are for one sample; `macs` is None where they cannot be counted, times where it was not timed.

    `kernels` and `maps` say how many pictures there are of each.
    """

    name: str
    type: str
    output: str
    parameters: int
    macs: int | None
    milliseconds: float | None
    memory: int | None
    kernels: int
    maps: int


@dataclass(frozen=True)
class Overview:
    """The layers in the order of their first calls, and what could not be found out."""

    layers: list[LayerFacts]
    notes: list[str]

    def chosen(self, pattern: str) -> list[LayerFacts]:
        """The layers whose names a pattern means.

        Raises:
            TorchworkError: there is none.
        """
        found = [layer for layer in self.layers if _named(pattern, layer.name)]
        if not found:
            raise TorchworkError(no_such(pattern, [layer.name for layer in self.layers]))
        return found


def overview(model: nn.Module, inputs: Any, *, timed: bool = True) -> Overview:
    """All layers that `model` calls for a batch of `inputs`: a tensor [n, ...], or several of them in a tuple.

    Raises:
        TorchworkError: the network cannot run on these inputs.
    """
    model = unwrapped(model)
    found: dict[str, LayerFacts] = {}
    read = Maps(inputs)

    def look(name: str, layer: nn.Module, _: Any, output: Any) -> None:
        maps = read(layer, output)
        if name not in found:
            parameters = sum(weight.numel() for weight in layer.parameters())
            found[name] = LayerFacts(name, type(layer).__name__, shape_text(output), parameters, None, None, None,
                                     kernel_count(layer), 0 if maps is None else maps.shape[1])  # fmt: skip

    with untouched(model), Hooks(model) as hooks, torch.no_grad():
        hooks.model.eval()
        for name, layer in layers(hooks.model):
            layer.register_forward_hook(partial(look, name))  # `untouched` takes it off
        _run(hooks.model, inputs)
    notes: list[str] = []
    _count(model, _two(inputs), found, notes)
    if timed:
        _time(model, inputs, found, notes)
    return Overview(list(found.values()), notes)


def _run(model: nn.Module, inputs: Any) -> Any:
    try:
        return called(model, mapped(Tensor.clone, inputs))
    except (RuntimeError, ValueError, TypeError) as error:
        why = str(error).strip().partition("\n")[0]
        raise TorchworkError(f"the network cannot run on these inputs: {why}; give a batch it is made for") from None


def _count(model: nn.Module, inputs: Any, found: dict[str, LayerFacts], notes: list[str]) -> None:
    """Parameters and MAC, each where it is used first."""
    try:
        summary = summarize(model, list(inputs) if isinstance(inputs, tuple) else [inputs])
    except TorchworkError as error:
        notes.append(f"MAC are not known: {error}")
        return
    for name, facts in found.items():
        rows = _below(summary, name)
        macs = sum(row.mac for row in rows) // _samples(inputs)
        found[name] = replace(facts, macs=macs, parameters=sum(row.parameters for row in rows))


def _below(summary: Summary, name: str) -> list[Any]:
    return [row for row in summary.rows if row.name == name or not name or row.name.startswith(f"{name}.")]


def _time(model: nn.Module, inputs: Any, found: dict[str, LayerFacts], notes: list[str]) -> None:
    try:
        costs = costs_of_one(model, inputs)
    except (RuntimeError, ValueError, TypeError) as error:
        notes.append(f"times are not known: {str(error).strip().partition(chr(10))[0]}")
        return
    for name in found.keys() & costs.keys():
        cost = costs[name]
        found[name] = replace(found[name], milliseconds=cost.milliseconds, memory=cost.memory)


def costs_of_one(model: nn.Module, inputs: Any, call: Callable[[nn.Module, Any], Any] | None = None) -> dict[str, Cost]:
    """What each layer costs for one sample: measured with all of `inputs`, shared out."""
    inputs = _two(inputs)
    run = call or called
    measured = measure(model, lambda network: run(network, mapped(Tensor.clone, inputs)))
    samples = _samples(inputs)
    return {
        name: Cost(cost.forward / samples, cost.backward / samples, cost.memory // samples)
        for name, cost in measured.items()
    }


def _two(inputs: Any) -> Any:
    """At least two samples, which norms of batches want where they train."""
    return mapped(lambda tensor: torch.cat([tensor, tensor]), inputs) if _samples(inputs) == 1 else inputs


def _samples(inputs: Any) -> int:
    sizes: list[int] = []
    mapped(lambda tensor: sizes.append(len(tensor) if tensor.dim() else 1), inputs)
    return max(1, sizes[0]) if sizes else 1


def shape_text(output: Any) -> str:
    """What a layer gives of one sample: `64×56×56`, the first tensor of several."""
    shapes: list[list[int]] = []
    mapped(lambda tensor: shapes.append(list(tensor.shape[1:])), output)
    return "×".join(map(str, shapes[0])) if shapes else ""


def _named(pattern: str, name: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)
