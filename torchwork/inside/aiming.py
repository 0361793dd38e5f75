"""What is explained of a network's output: the score of one class, of a segmentation within a region.

Shapes: N inputs, K classes or values, H W of a segmentation's scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from torchwork.errors import TorchworkError
from torchwork.inside.layers import first_tensor

Region = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels of the input; x2 and y2 are outside. A pixel is (x, y, x + 1, y + 1)."""
Reading = Callable[[Any], Tensor]
"""Makes scores [N, K] or [N, K, H, W] of what a network gives."""


def scores_of(output: Any) -> Tensor:
    """The scores in an output: its first tensor, [N, K] or [N, K, H, W]; one number of each input is one class.

    Raises:
        TorchworkError: it is of another shape.
    """
    scores = first_tensor(output)
    if scores is not None and scores.dim() == 1:
        scores = scores[:, None]
    if scores is None or scores.dim() not in (2, 4):
        shape = "no tensor" if scores is None else f"shape {list(scores.shape)}"
        raise TorchworkError(
            f"expected scores of classes [N, K], or of each pixel [N, K, H, W], got an output of {shape}; "
            "give `read`, a function that makes scores of the output"
        )
    return scores


@dataclass(frozen=True)
class Aim:
    """The class `target`, and how much each place of a segmentation counts [H, W], of 1 in all."""

    target: int
    weights: Tensor | None = None

    def __call__(self, scores: Tensor) -> Tensor:
        """One number for each input, [N]."""
        chosen = scores[:, self.target]
        return chosen if self.weights is None else (chosen * self.weights).sum((1, 2))


def aim_at(scores: Tensor, target: int | None, region: Region | None, size: tuple[int, int]) -> Aim:
    """The aim for the scores of one input, [1, K] or [1, K, H, W], whose picture has the `size` (height, width).

    Without a target it is the class with the highest score, in a segmentation the one that wins most places; without
    a region a segmentation counts the places that its class wins.

    Raises:
        TorchworkError: there is no such class, or nothing in the region.
    """
    scores = scores.detach()
    _check_target(scores, target)
    if scores.dim() == 2:
        if region is not None:
            raise TorchworkError("a region is of a segmentation, and this network says classes; leave it out")
        return Aim(int(scores[0].argmax()) if target is None else target)
    winners = scores[0].argmax(0)
    inside = torch.ones_like(winners, dtype=torch.bool) if region is None else _within(region, winners, size)
    chosen = int(torch.bincount(winners[inside]).argmax()) if target is None else target
    if region is None and bool((winners == chosen).any()):
        inside = winners == chosen
    return Aim(chosen, inside.to(scores.dtype) / inside.sum())


def summed(scores: Tensor, aim: Aim) -> Tensor:
    """The scores of all classes [K], of a segmentation their mean over the places that count."""
    scores = scores.detach()[0]
    return scores if aim.weights is None else (scores * aim.weights).sum((1, 2))


def _check_target(scores: Tensor, target: int | None) -> None:
    if target is not None and not (isinstance(target, int) and 0 <= target < scores.shape[1]):
        raise TorchworkError(
            f"expected a class from 0 to {scores.shape[1] - 1}, got {target}; leave it out for the highest"
        )


def _within(region: Region, winners: Tensor, size: tuple[int, int]) -> Tensor:
    """The places of a segmentation that lie in a region of the picture, at least one."""
    x1, y1, x2, y2 = region
    height, width = size
    if not (0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height):
        raise TorchworkError(
            f"expected a region x1, y1, x2, y2 within the picture of {width}×{height}, "
            f"got {', '.join(map(str, region))}"
        )
    inside = torch.zeros_like(winners, dtype=torch.bool)
    rows, columns = winners.shape
    top, left = y1 * rows // height, x1 * columns // width
    inside[top : max(top + 1, -(-y2 * rows // height)), left : max(left + 1, -(-x2 * columns // width))] = True
    return inside
