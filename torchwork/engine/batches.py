"""Where batches come from: the interface that the engine reads, and adapters for one's own data.

The order of an epoch is a function of (seed, epoch), so a position is one number and nothing needs to be replayed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from torchwork.engine.nested import map_tensors, shapes_of, tensors_of
from torchwork.engine.random_state import kept_random
from torchwork.errors import DataError
from torchwork.experiment import stream_seed

Batch = tuple[Any, Any]
"""(inputs, targets): tensors, or nested lists and dicts of tensors."""


@runtime_checkable
class Batches(Protocol):
    """A split of the data as batches, the same ones for the same epoch each time."""

    @property
    def samples(self) -> int:
        """Samples in one epoch."""

    def __len__(self) -> int:
        """Batches in one epoch."""

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of `epoch`, from batch `start` on."""


def as_batches(
    data: Any,
    batch_size: int = 64,
    *,
    shuffle: bool = True,
    seed: int = 0,
    drop_last: bool = False,
    workers: int = 0,
    collate: Callable[[list[Any]], Any] = default_collate,
) -> Batches:
    """One's own data as `Batches`: (inputs, targets) of tensors or arrays, a torch `Dataset`, or a `DataLoader`.

    A `DataLoader` is used as it is: `batch_size`, `shuffle`, `drop_last`, `workers` and `collate` are its own.

    Raises:
        DataError: data that is none of these, is empty, or has inputs and targets of different lengths.
    """
    if isinstance(data, DataLoader):
        return LoaderBatches(data, seed)
    if isinstance(data, tuple | list) and len(data) == 2:
        return TensorBatches(data[0], data[1], _Order(_length(data), batch_size, shuffle, seed, drop_last))
    if hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        order = _Order(len(data), batch_size, shuffle, seed, drop_last)
        return DatasetBatches(data, order, workers=workers, collate=collate)
    if isinstance(data, Batches):
        return data
    raise DataError(
        f"expected data as (inputs, targets), a Dataset with a length, or a DataLoader, got {type(data).__name__}; "
        "wrap it in a torch.utils.data.Dataset with __len__ and __getitem__"
    )


class _Order:
    """Which samples form which batch, as a function of (seed, epoch)."""

    def __init__(self, samples: int, batch_size: int, shuffle: bool, seed: int, drop_last: bool) -> None:
        if samples < 1 or batch_size < 1:
            raise DataError(
                f"expected at least one sample and a batch size of at least 1, got {samples} and {batch_size}"
            )
        if drop_last and samples < batch_size:
            raise DataError(
                f"no batch is left: {samples} samples, batches of {batch_size} and drop_last; lower the batch size"
            )
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self.samples = samples - samples % batch_size if drop_last else samples
        self.total = samples

    def __len__(self) -> int:
        return (self.samples + self.batch_size - 1) // self.batch_size

    def permutation(self, epoch: int) -> Tensor:
        """Indices [samples] of the epoch in their order."""
        if not self.shuffle:
            return torch.arange(self.samples)
        generator = torch.Generator().manual_seed(stream_seed(self.seed, epoch, "order"))
        return torch.randperm(self.total, generator=generator)[: self.samples]

    def batches(self, epoch: int, start: int) -> Sequence[Tensor]:
        """The indices of each batch from `start` on."""
        return (
            torch.split(self.permutation(epoch)[start * self.batch_size :], self.batch_size)
            if start < len(self)
            else ()
        )


def _length(data: Sequence[Any]) -> int:
    """Samples in (inputs, targets), which must agree."""
    lengths = {len(tensor) for part in data for tensor in tensors_of(map_arrays(part)) if tensor.dim()}
    if len(lengths) != 1:
        described = " and ".join(shapes_of(map_arrays(part)) for part in data)
        raise DataError(
            f"expected inputs and targets with the same number of samples in their first dimension, got {described}"
        )
    return lengths.pop()


def map_arrays(value: Any) -> Any:
    """`value` with numpy arrays as tensors; tensors, lists and dicts stay."""
    if isinstance(value, np.ndarray | np.generic):
        return torch.as_tensor(np.ascontiguousarray(value))
    if isinstance(value, dict):
        return {key: map_arrays(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and any(isinstance(item, np.ndarray | Tensor) for item in value):
        return type(value)(map_arrays(item) for item in value)
    return torch.as_tensor(value) if isinstance(value, list | tuple) else value


class TensorBatches:
    """Batches of data that lies in memory: inputs and targets, each with samples in the first dimension."""

    def __init__(self, inputs: Any, targets: Any, order: _Order) -> None:
        self.data = (map_arrays(inputs), map_arrays(targets))
        self.order = order

    @property
    def samples(self) -> int:
        return self.order.samples

    def __len__(self) -> int:
        return len(self.order)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        for indices in self.order.batches(epoch, start):
            yield map_tensors(self._taker(indices), self.data)

    def _taker(self, indices: Tensor) -> Callable[[Tensor], Tensor]:
        if not self.order.shuffle:
            first = int(indices[0])
            return lambda tensor: tensor[first : first + len(indices)]
        return lambda tensor: tensor.index_select(0, indices.to(tensor.device))


class DatasetBatches:
    """Batches of a map-style `Dataset`; what a sample draws at random depends on (seed, epoch, sample) only."""

    def __init__(
        self,
        dataset: Dataset[Any],
        order: _Order,
        *,
        workers: int = 0,
        collate: Callable[[list[Any]], Any] = default_collate,
    ) -> None:
        self.order = order
        self.fetch = _Fetch(dataset, collate, order.seed)
        self.workers = workers

    @property
    def samples(self) -> int:
        return self.order.samples

    def __len__(self) -> int:
        return len(self.order)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        plan = [(epoch, indices.tolist()) for indices in self.order.batches(epoch, start)]
        if not self.workers:
            return map(self._fetch_here, plan)
        # The loader draws a base seed for its workers: from its own generator, so that the model's is left alone.
        generator = torch.Generator().manual_seed(stream_seed(self.order.seed, epoch, "workers"))
        return iter(
            DataLoader(
                self.fetch,
                batch_size=None,
                collate_fn=_unchanged,
                sampler=plan,
                num_workers=self.workers,
                generator=generator,
                pin_memory=torch.cuda.is_available(),
            )
        )

    def _fetch_here(self, item: tuple[int, list[int]]) -> Batch:
        with kept_random():
            return self.fetch[item]


class _Fetch(Dataset[Batch]):
    """A whole batch as one item, so that one loader serves any order; each sample has its own seed."""

    def __init__(self, dataset: Any, collate: Callable[[list[Any]], Any], seed: int) -> None:
        self.dataset, self.collate, self.seed = dataset, collate, seed

    def __getitem__(self, item: tuple[int, list[int]]) -> Batch:
        epoch, indices = item
        samples = []
        for index in indices:
            _seed_all(stream_seed(self.seed, epoch, f"sample/{index}"))
            samples.append(self.dataset[index])
        return _pair(self.collate(samples))


def _unchanged(batch: Any) -> Any:
    return batch


def _seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
    torch.default_generator.manual_seed(seed)


class LoaderBatches:
    """A `DataLoader` as it is. A position inside an epoch is reached by drawing the batches before it again."""

    note = "a DataLoader cannot begin inside an epoch: the batches before the position are drawn again and dropped"

    def __init__(self, loader: DataLoader[Any], seed: int = 0) -> None:
        self.loader, self.seed = loader, seed
        try:
            self.batches = len(loader)
        except TypeError:
            raise DataError(
                "expected a DataLoader with a length, got one over an iterable data set; give the data set a __len__"
            ) from None
        if not self.batches:
            raise DataError("the DataLoader has no batch; check the data set and drop_last")

    @property
    def samples(self) -> int:
        size = self.loader.batch_size
        whole = len(self.loader.dataset) if hasattr(self.loader.dataset, "__len__") else self.batches * (size or 1)
        return min(whole, self.batches * size) if size else whole

    def __len__(self) -> int:
        return self.batches

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        # A sampler draws its seed at the first batch, from the global generator or the loader's own. Both are
        # seeded for the epoch, so the order after a resume is the one before it.
        with kept_random():
            _seed_all(stream_seed(self.seed, epoch, "order"))
            if isinstance(self.loader.generator, torch.Generator):
                self.loader.generator.manual_seed(stream_seed(self.seed, epoch, "order"))
            batches = iter(self.loader)
            first = [next(batches, None) for _ in range(max(start, 1))]
        if start == 0 and first[0] is not None:
            yield _pair(first[0])
        yield from map(_pair, batches)


def _pair(batch: Any) -> Batch:
    """A batch of a foreign loader as (inputs, targets)."""
    if isinstance(batch, list | tuple) and len(batch) == 2:
        return batch[0], batch[1]
    raise DataError(f"expected each sample as (inputs, target), got {shapes_of(batch)}; return a pair from __getitem__")
