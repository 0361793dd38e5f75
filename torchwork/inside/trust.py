"""Whether a map says anything of what the network has learned (Adebayo et al. 2018).

The last layers are made random again, in a copy. A map that hardly changes shows what is in the picture, not what the
network made of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from torchwork.inside.case import Case
from torchwork.inside.chunks import share
from torchwork.inside.layers import WHOLE
from torchwork.inside.targets import Trace

ALIKE = 0.8
"""Maps that correlate by more than this are the same to the eye."""
LOSS = "loss."
"""What begins so belongs to a loss inside the model, and is no layer of it."""
LAYERS = 3
"""So many layers with weights are made random, where none is looked at."""


@dataclass(frozen=True)
class Trust:
    """The verdict; `trusted` is None where it could not be tried."""

    trusted: bool | None
    correlation: float | None
    sentence: str


def trust(case: Case, shown: Tensor, names: list[str], draw: Callable[[Case], Tensor], draws: int = 1) -> Trust:
    """Compares the map `shown` [H, W] with what `draw` makes of the network when its layers `names` are random.

    Of `draws` random networks the mean counts: by chance a small map may come again.
    """
    if bool(shown.isnan().any()):
        return Trust(None, None, "what the network gives here is no number: its training has diverged")
    if not bool((shown > 0).any()):
        return Trust(None, None, "the map is flat: nothing here speaks for this class; try another class or layer")
    if not names:
        return Trust(None, None, "not tried: the network has no weights that could be made random")
    try:
        model = copy.deepcopy(case.model)
    except Exception as error:  # whatever a module of one's own holds: locks, files, generators
        return Trust(None, None, f"not tried: the network cannot be copied ({type(error).__name__})")
    alike = []
    for seed in range(draws):
        other = replace(case, model=model, progress=share(case.progress, 1 + seed, 1 + draws))
        alike.append(correlation(shown, _drawn(draw, other, names, seed)))
    return _verdict(sum(alike) / draws, names)


def _drawn(draw: Callable[[Case], Tensor], case: Case, names: list[str], seed: int) -> Tensor:
    """The map of the network with random last layers."""
    for number, name in enumerate(names):
        _randomize(case.model.get_submodule(name), seed * len(names) + number)
    return draw(case)


def _verdict(alike: float, names: list[str]) -> Trust:
    layers = ", ".join(names[:LAYERS]) + f" and {len(names) - LAYERS} more" * (len(names) > LAYERS)
    if alike > ALIKE:
        return Trust(
            False,
            alike,
            f"do not trust this map: it is nearly the same (correlation {alike:.2f}) with {layers} made random",
        )
    return Trust(True, alike, f"the map changes (correlation {alike:.2f}) with {layers} made random")


def last_layers(found: Trace, layer: str) -> list[str]:
    """The layers with weights that are called after `layer`, at least the last; for none (empty), the last few."""
    names = [call.name for call in found.calls]
    begin = len(names) - 1 - names[::-1].index(layer) if layer in names else -1
    weighted = [
        (place, call.name)
        for place, call in enumerate(found.calls)
        if any(True for _ in call.module.parameters()) and _innermost(call.module) and not call.name.startswith(LOSS)
    ]
    behind = [item for item in weighted if item[0] > begin] or weighted[-1:]
    return list(dict.fromkeys(name for _, name in (behind if layer else weighted[-LAYERS:])))


def _innermost(module: nn.Module) -> bool:
    return isinstance(module, WHOLE) or not any(True for _ in module.children())


def _randomize(module: nn.Module, seed: int) -> None:
    """Makes the weights of a layer random, with the mean and deviation that they have: outputs stay of their size."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in (item for item in module.parameters() if item.is_floating_point() and item.numel()):
            drawn = torch.randn(parameter.shape, generator=generator).to(parameter)
            parameter.copy_(drawn * parameter.std(correction=0) + parameter.mean())


def correlation(one: Tensor, other: Tensor) -> float:
    """Pearson's, of two maps; 0 where one of them is flat."""
    first, second = one.flatten().double(), other.flatten().double()
    first, second = first - first.mean(), second - second.mean()
    size = float(first.norm() * second.norm())
    return float(first @ second) / size if size > 0 else 0.0
