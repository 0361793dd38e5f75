"""Samples as points: what a network makes of them in its last hidden layer, seen in two dimensions.

Shapes: n samples, F features, T places (pixels, tokens, time steps).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from torchwork.inside.hooks import Hooks, exactly
from torchwork.inside.layers import channels_of, first_tensor, layers

SAMPLES = 2000
"""So many are enough to be seen."""
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, nn.LocalResponseNorm)


class LastHidden:
    """Reads what the last layer with weights gets, usually the last Linear, while the network runs; `with` ends it.

    Which layer that is, a first run says, and `choose`; until then `name` is None.
    """

    def __init__(self, model: nn.Module) -> None:
        self.name: str | None = None
        self._hooks, self._rows = Hooks(model), torch.empty(0)
        self._seen: str | None = None
        self._samples = 0
        self._layers = {name: layer for name, layer in layers(self._hooks.model) if _weighs(layer)}
        self._handles = [self._hooks.forward_pre(exactly(name), self._see) for name in self._layers]

    def __enter__(self) -> LastHidden:
        self._hooks.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._hooks.remove()

    def choose(self) -> None:
        """The layer that was called last is read from now on."""
        for handle in self._handles:
            handle.remove()
        self.name = self._seen
        if self.name is not None:
            self._hooks.forward_pre(exactly(self.name), self._read)

    def expect(self, samples: int) -> None:
        """The next batch has so many."""
        self._rows, self._samples = torch.empty(0), samples

    @property
    def rows(self) -> Tensor | None:
        """What was read of that batch, float32 [n, F], means over places; None where samples cannot be told apart."""
        return self._rows if len(self._rows) == self._samples else None

    def _see(self, name: str, _: Any) -> None:
        self._seen = name

    def _read(self, name: str, inputs: Any) -> None:
        value = first_tensor(inputs)
        if value is not None:
            self._rows = pooled(self._layers[name], value.detach(), self._samples)


def _weighs(layer: nn.Module) -> bool:
    return any(True for _ in layer.parameters()) and not isinstance(layer, NORMS)


def pooled(layer: nn.Module, value: Tensor, count: int) -> Tensor:
    """What a layer gets of `count` samples as float32 [n, F]: of features at several places their mean; a copy.

    It is empty where no dimension counts samples.
    """
    if value.dim() > 2 and value.shape[0] != count == value.shape[1]:
        value = value.transpose(0, 1)  # time before samples
    if value.dim() < 2 or value.shape[0] != count:
        return torch.empty(0)
    last = isinstance(layer, nn.Linear) or channels_of(layer, value) == value.dim() - 1
    rows = value.float() if last else value.float().movedim(1, -1)
    return rows.flatten(1, -2).mean(1).cpu() if rows.dim() > 2 else rows.to("cpu", copy=True)


def pca(rows: Tensor, dimensions: int = 2) -> Tensor:
    """The principal components [n, dimensions] of rows [n, F], exact, of the same signs each time.

    Each axis points where its largest weight is positive; where there are fewer than `dimensions`, the rest is 0.
    What is no number, as after a training that diverged, counts as the mean of the others.
    """
    numbers = torch.where(rows.isfinite(), rows.double(), torch.nan)
    centred = (numbers - numbers.nanmean(0)).nan_to_num(0.0)
    wide = centred.shape[0] < centred.shape[1]
    values, vectors = torch.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    values, vectors = values.flip(0)[:dimensions].clamp_min(0), vectors.flip(1)[:, :dimensions]
    known = values > 1e-12 * values.max().clamp_min(1e-30)
    if wide:  # of samples; the axes follow from them
        vectors = centred.T @ vectors / values.sqrt().clamp_min(1e-30)
    vectors = vectors * known
    signs = vectors.gather(0, vectors.abs().argmax(0, keepdim=True)).sign()
    points = centred @ (vectors * signs)
    return nn.functional.pad(points, (0, dimensions - points.shape[1])).float()


def nearest(row: Tensor, rows: Tensor, count: int = 8) -> list[tuple[int, float]]:
    """Which rows [n, F] are nearest to a row [F], with their cosine distances (0 to 2), the nearest first.

    What holds a value that is no number, as after a training that diverged, is near to nothing.
    """
    one, all_ = nn.functional.normalize(row.double(), dim=0), nn.functional.normalize(rows.double(), dim=1)
    distances = (1 - all_ @ one).clamp_min(0)
    found = distances.sort(stable=True).indices[: min(count, int(distances.isfinite().sum()))]
    return list(zip(found.tolist(), distances[found].tolist(), strict=True))
