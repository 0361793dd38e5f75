"""Feature maps: a layer's output as one picture for each channel. Shapes: n samples, c channels, h height, w width."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from torchwork.inside.layers import ALONG, first_tensor

CHANNELS_LAST = (nn.Linear, nn.LayerNorm)
"""Layers that write [n, h, w, c]: what works on the last dimension alone, as in a Swin transformer."""


def maps_of(layer: nn.Module, output: Any) -> Tensor | None:
    """What a layer gave as maps [n, c, h, w]; None where it has no place in a picture.

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
