"""Which samples a network is wrong about, the worst first. Shapes: N samples, C classes."""

from __future__ import annotations

import torch
from torch import Tensor


def cross_entropies(scores: Tensor, targets: Tensor) -> Tensor:
    """-log of the probability of the true class, float64 [N, ...], of probabilities [N, C, ...] and classes [N, ...].

    It is what CrossEntropyLoss gives for each sample, whatever a run was trained with; 0 where the target is no class.
    """
    counted = (targets >= 0) & (targets < scores.shape[1])
    found = scores.gather(1, targets.where(counted, 0).long().unsqueeze(1)).squeeze(1).double()
    return found.clamp_min(torch.finfo(torch.float64).tiny).log().neg().where(counted, 0.0)


def largest_losses(losses: Tensor, among: Tensor | None = None, count: int | None = None) -> list[int]:
    """Indices into the split, the largest losses [N] first; `among` bool [N] says which are meant.

    Losses that are not a number come first: nothing is worse.
    """
    return _largest(losses.nan_to_num(nan=torch.inf, posinf=torch.inf), among, count)


def most_certain(confidences: Tensor, wrong: Tensor, count: int | None = None) -> list[int]:
    """Indices of the mistakes, bool [N], that the network was surest of, by its certainties [N]."""
    return _largest(confidences.nan_to_num(nan=-1.0), wrong, count)


def _largest(values: Tensor, among: Tensor | None, count: int | None) -> list[int]:
    """The order of equal values is that of the split."""
    places = torch.arange(len(values)) if among is None else among.nonzero().flatten()
    order = values[places].sort(descending=True, stable=True).indices[:count]
    found: list[int] = places[order].tolist()
    return found
