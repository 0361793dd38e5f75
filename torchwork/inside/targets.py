"""Which layer of a network says where it looked: found by one pass, whatever the network is made of.

The best is the last one whose maps still reach the score by gradients, before they are pooled: of a ViT with a class
token that is not the last block, for nothing of what its other tokens give comes to the score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.errors import TorchworkError
from torchwork.inside.aiming import Aim, Reading
from torchwork.inside.given import Run, alone
from torchwork.inside.hooks import Hooks, no_such
from torchwork.inside.layers import PASSING, first_tensor
from torchwork.inside.places import Grid, Places, places_of
from torchwork.inside.untouched import mapped

POOLING = (
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
)
NAMED = 3
"""So many candidates are named in a sentence."""


@dataclass(frozen=True)
class Candidate:
    """A layer whose output has places."""

    name: str
    type: str
    channels: int
    places: Places
    reaches: bool = True
    """whether the score depends on its places by gradients"""
    norm: bool = False
    """it only scales its input, and has no weights between channels"""
    time: int = 0
    """which of its calls is looked at, from 0"""

    @property
    def grid(self) -> Grid:
        """Height and width of its maps."""
        return self.places.height, self.places.width

    @property
    def output(self) -> str:
        """`512×7×7`: channels, height, width."""
        return f"{self.channels}×{self.places.height}×{self.places.width}"


@dataclass(frozen=True)
class Call:
    """A call of a module in the pass: what it gave, and the copy that the network went on with."""

    name: str
    module: nn.Module
    value: Tensor
    passed: Tensor
    time: int = 0
    """how often it was called before"""


@dataclass(frozen=True)
class Trace:
    """A pass of one input through a network."""

    calls: list[Call]
    scores: Tensor
    picture: Tensor
    """where its graph begins"""


def trace(model: nn.Module, x: Tensor, read: Reading, run: Run = alone) -> Trace:
    """Runs the network for one picture [1, C, H, W] and keeps all outputs, safe from operations in place.

    To be called inside `untouched`, with gradients enabled.
    """
    modules = dict(model.named_modules())
    calls: list[Call] = []
    times = Counter[str]()

    def keep(name: str, output: Any) -> Any:
        if (value := first_tensor(output)) is None:
            return output
        calls.append(Call(name, modules[name], value, value.clone(), times[name]))
        times[name] += 1
        return replaced(output, value, calls[-1].passed)

    with Hooks(model) as hooks:
        hooks.forward(lambda name, _: bool(name), keep)
        picture = x.detach().clone().requires_grad_()
        scores = read(run(hooks.model, picture))
    return Trace(_of_picture(calls, scores), scores, picture)


def _of_picture(calls: list[Call], scores: Tensor) -> list[Call]:
    """Those that got something of the picture: not of what stands beside it, nor of tables of positions."""
    return [call for call in calls if call.value.requires_grad] if scores.requires_grad else calls


def replaced(output: Any, old: Tensor, new: Tensor) -> Any:
    """An output with one of its tensors replaced."""
    return mapped(lambda tensor: new if tensor is old else tensor, output)


def candidates(found: Trace, aim: Aim, size: Grid) -> list[Candidate]:
    """The layers with places, best first: the chosen one, the last of each size of map, then all others from the end.

    Of modules that give the same, as a container and its last layer do, there is one.
    """
    read: list[tuple[Call, Places]] = []
    grids: list[Grid] = []
    steps = False
    for call in _distinct(found.calls, found.scores):
        steps = steps or isinstance(call.module, nn.RNNBase)
        if steps and call.value.dim() == 3:
            continue  # what a recurrent layer gives at a place is of all places before it
        if places := places_of(call.module, call.value.shape, size, grids):
            read.append((call, places))
            grids.append((places.height, places.width))
    read = [item for item in read if not isinstance(item[0].module, (*PASSING, *POOLING)) and not _moves(item[0])]
    reached = _reached([call for call, _ in read], [places for _, places in read], aim(found.scores))
    made = [_candidate(call, places, there) for (call, places), there in zip(read, reached, strict=True)]
    return _ranked(made, dense=found.scores.dim() == 4)


def _moves(call: Call) -> bool:
    """Whether a module only orders anew, as torchvision's Permute does."""
    return type(call.module).__name__ in ("Permute", "Transpose", "Rearrange")


def _candidate(call: Call, places: Places, reaches: bool) -> Candidate:
    channels = places.maps(call.value).shape[1]
    kind = type(call.module).__name__
    return Candidate(call.name, kind, channels, places, reaches, _norm(call.module), call.time)


def _norm(module: nn.Module) -> bool:
    """Of any library; one with a linear layer inside, as LeViT has, is none."""
    return "Norm" in type(module).__name__ and all(parameter.dim() < 2 for parameter in module.parameters())


def _distinct(calls: Sequence[Call], scores: Tensor) -> list[Call]:
    """One call for each value, in order, without the output itself.

    It is that of the innermost layer, if its name means this one call: a ReLU that a block uses twice does not.
    """
    times = Counter(call.name for call in calls)
    last = {call.name: call for call in calls}
    same: dict[int, list[Call]] = {}
    groups: list[list[Call]] = []
    for call in calls:
        group = same.get(id(call.value)) if call.value._version == 0 else None
        if group is None:
            groups.append(group := [])
        group.append(call)
        same[id(call.passed)] = group
    meant = [_meant([call for call in group if last[call.name] is call], times) for group in groups]
    return [call for call in meant if call is not None and call.passed is not scores]


def _meant(group: Sequence[Call], times: Mapping[str, int]) -> Call | None:
    return next((call for call in group if times[call.name] == 1), group[-1] if group else None)


def _reached(calls: Sequence[Call], places: Sequence[Places], score: Tensor) -> list[bool]:
    """For each call whether the score depends on the places of its output."""
    having = [call.value for call in calls if call.value.requires_grad]
    if not having or not score.requires_grad:
        return [False] * len(calls)
    gradients = iter(torch.autograd.grad(score.sum(), having, allow_unused=True, retain_graph=True))
    found = [next(gradients) if call.value.requires_grad else None for call in calls]
    return [
        grad is not None and bool(place.maps(grad).count_nonzero()) for grad, place in zip(found, places, strict=True)
    ]


def _ranked(made: list[Candidate], dense: bool) -> list[Candidate]:
    if not made:
        return []
    order = made[::-1]
    best = _best_of_segmentation(order) if dense else _best(order)
    order.sort(key=lambda item: not item.reaches)
    ends: dict[Grid, Candidate] = {}
    for item in order:  # the end of a stage has a shorter name than the inside of the next stage's first block
        if item.grid not in ends or (item.reaches and item.name.count(".") < ends[item.grid].name.count(".")):
            ends[item.grid] = item
    return list(dict.fromkeys([best, *ends.values(), *order]))


def _best(order: Sequence[Candidate]) -> Candidate:
    """The last that reaches the score; among tokens the last norm, for inside of a block they are cut up."""
    reaching = [item for item in order if item.reaches] or list(order)
    last = reaching[0]
    if last.places.kind == "channels first":
        return last
    return next((item for item in reaching if item.norm and item.grid == last.grid), last)


def _best_of_segmentation(order: Sequence[Candidate]) -> Candidate:
    """The deepest: smallest maps, most channels; what comes behind is already the answer."""
    reaching = [item for item in order if item.reaches] or list(order)
    return min(reaching, key=lambda item: (item.places.height * item.places.width, -item.channels))


def pick(model: nn.Module, found: Trace, ranked: Sequence[Candidate], layer: str, size: Grid) -> Candidate:
    """The layer of that name, or the best.

    Raises:
        TorchworkError: there is no such layer, it is not called, or its output has no places.
    """
    if not ranked:
        raise TorchworkError(
            "no layer of this network gives maps; use a method that needs none: saliency, smoothgrad, "
            "integrated-gradients, occlusion"
        )
    if not layer:
        return ranked[0]
    known = next((item for item in ranked if item.name == layer), None)
    if known is not None:
        return known
    return _named(model, found, ranked, layer, size)


def _named(model: nn.Module, found: Trace, ranked: Sequence[Candidate], layer: str, size: Grid) -> Candidate:
    """A layer that is no candidate of its own: a container, a pooling."""
    modules = dict(model.named_modules())
    if layer not in modules:
        raise TorchworkError(no_such(layer, [name for name in modules if name]))
    use = ", ".join(f"{item.name} ({item.output})" for item in ranked[:NAMED])
    call = next((call for call in reversed(found.calls) if call.name == layer), None)
    if call is None:
        raise TorchworkError(
            f"the layer {layer} is not called by itself, or gets nothing of the picture: nothing can be seen of it; "
            f"use {use}"
        )
    grids = [item.grid for item in reversed(ranked)]
    places = places_of(call.module, call.value.shape, size, grids)
    if places is None:
        shape = "×".join(map(str, call.value.shape[1:]))
        raise TorchworkError(f"the layer {layer} gives {shape}, which has no places in the picture; use {use}")
    return _candidate(call, places, True)
