"""Sums on the device, read once a window: nothing waits for the device in between.

Shapes: m rows (one for each batch), k columns (one for each number that is measured).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """What was measured since the last reading: sums over samples [m, k], with the step and the size of each row."""

    steps: npt.NDArray[np.int64]
    sizes: Array
    sums: Array

    def by_step(self) -> tuple[npt.NDArray[np.int64], Array, Array]:
        """Steps, samples and sums with the rows of an accumulation window added up."""
        starts = np.flatnonzero(np.diff(self.steps, prepend=-1))
        return self.steps[starts], np.add.reduceat(self.sizes, starts), np.add.reduceat(self.sums, starts, axis=0)


class Columns:
    """The names of the columns, and how many each takes."""

    def __init__(self, shapes: Mapping[str, Sequence[int]]) -> None:
        self.shapes = {name: tuple(shape) for name, shape in shapes.items()}
        self.widths = [math.prod(shape) for shape in self.shapes.values()]
        self.flat = all(not shape for shape in self.shapes.values())

    def split(self, sums: Array) -> dict[str, Any]:
        """Sums [..., k] by name, each with its own shape behind."""
        parts = np.split(sums, np.cumsum(self.widths)[:-1], axis=-1)
        return {
            name: part.reshape((*sums.shape[:-1], *shape))
            for (name, shape), part in zip(self.shapes.items(), parts, strict=True)
        }


class Meter:
    """A buffer [capacity, k] on the device that takes one row for each batch."""

    def __init__(self, device: torch.device, means: frozenset[str], capacity: int = 256) -> None:
        self.device, self.means, self.capacity = device, means, capacity
        self.columns: Columns | None = None
        self._rows: list[Tensor] = []
        self._steps: list[int] = []
        self._sizes: list[int] = []

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, step: int, size: int, values: Mapping[str, Tensor]) -> None:
        """Writes a row. Values named in `means` are means over the `size` samples, others sums."""
        if self.columns is None:
            self._allocate(values)
        row, tensors = self._rows[len(self._steps)], list(values.values())
        if self.columns is not None and self.columns.flat:
            torch.stack(tensors, out=row)
        else:
            torch.cat([tensor.reshape(-1) for tensor in tensors], out=row)
        self._steps.append(step)
        self._sizes.append(size)

    def _allocate(self, values: Mapping[str, Tensor]) -> None:
        self.columns = Columns({name: value.shape for name, value in values.items()})
        dtype = torch.float32 if self.device.type == "mps" else torch.float64
        self._buffer = torch.zeros(self.capacity, sum(self.columns.widths), dtype=dtype, device=self.device)
        self._rows = list(self._buffer.unbind(0))
        names = [
            name for name, width in zip(self.columns.shapes, self.columns.widths, strict=True) for _ in range(width)
        ]
        self._means = np.array([name in self.means for name in names])

    def full(self, rows: int) -> bool:
        """Whether fewer than `rows` more rows fit."""
        return len(self._steps) + rows > self.capacity

    def read(self) -> Window | None:
        """Waits for the device, and empties the buffer."""
        if not self._steps:
            return None
        sizes = np.array(self._sizes, dtype=np.float64)
        sums = self._buffer[: len(self._steps)].cpu().numpy().astype(np.float64)
        sums[:, self._means] *= sizes[:, None]
        window = Window(np.array(self._steps), sizes, sums)
        self._steps, self._sizes = [], []
        return window


class Totals:
    """Sums and samples of an epoch so far."""

    def __init__(self) -> None:
        self.samples = 0.0
        self.sums: Array | None = None
        self.columns: Columns | None = None

    def add(self, window: Window, columns: Columns) -> None:
        self.columns = columns
        self.samples += float(window.sizes.sum())
        before = np.zeros((1, window.sums.shape[1])) if self.sums is None else self.sums[None]
        # One after the other, so that the result does not depend on where windows end.
        self.sums = np.add.accumulate(np.concatenate([before, window.sums]), axis=0)[-1]

    def metrics(
        self, summarize: Callable[[Mapping[str, Any], Any], Mapping[str, Any]], prefix: str
    ) -> dict[str, float]:
        """`prefix/loss` and the others, as `summarize` makes them of the sums; empty when nothing was measured."""
        if self.sums is None or self.columns is None:
            return {}
        found = summarize(self.columns.split(self.sums), self.samples)
        return {f"{prefix}/{name}": float(value) for name, value in found.items()}

    def state_dict(self) -> dict[str, Any]:
        if self.sums is None or self.columns is None:
            return {}
        return {"samples": self.samples, "sums": self.sums.tolist(), "shapes": self.columns.shapes}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        if state:
            self.samples, self.columns = state["samples"], Columns(state["shapes"])
            self.sums = np.array(state["sums"], dtype=np.float64)
