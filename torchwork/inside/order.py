"""Whether tokens lie row by row in the picture, which some transformers give up: Hiera orders them by windows.

Shapes: C H W of the picture, c channels, h w of the map.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from torchwork.inside.places import Places

ASKED = ((0, 1), (1, 0), (0.5, 0.5), (0.35, 0.65), (0.65, 0.35), (0.5, 0))
"""Tokens that are asked, as shares of height and width; the first and the last lie right in every order by windows."""
SMALLEST = 4
"""Places of a side: on smaller maps neighbours are everywhere."""


def in_order(picture: Tensor, value: Tensor, places: Places) -> bool:
    """Whether most of some tokens depend mostly on the place of the picture [1, C, H, W] where they should lie.

    `value` is what the layer gave in a pass of `picture`, with its graph, which is kept.
    """
    if places.kind != "tokens" or min(places.height, places.width) < SMALLEST or not value.requires_grad:
        return True
    maps = places.maps(value)[0]  # [c, h, w]
    mix = torch.randn(len(maps), generator=torch.Generator().manual_seed(0)).to(maps)  # a norm makes plain sums 0
    right = 0
    for down, along in ASKED:
        row, column = round(down * (places.height - 1)), round(along * (places.width - 1))
        [slope] = torch.autograd.grad((maps[:, row, column] * mix).sum(), [picture], retain_graph=True)
        felt = F.adaptive_avg_pool2d(
            slope.float().square().sum(1, keepdim=True), (places.height, places.width)
        ).flatten()
        y, x = divmod(int(felt.argmax()), places.width)
        right += abs(y - row) <= 1 and abs(x - column) <= 1
    return 2 * right >= len(ASKED)
