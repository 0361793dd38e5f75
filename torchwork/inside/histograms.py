"""Histograms of weights and gradients: cheap enough for the end of every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from torchwork.record import EventWriter

BINS = 64


@dataclass(frozen=True)
class Histogram:
    """How values are spread: `edges` [bins + 1], `counts` [bins], and the sums that give mean and deviation.

    Values that are not finite are left out; `left_out` says how many.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.float64]
    total: float
    squares: float
    left_out: int = 0

    def record(self, writer: EventWriter, step: int, tag: str) -> None:
        """Writes it into a run's event file."""
        writer.histogram_counts(step, tag, self.edges, self.counts, total=self.total, squares=self.squares)


def histogram(values: Tensor, bins: int = BINS) -> Histogram:
    """The histogram of all elements of a tensor of any shape and device."""
    flat = values.detach().reshape(-1).float()
    finite = flat[torch.isfinite(flat)]
    left_out = flat.numel() - finite.numel()
    if not finite.numel():
        return Histogram(np.array([0.0, 1.0]), np.zeros(1), 0.0, 0.0, left_out)
    low, high = (float(end) for end in finite.aminmax())
    if low == high:  # a constant, such as a bias of zeros, still has a place
        low, high = low - max(abs(low), 1.0) * 1e-3, high + max(abs(high), 1.0) * 1e-3
    counts = torch.histc(finite, bins, low, high).double().cpu().numpy()
    exact = finite.double()
    return Histogram(
        np.linspace(low, high, bins + 1), counts, float(exact.sum()), float(exact.square().sum()), left_out
    )


def parameter_histograms(model: nn.Module) -> Iterator[tuple[str, Histogram]]:
    """`weights/<name>` of each parameter and `gradients/<name>` where it has a gradient, one at a time."""
    for name, parameter in model.named_parameters():
        yield f"weights/{name}", histogram(parameter)
        if parameter.grad is not None:
            yield f"gradients/{name}", histogram(_dense(parameter.grad))


def _dense(gradient: Tensor) -> Tensor:
    return gradient.coalesce().values() if gradient.is_sparse else gradient
