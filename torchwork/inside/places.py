"""How the output of a layer is read as maps: channels first, channels last (Swin), or the tokens of a ViT.

Shapes: N inputs, C channels, H W of the picture, h w of the map, T tokens, those of classes and registers first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

Grid = tuple[int, int]
FIRST = (
    nn.modules.conv._ConvNd,
    nn.modules.batchnorm._BatchNorm,
    nn.modules.instancenorm._InstanceNorm,
    nn.GroupNorm,
    nn.Upsample,
    nn.PixelShuffle,
)
"""Layers of torch whose channels are dimension 1, whatever the sizes."""
MATRICES = (nn.Softmax, nn.Softmax2d, nn.LogSoftmax)
"""What these give of attention, [N, heads, T, T], is no map of the picture."""
USUAL = (0, 1, 2, 5)
"""Tokens that are no place: none, the class's, also one for distillation, or a class and four registers."""
EXTRA = (*USUAL, 4, 9, 8)
"""Also registers alone, and eight of them: where the grid of the others is known."""
FEWEST = 4
"""Places of a map."""
Kind = Literal["channels first", "channels last", "tokens"]


@dataclass(frozen=True)
class Places:
    """Where the places of a picture are in an output."""

    kind: Kind
    height: int
    width: int
    skip: int = 0
    """so many tokens in front are no places"""
    second: bool = False
    """tokens are dimension 0, inputs dimension 1"""

    def maps(self, output: Tensor) -> Tensor:
        """The output as maps [N, C, h, w], a view."""
        if self.kind == "channels first":
            return output
        if self.kind == "channels last":
            return output.permute(0, 3, 1, 2)
        tokens = output.transpose(0, 1) if self.second else output
        return tokens[:, self.skip :].transpose(1, 2).reshape(len(tokens), -1, self.height, self.width)


def places_of(layer: nn.Module, shape: Sequence[int], size: Grid, grids: Sequence[Grid]) -> Places | None:
    """How the output of this shape, of one picture of `size` (H, W), is read; None where it has no places.

    `grids` are the maps that came before, the latest last: a sequence as long as one of them is one.
    """
    found = None
    if len(shape) == 4 and not isinstance(layer, MATRICES):
        found = _channels(layer, shape, size, grids)
    elif len(shape) == 3:
        found = _tokens(shape, size, grids)
    return found if found and found.height * found.width >= FEWEST else None


def _channels(layer: nn.Module, shape: Sequence[int], size: Grid, grids: Sequence[Grid]) -> Places | None:
    first = Places("channels first", shape[2], shape[3])
    last = Places("channels last", shape[1], shape[2])
    if isinstance(layer, FIRST):
        return first
    if _of_last(layer, shape[-1]):
        grid = shape[1], shape[2]
        return last if grid in grids or (_like(grid, size) and not _table(grid, grids)) else None
    fitting = [item for item in (first, last) if _like((item.height, item.width), size)]
    fitting = [item for item in fitting if not _table((item.height, item.width), grids)]
    fitting = fitting or [item for item in (first, last) if (item.height, item.width) in grids]
    return min(fitting, key=lambda item: _off((item.height, item.width), size), default=None)


def _table(grid: Grid, grids: Sequence[Grid]) -> bool:
    """Whether it is attention, as many rows and columns as there are tokens, and no map that was seen before."""
    tokens = {height * width + extra for height, width in grids for extra in EXTRA}
    return grid[0] == grid[1] and grid[0] in tokens and grid not in grids


def _of_last(layer: nn.Module, channels: int) -> bool:
    """Whether the layer works along the last dimension; torchvision's LayerNorm2d is one that does not."""
    if isinstance(layer, nn.LayerNorm):
        return tuple(layer.normalized_shape) == (channels,) and not type(layer).__name__.endswith("2d")
    return isinstance(layer, nn.Linear)


def _tokens(shape: Sequence[int], size: Grid, grids: Sequence[Grid]) -> Places | None:
    second = shape[1] == 1 < shape[0]
    count = shape[0] if second else shape[1]
    for skip in EXTRA:
        for height, width in reversed(grids):
            if height * width == count - skip:
                return Places("tokens", height, width, skip, second)
    for skip in USUAL:
        if (places := count - skip) >= FEWEST:
            height = max(1, round(math.sqrt(places * size[0] / size[1])))
            grid = height, places // height
            if places % height == 0 and _like(grid, size) and (not grids or grid in _halved(grids)):
                return Places("tokens", *grid, skip, second)
    return None


def _halved(grids: Sequence[Grid]) -> set[Grid]:
    """Grids that a transformer makes of those before, where it merges neighbours."""
    return {(-(-height // by), -(-width // by)) for height, width in grids for by in (2, 4)}


def _off(grid: Sequence[int], size: Grid) -> float:
    """How far a grid is from the picture's proportions, in places."""
    return abs(grid[0] - grid[1] * size[0] / size[1])


def _like(grid: Sequence[int], size: Grid) -> bool:
    """Whether a grid has the picture's proportions, up to rounding at each halving."""
    return _off(grid, size) <= 1.5 * max(1, size[0] / size[1]) and grid[0] <= 2 * size[0]
