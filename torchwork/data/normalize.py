"""Mean and standard deviation: measured once on the prepared training split, then applied to every batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from torchwork.data.store import Store
from torchwork.errors import DataError

CHUNK = 1024


class Normalizer:
    """Inputs as float32: uint8 scaled to 0..1, missing values (NaN) replaced by `fill`, then (x - mean) / std.

    `mean`, `std` and `fill` run along the first dimension of a sample: channels of a picture, features of a row.
    """

    def __init__(
        self,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        fill: Sequence[float] | None = None,
    ) -> None:
        self.mean = None if mean is None else torch.tensor(mean, dtype=torch.float64)
        self.std = None if std is None else torch.tensor(std, dtype=torch.float64)
        self.fill = None if fill is None else torch.tensor(fill, dtype=torch.float32)
        self._made: dict[tuple[float, int, torch.device], tuple[Tensor, Tensor]] = {}

    def __call__(self, batch: Tensor) -> Tensor:
        """A batch [b, ...] on any device as float32."""
        scale = 255.0 if batch.dtype == torch.uint8 else 1.0
        inputs = batch.to(torch.float32)
        if self.fill is not None and scale == 1.0:
            inputs = torch.where(inputs.isnan(), along(self.fill, inputs), inputs)
        if self.mean is None and scale == 1.0:
            return inputs
        shift, factor = self._constants(scale, inputs)
        return inputs.sub(shift).mul_(factor) if inputs is batch else inputs.sub_(shift).mul_(factor)

    def undo(self, batch: Tensor) -> Tensor:
        """Normalised pictures [b, c, h, w] back as uint8."""
        shift, factor = self._constants(255.0, batch)
        return (batch / factor + shift).round_().clamp_(0, 255).to(torch.uint8)

    def _constants(self, scale: float, inputs: Tensor) -> tuple[Tensor, Tensor]:
        key = scale, inputs.ndim, inputs.device
        if key not in self._made:
            mean = torch.zeros(1, dtype=torch.float64) if self.mean is None else self.mean
            std = torch.ones(1, dtype=torch.float64) if self.std is None else self.std
            if len(mean) not in (1, inputs.shape[1]):
                raise DataError(
                    f"data.normalize: expected {inputs.shape[1]} mean and std values, one for each channel, got "
                    f"{len(mean)}"
                )
            self._made[key] = along((mean * scale).float(), inputs), along((1 / (std * scale)).float(), inputs)
        return self._made[key]


def along(values: Tensor, batch: Tensor) -> Tensor:
    """One value for each channel, in a shape that broadcasts over a batch, on its device."""
    return values.to(batch.device).view(1, -1, *[1] * (batch.ndim - 2))


def measure(store: Store) -> tuple[list[float], list[float]]:
    """Mean and population standard deviation by channel, to six digits; a std of zero becomes 1. uint8 counts as 0..1.

    Sums of uint8 are whole numbers and so exact; of floats they are taken in float64, passing over NaN.
    """
    count, total, square = torch.zeros(3, 1, dtype=torch.float64)
    for begin in range(0, len(store), CHUNK):
        batch = store.gather(torch.arange(begin, min(begin + CHUNK, len(store))))
        for part in [batch] if isinstance(batch, Tensor) else [item[None] for item in batch]:
            number, sums, squares = _sums(part)
            count, total, square = count + number, total + sums, square + squares
    mean = total / count
    std = (square / count - mean.square()).clamp(min=0).sqrt()
    scale = 255.0 if store.dtype == torch.uint8 else 1.0
    std = torch.where((std > 1e-7 * mean.abs().clamp(min=1e-30)) & (std > 0), std, scale)
    return _six(mean / scale), _six(std / scale)


def _sums(batch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """How many values each channel of a batch has, their sum and the sum of their squares."""
    values = batch.transpose(0, 1).flatten(1).cpu()
    if values.dtype == torch.uint8:
        total = values.sum(dim=1, dtype=torch.int64)
        squares = values.int().square_().sum(dim=1, dtype=torch.int64)
        return torch.tensor(float(values.shape[1])), total.double(), squares.double()
    values = values.double()
    seen = ~values.isnan()
    values = torch.where(seen, values, 0.0)
    return seen.sum(dim=1).clamp(min=1).double(), values.sum(dim=1), values.square().sum(dim=1)


def _six(values: Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]
