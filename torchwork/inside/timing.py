"""What each layer costs: measured time and memory, forward and backward, with parameters and MAC from its shapes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.graph.cost import Meter
from torchwork.inside.hooks import Hooks
from torchwork.inside.layers import layers
from torchwork.inside.untouched import mapped, untouched

REPEATS = 3


@dataclass(frozen=True)
class Cost:
    """Of all calls of one layer in one pass over the batch: milliseconds, and bytes kept for the backward pass."""

    forward: float = 0.0
    backward: float = 0.0
    memory: int = 0

    @property
    def milliseconds(self) -> float:
        """Of both passes."""
        return self.forward + self.backward

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.forward + other.forward, self.backward + other.backward, self.memory + other.memory)


def measure(model: nn.Module, call: Callable[[nn.Module], Any], repeats: int = REPEATS) -> dict[str, Cost]:
    """The cost of each layer by name, in the order of calls, while `call(model)` runs the model once.

    Each layer is run by itself, in training mode, on copies of what it gets: the shortest of `repeats` times. The model
    is left as it was.
    """
    found: dict[str, Cost] = {}

    def look(name: str, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        found[name] = found.get(name, Cost()) + _cost(layer, args, kwargs, repeats)

    with untouched(model), Hooks(model) as hooks, torch.no_grad():
        hooks.model.train()  # in evaluation cuDNN's recurrent layers have no backward pass
        for name, layer in layers(hooks.model):
            layer.register_forward_pre_hook(partial(look, name), with_kwargs=True)  # `untouched` takes it off
        call(hooks.model)
    return found


def _cost(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], repeats: int) -> Cost:
    times = [_times(layer, args, kwargs) for _ in range(repeats + 1)][1:]
    forward, backward = (min(part) * 1000 for part in zip(*times, strict=True))
    return Cost(forward, backward, _memory(layer, args, kwargs))


def _times(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[float, float]:
    """Seconds of a forward and of a backward pass, the latter 0 where nothing has a gradient."""
    leaves: list[Tensor] = []
    given, named = mapped(partial(_leaf, leaves), args), mapped(partial(_leaf, leaves), kwargs)
    with torch.enable_grad():
        present = [*leaves, *layer.parameters()]
        begun = _now(present)
        output = layer.forward(*given, **named)
        middle = _now(present)
        results: list[Tensor] = []
        mapped(lambda item: results.append(item) if item.requires_grad else None, output)
        wanted = [*(p for p in layer.parameters() if p.requires_grad), *leaves]
        if not results or not wanted:
            return middle - begun, 0.0
        ones = [torch.ones_like(item) for item in results]
        begun_back = _now(present)
        torch.autograd.grad(results, wanted, ones, allow_unused=True)
        return middle - begun, _now(present) - begun_back


def _leaf(leaves: list[Tensor], tensor: Tensor) -> Tensor:
    """A copy that gets a gradient and may be changed in place."""
    leaf = tensor.detach().clone()
    if not leaf.is_floating_point():
        return leaf
    leaves.append(leaf.requires_grad_())
    with torch.enable_grad():
        return leaf.clone()


def _memory(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    leaves: list[Tensor] = []
    given, named = mapped(partial(_leaf, leaves), args), mapped(partial(_leaf, leaves), kwargs)
    with torch.enable_grad(), Meter(real=True) as meter:
        meter.known(given, named, *layer.parameters(), *layer.buffers())
        return meter.newly_kept(layer.forward(*given, **named))


def _now(tensors: list[Tensor]) -> float:
    """Seconds, when the device has done what it was given."""
    for device in {tensor.device for tensor in tensors}:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        elif device.type == "mps":
            torch.mps.synchronize()
    return time.perf_counter()
