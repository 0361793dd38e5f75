"""t-SNE: points in two dimensions whose near neighbours are those that they have in many (van der Maaten, Hinton 2008).

Exact, on all pairs, so for some thousand points; beginning from PCA instead of from noise, so the same each time.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from torchwork.inside.embedding import pca

FEATURES = 50
"""Principal components that distances are measured in: the rest is mostly noise."""
PERPLEXITY = 30.0
"""Neighbours that each point minds, about."""
STEPS = 400
EARLY = 120
"""First steps, in which neighbours attract each other more, so that groups form."""
EXAGGERATION = 12.0
SEARCH = 40
"""Halvings in the search for each point's width."""


def tsne(rows: Tensor, perplexity: float = PERPLEXITY, steps: int = STEPS) -> Tensor:
    """Points [n, 2] of rows [n, F]; of fewer than four, their principal components."""
    count = len(rows)
    if count < 4:
        return pca(rows)
    reduced = pca(rows, min(FEATURES, rows.shape[1]))
    reduced = reduced / reduced.abs().max().clamp_min(1e-30)  # squares of 1e20 and more are infinite
    wanted = affinities(reduced, min(perplexity, (count - 1) / 3))
    points = reduced[:, :2] if reduced.shape[1] > 1 else pca(rows)
    points = points / points[:, 0].std().clamp_min(1e-12) * 1e-4
    speed, gains = torch.zeros_like(points), torch.ones_like(points)
    rate = max(count / EXAGGERATION, 50.0)  # Belkina et al. 2019
    for step in range(steps):
        early = step < EARLY
        slope = _slope(wanted, points, EXAGGERATION if early else 1.0)
        gains = torch.where(slope.sign() == speed.sign(), gains * 0.8, gains + 0.2).clamp_min(0.01)
        speed = (0.5 if early else 0.8) * speed - rate * gains * slope
        points = points + speed
        points = points - points.mean(0)
    return points


def affinities(rows: Tensor, perplexity: float) -> Tensor:
    """How likely two points are neighbours, [n, n], in all 1.

    Around each point lies a Gaussian so wide that the entropy of its neighbours is log(`perplexity`).
    """
    apart = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist").square()
    apart = apart / apart.mean().clamp_min(1e-30)
    apart.fill_diagonal_(math.inf)
    nearest = apart.min(1, keepdim=True).values
    low, high = torch.full_like(nearest, -30.0), torch.full_like(nearest, 30.0)
    for _ in range(SEARCH):
        middle = (low + high) / 2
        likely = (-(apart - nearest) * middle.exp()).softmax(1)
        wide = torch.special.entr(likely).sum(1, keepdim=True) > math.log(perplexity)
        low, high = torch.where(wide, middle, low), torch.where(wide, high, middle)
    return (likely + likely.T) / (2 * len(rows))


def _slope(wanted: Tensor, points: Tensor, exaggeration: float) -> Tensor:
    """The gradient of the Kullback-Leibler divergence."""
    squares = points.square().sum(1)
    near = torch.addmm(squares[:, None] + squares + 1, points, points.T, alpha=-2).clamp_min_(1).reciprocal_()
    near.fill_diagonal_(0)
    pull = (wanted * exaggeration - near / near.sum()) * near
    return 4 * (pull.sum(1, keepdim=True) * points - pull @ points)
