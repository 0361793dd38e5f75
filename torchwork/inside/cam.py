"""Class activation maps: maps of one layer, summed with weights that say how much each speaks for the score.

Shapes: K channels, h w of the layer's maps. A maps [K, h, w], G gradients of the score with respect to A.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from torchwork.errors import TorchworkError
from torchwork.inside.case import Case
from torchwork.inside.chunks import in_chunks

EVEN = 1e-4
"""Gradients differ by less than this share of the largest: they are the same."""
NOISE = 1e-5
"""A sum of float32 below this share of its terms says nothing."""


def cam(case: Case) -> Tensor:
    """The weights of the linear layer times the maps, w[target] @ A (Zhou et al. 2016); [h, w], of both signs.

    Raises:
        TorchworkError: something else than global average pooling and one linear layer follows.
    """
    maps, gradients = case.maps()
    weights = gradients.mean((1, 2))
    # Whatever the code looks like: the score is such a sum if its gradient is the same at each place, and for any maps.
    apart = (gradients - weights[:, None, None]).abs().max()
    bent = (case.maps(scale=0.5)[1] - gradients).abs().max()
    if max(apart, bent) > EVEN * gradients.abs().max():
        name = case.layer.name if case.layer else ""
        raise TorchworkError(
            f"CAM needs global average pooling and one linear layer behind {name}, and here is something else; use "
            "grad-cam, which is the same where CAM can be"
        )
    return torch.einsum("k,khw->hw", weights * maps[0].numel(), maps)


def grad_cam(case: Case) -> Tensor:
    """relu(sum_k mean(G_k) A_k) (Selvaraju et al. 2017); [h, w]."""
    maps, gradients = case.maps()
    return torch.einsum("k,khw->hw", gradients.mean((1, 2)), maps).relu()


def grad_cam_plus_plus(case: Case) -> Tensor:
    """Grad-CAM with positive gradients only, each weighed by G^2 / (2 G^2 + sum(A) G^3) (Chattopadhay et al. 2018).

    That is 1 / (2 + sum(A) G): dividing first keeps small gradients from vanishing in their third power.
    """
    maps, gradients = case.maps()
    below = 2 + maps.sum((1, 2), keepdim=True) * gradients
    shares = torch.where((gradients != 0) & (below != 0), 1 / torch.where(below != 0, below, 1), 0)
    return torch.einsum("k,khw->hw", (shares * gradients.relu()).sum((1, 2)), maps).relu()


def layer_cam(case: Case) -> Tensor:
    """relu(sum_k relu(G_k) A_k), place by place (Jiang et al. 2021)."""
    maps, gradients = case.maps()
    return (gradients.relu() * maps).sum(0).relu()


def hires_cam(case: Case) -> Tensor:
    """sum_k G_k A_k, place by place (Draelos and Carin 2020): of both signs, for a linear end the exact shares."""
    maps, gradients = case.maps()
    shares = gradients * maps
    total = shares.sum(0)
    # A LayerNorm right behind does not see how large its input is: all shares cancel, and what is left is rounding.
    return total if total.abs().max() > NOISE * shares.abs().sum(0).max() else torch.zeros_like(total)


def eigen_cam(case: Case) -> Tensor:
    """The maps along their first principal direction (Muhammad and Yeasin 2020); the same for every class."""
    maps = case.activations()
    if not bool(maps.isfinite().all()):  # which the decomposition refuses
        return torch.full_like(maps[0], torch.nan)
    flat = maps.flatten(1).double()  # [K, places]
    tall = flat.shape[0] > flat.shape[1]
    _, vectors = torch.linalg.eigh(flat.T @ flat if tall else flat @ flat.T)
    strongest = vectors[:, -1] if tall else vectors[:, -1] @ flat
    along: Tensor = strongest.view(maps.shape[1:]) * torch.sign(strongest.sum())  # of two directions that of most
    return along.float()


def score_cam(case: Case) -> Tensor:
    """relu(sum_k softmax(scores)_k A_k), scores of the picture seen through each map alone (Wang et al. 2020)."""
    maps = case.activations()
    maps = maps[maps.amax((1, 2)) != maps.amin((1, 2))]  # a flat one hides nothing

    def seen(begin: int, end: int) -> Tensor:
        return case.scores(case.x * _masks(maps[begin:end], case.size).to(case.x.dtype))

    scores = in_chunks(len(maps), seen, case.progress) if len(maps) else maps.sum((1, 2))
    return torch.einsum("k,khw->hw", scores.to(maps).softmax(0), maps).relu()


def _masks(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Each map from 0 to 1 in the picture's size, [K, 1, H, W]."""
    large = F.interpolate(maps[:, None], size, mode="bilinear", align_corners=False)
    low, high = large.amin((1, 2, 3), keepdim=True), large.amax((1, 2, 3), keepdim=True)
    return (large - low) / (high - low).clamp_min(torch.finfo(large.dtype).tiny)
