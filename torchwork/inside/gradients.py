"""Explanations by gradients with respect to the picture: each of its pixels has a number.

Shapes: C H W of the picture; each gives [H, W].
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from torchwork.inside.case import Case
from torchwork.inside.chunks import in_chunks

NOISY = 25
"""Noisy copies for SmoothGrad."""
NOISE = 0.15
"""Standard deviation of the noise, of the picture's range."""
STEPS = 50
"""Between the baseline and the picture."""
SEED = 0


def saliency(case: Case) -> Tensor:
    """The largest |gradient| of a pixel's channels (Simonyan et al. 2013)."""
    return _mean_gradient(case, lambda begin, end: case.x, 1).abs().amax(0)


def smoothgrad(case: Case) -> Tensor:
    """The same of the mean gradient of noisy copies (Smilkov et al. 2017); the noise is the same each time."""
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(NOISY, *case.x.shape[1:], generator=generator).to(case.x)
    sigma = NOISE * (case.x.amax() - case.x.amin())
    return _mean_gradient(case, lambda begin, end: case.x + sigma * noise[begin:end], NOISY).abs().amax(0)


def integrated_gradients(case: Case) -> Tensor:
    """(x - 0) times the mean gradient on the way from 0 to x, summed over channels (Sundararajan et al. 2017).

    All pixels together are the difference of the scores of x and of 0, the mean picture of normalised data. The mean
    is by the Gauss-Legendre rule.
    """
    places, weights = np.polynomial.legendre.leggauss(STEPS)
    steps = torch.from_numpy((places + 1) / 2).to(case.x).view(-1, 1, 1, 1)
    shares = torch.from_numpy(weights / 2).to(case.x).view(-1, 1, 1, 1)
    found = in_chunks(
        STEPS,
        lambda begin, end: (case.gradient(case.x * steps[begin:end]) * shares[begin:end]).sum(0, keepdim=True),
        case.progress,
    )
    return (case.x[0] * found.sum(0)).sum(0)


def _mean_gradient(case: Case, inputs: Callable[[int, int], Tensor], count: int) -> Tensor:
    """The mean over `count` inputs, [C, H, W]."""
    found = in_chunks(count, lambda begin, end: case.gradient(inputs(begin, end)).sum(0, keepdim=True), case.progress)
    return found.sum(0) / count
