"""What is seen of a network at the end of an epoch: outputs of every layer for a few fixed samples, and its kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.inside.given import called
from torchwork.inside.grids import Pixels, grid, scaled, smaller
from torchwork.inside.histograms import Histogram, histogram
from torchwork.inside.hooks import Hooks
from torchwork.inside.kernels import COLOURS, kernels_of
from torchwork.inside.layers import first_tensor, layers, watched
from torchwork.inside.maps import Maps
from torchwork.inside.overview import costs_of_one
from torchwork.inside.untouched import mapped, untouched
from torchwork.record import EventWriter

MOST_SAMPLES = 8
CHANNELS, SIDE, ROW = 16, 48, 4
"""Maps of a layer that are recorded for each sample, pixels of their longer side, and maps in a row for one sample."""
MOST_KERNELS = 64
Forward = Callable[[nn.Module, Any], Any]


@dataclass
class EpochView:
    """What was seen, by tag."""

    numbers: dict[str, float] = field(default_factory=dict)
    histograms: dict[str, Histogram] = field(default_factory=dict)
    pictures: dict[str, Pixels] = field(default_factory=dict)

    def record(self, writer: EventWriter, step: int) -> None:
        """Writes all of it."""
        writer.scalars(step, self.numbers)
        for tag, found in self.histograms.items():
            found.record(writer, step, tag)
        for tag, picture in self.pictures.items():
            writer.image(step, tag, picture)


def rarely(epoch: int, last: int) -> bool:
    """Epochs 1, 2, 3, 5, 8, 13, ... and the last: some twenty of a thousand."""
    before, now = 1, 1
    while now < epoch:
        before, now = now, before + now
    return epoch in (now, last)


class EpochLook:
    """Looks at `model` with the first samples of `inputs`, which `forward(model, inputs)` runs it on.

    In evaluation mode and without gradients, in a pass of its own; the model is left as it was. `maps` samples are
    drawn, 0 for none.
    """

    def __init__(
        self, model: nn.Module, inputs: Any, forward: Forward | None = None, *, maps: int = 1, histograms: bool = True
    ) -> None:
        self.model, self.forward = model, forward or called
        self.maps, self.histograms, self._taken = min(maps, MOST_SAMPLES), histograms, False
        self.inputs = mapped(lambda tensor: tensor[:MOST_SAMPLES].detach().clone(), inputs)

    def take(self) -> EpochView:
        """Histograms `outputs/<layer>`, pictures `maps/<layer>` and `kernels/<layer>`; at first also the costs."""
        view, read = EpochView({} if self._taken else self.costs()), Maps(self.inputs)
        self._taken = True
        with untouched(self.model), Hooks(self.model) as hooks, torch.no_grad():
            hooks.model.eval()
            for name, layer in watched(hooks.model).items():
                layer.register_forward_hook(partial(self._keep, view, read, name))  # `untouched` takes it off
            self.forward(hooks.model, self._given())
            view.pictures |= dict(_kernels(hooks.model)) if self.maps else {}
        return view

    def costs(self) -> dict[str, float]:
        """`layer_time/<layer>` in milliseconds and `layer_memory/<layer>` in bytes, both passes of one sample."""
        found = costs_of_one(self.model, self._given(), self.forward)
        times = {f"layer_time/{name}": cost.milliseconds for name, cost in found.items()}
        return times | {f"layer_memory/{name}": float(cost.memory) for name, cost in found.items()}

    def _given(self) -> Any:
        """Copies, for the model may change them, where the model is."""
        weight = next(self.model.parameters(), None)
        device = torch.device("cpu") if weight is None else weight.device
        return mapped(lambda tensor: tensor.to(device, copy=True), self.inputs)

    def _keep(self, view: EpochView, read: Maps, name: str, layer: nn.Module, _: Any, output: Any) -> None:
        values, maps = first_tensor(output), read(layer, output) if self.maps else None
        if values is None or f"outputs/{name}" in view.histograms or f"maps/{name}" in view.pictures:
            return  # it is called again
        if self.histograms:
            view.histograms[f"outputs/{name}"] = histogram(values)
        if maps is not None and min(maps.shape[2:]) > 1:
            view.pictures[f"maps/{name}"] = self._picture(maps)

    def _picture(self, maps: Tensor) -> Pixels:
        """The first channels: of one sample in a square, of several in a row for each."""
        samples = maps[: self.maps, :CHANNELS]
        columns = ROW if len(samples) == 1 else samples.shape[1]
        return grid(scaled(smaller(samples.flatten(0, 1), SIDE)).pixels, columns)


def _kernels(model: nn.Module) -> Iterator[tuple[str, Pixels]]:
    """Of the convolutions that look at pictures themselves, not at maps."""
    for name, layer in layers(model):
        kernels = kernels_of(layer) if getattr(layer, "in_channels", 0) in (1, COLOURS) else None
        if kernels is not None and min(kernels.shape[1:3]) > 1:
            yield f"kernels/{name}", grid(scaled(kernels[:MOST_KERNELS]).pixels)
