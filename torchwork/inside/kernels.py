"""The kernels of convolutions as pictures. Shapes: k kernels, h height, w width."""

from __future__ import annotations

from torch import Tensor, nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
COLOURS = 3
"""So many input channels are red, green and blue."""


def kernels_of(layer: nn.Module) -> Tensor | None:
    """The kernels [k, h, w], or [k, h, w, 3] where they look at colours; None of a layer that has none.

    The kernels of one output channel follow each other, one for each input channel. Of volumes each slice is one.
    """
    weight = _weight(layer)
    if weight is None:
        return None
    if weight.dim() == 4 and weight.shape[1] == COLOURS:
        return weight.permute(0, 2, 3, 1)
    if weight.dim() == 3:
        return weight.reshape(-1, 1, weight.shape[-1])
    return weight.reshape(-1, *weight.shape[-2:])


def kernel_count(layer: nn.Module) -> int:
    """How many pictures `kernels_of` gives, 0 for none."""
    kernels = kernels_of(layer)
    return 0 if kernels is None else len(kernels)


def _weight(layer: nn.Module) -> Tensor | None:
    """[out, in, ...] of a convolution that was made already."""
    if not isinstance(layer, (*CONVOLUTIONS, *TRANSPOSED)) or isinstance(layer.weight, nn.UninitializedParameter):
        return None
    weight = layer.weight.detach()
    return weight.transpose(0, 1) if isinstance(layer, TRANSPOSED) else weight
