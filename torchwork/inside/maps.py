"""Feature maps: a layer's output as one picture for each channel.

Shapes: n samples, c channels, h height, w width, H W of the pictures that the network got, T tokens.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.inside.given import called
from torchwork.inside.hooks import Hooks
from torchwork.inside.layers import ALONG, first_tensor, layers, unwrapped
from torchwork.inside.places import Grid, places_of
from torchwork.inside.untouched import mapped, untouched

CHANNELS_LAST = (nn.Linear, nn.LayerNorm)
"""Layers that write [n, h, w, c]: what works on the last dimension alone, as in a Swin transformer."""


class Maps:
    """Reads the outputs of one pass, in the order of its calls, as maps [n, c, h, w].

    Of pictures [n, C, H, W] the grids that came before say how tokens [n, T, c] lie; those of classes and registers
    are left out.
    """

    def __init__(self, inputs: Any) -> None:
        given: list[Tensor] = []
        mapped(given.append, inputs)
        picture = next((item for item in given if item.dim() == 4), None)
        self._samples = 0 if picture is None else len(picture)
        self._size: Grid = (0, 0) if picture is None else (picture.shape[2], picture.shape[3])
        self._grids: list[Grid] = []

    def __call__(self, layer: nn.Module, output: Any) -> Tensor | None:
        """The maps of what a layer gave; None where it has no place in the picture."""
        values = first_tensor(output)
        if values is None or not self._samples or values.dim() not in (3, 4) or isinstance(layer, (*ALONG, nn.RNNBase)):
            return maps_of(layer, output)
        if self._samples not in values.shape[:2]:  # windows, or times that are samples to these layers
            return maps_of(layer, output) if values.dim() == 4 else None
        second = values.dim() == 3 and len(values) != self._samples
        shape = (values.shape[0], 1, values.shape[2]) if second else (1, *values.shape[1:])
        places = places_of(layer, shape, self._size, self._grids)
        if places is None:
            return None
        self._grids.append((places.height, places.width))
        return places.maps(values)


def feature_maps(model: nn.Module, inputs: Any, names: Collection[str]) -> dict[str, Tensor | None]:
    """The maps of these layers for `inputs`, which are left as they are, in evaluation mode; of each its first call.

    None where a layer's output has no place in a picture; a layer that is not called is left out.
    """
    model, found = unwrapped(model), dict[str, Tensor | None]()
    read = Maps(inputs)

    def keep(name: str, layer: nn.Module, _: Any, output: Any) -> None:
        maps = read(layer, output)
        if name in names and name not in found:
            found[name] = None if maps is None else maps.detach().clone()

    with untouched(model), Hooks(model) as hooks, torch.no_grad():
        hooks.model.eval()
        looked = dict(layers(hooks.model)) | {name: hooks.model.get_submodule(name) for name in names}
        for name, layer in looked.items():
            layer.register_forward_hook(partial(keep, name))  # `untouched` takes it off
        called(hooks.model, mapped(Tensor.clone, inputs))
    return found


def maps_of(layer: nn.Module, output: Any) -> Tensor | None:
    """What a layer gave as maps [n, c, h, w], by itself; None where it has no place in a picture.

    Of a volume [n, c, d, h, w] the middle; of a sequence [n, c, length] strips of height 1.
    """
    values = first_tensor(output)
    if values is None or not values.numel():
        return None
    if values.dim() == 5:
        return values[:, :, values.shape[2] // 2]
    if values.dim() == 3 and isinstance(layer, ALONG):
        return values.unsqueeze(2)
    if values.dim() != 4 or values.shape[-1] * values.shape[-2] == 1:
        return None
    return values.permute(0, 3, 1, 2) if isinstance(layer, CHANNELS_LAST) else values
