"""Where the prepared inputs of a split are: in memory, in a file of the cache, or decoded each time.

Shapes: n samples, c channels, h height, w width.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from torchwork.data.pictures import DamagedFileError
from torchwork.data.randomness import as_seed, borrowed, seed_all
from torchwork.data.samples import Held, Samples
from torchwork.data.transforms import whole_batch
from torchwork.errors import DataError

Batch = Tensor | list[Tensor]
"""Inputs of a batch: stacked [b, ...] when all have one shape, else one by one."""

Prepare = Callable[[Tensor], Tensor]
PIECE = 256
"""samples read ahead of what is kept"""
Damage = dict[int, str]
"""What is wrong with which samples, by their number."""


class Store(ABC):
    """Prepared inputs by number. `shape` is that of every sample, None when they differ."""

    shape: list[int] | None
    dtype: torch.dtype
    fresh: bool = False
    """whether reading may draw random numbers, and so needs a number of the epoch's table for each sample"""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def gather(self, indices: Tensor, uniform: Tensor | None = None) -> Batch:
        """The inputs with these numbers, int64 [b]; `uniform`, float64 [b], seeds what a fresh store draws."""


class Block(Store):
    """All inputs in one tensor [n, ...], in memory, mapped from a file, or on a device."""

    def __init__(self, inputs: Tensor) -> None:
        self.inputs, self.shape, self.dtype = inputs, list(inputs.shape[1:]), inputs.dtype

    def __len__(self) -> int:
        return len(self.inputs)

    def gather(self, indices: Tensor, uniform: Tensor | None = None) -> Tensor:
        return self.inputs.index_select(0, indices.to(self.inputs.device))


class Ragged(Store):
    """Inputs of different sizes end to end in one flat tensor; `shapes` is int64 [n, dimensions]."""

    shape = None

    def __init__(self, flat: Tensor, shapes: np.ndarray) -> None:
        self.flat, self.shapes, self.dtype = flat, shapes, flat.dtype
        self.ends = np.cumsum(shapes.prod(axis=1))

    def __len__(self) -> int:
        return len(self.shapes)

    def gather(self, indices: Tensor, uniform: Tensor | None = None) -> list[Tensor]:
        return [self._one(i) for i in indices.tolist()]

    def _one(self, index: int) -> Tensor:
        shape = tuple(self.shapes[index].tolist())
        end = int(self.ends[index])
        return self.flat[end - int(np.prod(shape)) : end].view(shape).clone()


class Stream(Store):
    """Inputs read and prepared each time. `shapes` tells whether they can be stacked."""

    def __init__(
        self, samples: Samples, prepare: Prepare, shape: list[int] | None, dtype: torch.dtype, fresh: bool = False
    ) -> None:
        self.samples, self.prepare, self.shape, self.dtype, self.fresh = samples, prepare, shape, dtype, fresh

    def __len__(self) -> int:
        return len(self.samples)

    def gather(self, indices: Tensor, uniform: Tensor | None = None) -> Batch:
        if self.fresh and uniform is not None:
            with borrowed():
                inputs = [self._seeded(i, u) for i, u in zip(indices.tolist(), uniform.tolist(), strict=True)]
        else:
            inputs = [self.prepare(self.samples.read(i)) for i in indices.tolist()]
        return torch.stack(inputs) if self.shape is not None else inputs

    def _seeded(self, index: int, uniform: float) -> Tensor:
        seed_all(as_seed(uniform))
        return self.prepare(self.samples.read(index))


def read_all(samples: Samples, prepare: Prepare) -> Iterator[Tensor | DamagedFileError]:
    """Every sample prepared, in order; of files in several threads, for Pillow and torch let go of the interpreter.

    A data set of another's making is read in one: it may seed the global generator for each item, as FakeData does.
    """

    def one(index: int) -> Tensor | DamagedFileError:
        try:
            return prepare(samples.read(index))
        except DamagedFileError as error:
            return error

    if isinstance(samples, Held):
        yield from _in_pieces(samples.inputs, prepare)
        return
    if not samples.apart:
        yield from map(one, range(len(samples)))
        return
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for begin in range(
            0, len(samples), PIECE
        ):  # in pieces, so that what is read does not run ahead of what is kept
            yield from pool.map(one, range(begin, min(begin + PIECE, len(samples))))


def _in_pieces(inputs: Tensor, prepare: Prepare) -> Iterator[Tensor]:
    """Samples in memory, many at a time where the preparation gives the same that way."""
    piece = PIECE if whole_batch(prepare, inputs[0]) else 1
    for part in torch.split(inputs, piece):
        yield from prepare(part) if piece > 1 else [prepare(part[0])]


def sort_out(results: Iterable[Tensor | DamagedFileError], damage: Damage) -> Iterator[Tensor]:
    """The tensors among the results; the damaged ones are entered in `damage`."""
    for index, result in enumerate(results):
        if isinstance(result, DamagedFileError):
            damage[index] = str(result)
        else:
            yield result


def hold(inputs: Sequence[Tensor]) -> Store:
    """Inputs in memory: a block when they have one shape, else end to end."""
    if not inputs:
        raise DataError("expected at least one sample that can be read, got none; check the folder and the notes above")
    if len({tuple(item.shape) for item in inputs}) == 1:
        return Block(torch.stack(list(inputs)))
    if len({item.ndim for item in inputs}) > 1:
        raise DataError("expected samples with one number of dimensions, got several; make them alike in `prepare`")
    return Ragged(torch.cat([item.flatten() for item in inputs]), np.array([item.shape for item in inputs]))


def write(folder: Path, inputs: Iterable[Tensor], damage: Damage) -> None:
    """Prepared inputs as a folder of the cache; `damage` says what `inputs` left out, once they are exhausted."""
    shapes, dtype = [], "uint8"
    with (folder / "inputs.bin").open("wb") as file:
        for item in inputs:
            dtype = str(item.dtype).removeprefix("torch.")
            shapes.append(tuple(item.shape))
            file.write(item.contiguous().numpy().tobytes())
    np.save(folder / "shapes.npy", np.array(shapes, dtype=np.int64), allow_pickle=False)
    (folder / "index.json").write_text(json.dumps({"dtype": dtype, "damage": damage}))


def load(folder: Path, resident: bool) -> tuple[Store, Damage] | None:
    """A store from a folder of the cache, mapped or read whole; None when it is not there or not whole."""
    try:
        index = json.loads((folder / "index.json").read_text())
        shapes = np.load(folder / "shapes.npy", allow_pickle=False)
        dtype = np.dtype(index["dtype"])
        path = folder / "inputs.bin"
        flat = np.fromfile(path, dtype) if resident else np.memmap(path, dtype, mode="c")  # c: torch wants it writable
        damage = {int(key): text for key, text in index["damage"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not len(shapes) or flat.size != shapes.prod(axis=1).sum():
        return None
    tensor = torch.from_numpy(flat)
    same = (shapes == shapes[0]).all()
    return (Block(tensor.view(len(shapes), *shapes[0].tolist())) if same else Ragged(tensor, shapes)), damage
