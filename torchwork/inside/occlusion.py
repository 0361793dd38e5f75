"""Occlusion: how much the score falls when a patch of the picture is hidden (Zeiler and Fergus 2014)."""

from __future__ import annotations

import torch
from torch import Tensor

from torchwork.inside.case import Case
from torchwork.inside.chunks import in_chunks

PATCHES = 8
"""A patch is so much smaller than the shorter side; the next begins half a patch further."""


def occlusion(case: Case, patch: int = 0, stride: int = 0) -> Tensor:
    """The fall of the score for each pixel [H, W], the mean of all patches over it; hidden is 0, the mean colour."""
    height, width = case.size
    patch = patch or max(1, min(height, width) // PATCHES)
    stride = stride or max(1, patch // 2)
    corners = [(y, x) for y in _begins(height, patch, stride) for x in _begins(width, patch, stride)]
    whole = case.scores(case.x)

    def fall(begin: int, end: int) -> Tensor:
        hidden = case.x.repeat(end - begin, 1, 1, 1)
        for row, (y, x) in zip(hidden, corners[begin:end], strict=True):
            row[:, y : y + patch, x : x + patch] = 0
        return whole - case.scores(hidden)

    falls = in_chunks(len(corners), fall, case.progress).float()
    total, times = torch.zeros(2, height, width, device=falls.device)
    for value, (y, x) in zip(falls, corners, strict=True):
        total[y : y + patch, x : x + patch] += value
        times[y : y + patch, x : x + patch] += 1
    fallen: Tensor = total / times
    return fallen


def _begins(length: int, patch: int, stride: int) -> list[int]:
    """Where patches begin, so that the last one ends at the border."""
    last = max(0, length - patch)
    return [*range(0, last, stride), last]
