"""Batches: an epoch is a function of (seed, epoch), so it can begin anywhere and needs no state to be kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from torchwork.data import randomness
from torchwork.data.attached import Attached, pictures
from torchwork.data.augment import Augment, Mix
from torchwork.data.normalize import Normalizer
from torchwork.data.several import Inputs, apart
from torchwork.data.store import Store, Stream
from torchwork.errors import DataError

Job = tuple[Tensor, Tensor]
"""The numbers of a batch's samples, int64 [b], and their rows of the table, float64 [b, columns]."""
TOGETHER = 1 << 20
"""Bytes of small batches that are made in one go, for a hundred small pictures cost little more than the calls do."""


class Batches:
    """Batches of one split: float32 inputs on the device, int64 classes or float32 values as targets.

    Sample i of epoch e is augmented alike whatever the batch size, the number of workers, or where the epoch began.
    """

    def __init__(
        self,
        store: Store,
        targets: Tensor | None,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = False,
        drop_last: bool = False,
        augment: Augment | None = None,
        mix: Mix | None = None,
        normalize: Normalizer | None = None,
        device: str | torch.device = "cpu",
        workers: int = 0,
        shapes: Sequence[Sequence[int]] = ((),),
        attached: Attached | None = None,
    ) -> None:
        """`shapes` are those of the inputs that each sample of the store holds end to end, where they are several.

        What is `attached` to each picture of the store is its target, and moves with it; there are no `targets` then.
        """
        self.shapes, self.attached = shapes, attached
        self.store, self.batch_size, self.seed = store, batch_size, seed
        self.shuffle, self.drop_last, self.workers = shuffle, drop_last, workers
        self.augment, self.mix = augment or Augment(), mix
        self.normalize, self.device = normalize or Normalizer(), torch.device(device)
        self.targets = None if targets is None else targets.to(self.device)

    @property
    def samples(self) -> int:
        """How many samples an epoch has."""
        return self.batch_size * len(self) if self.drop_last else len(self.store)

    def __len__(self) -> int:
        whole, rest = divmod(len(self.store), self.batch_size)
        return whole + bool(rest and not self.drop_last)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[tuple[Inputs, Tensor | None]]:
        """The batches of an epoch from batch `start` on, as (inputs, targets); targets are None when there are none."""
        work, jobs = _Work(self.store, self.augment), self._jobs(epoch, start)
        made = self._by_workers(work, jobs) if self.workers else self._together(work, jobs)
        for (indices, _), inputs, uniform in zip(jobs, made, self._mix_numbers(epoch, start), strict=True):
            if isinstance(inputs, DataError):
                raise inputs
            yield self._finish(indices, inputs, uniform)

    def given(self, samples: Tensor) -> Inputs:
        """Samples as the store gives them, [b, ...], as a model gets them: normalised, on the device, taken apart."""
        return apart(self.normalize(self.shown(samples).to(self.device, non_blocking=True)), self.shapes)

    def shown(self, samples: Tensor) -> Tensor:
        """Samples as the store gives them, [...] or [b, ...], without what is attached to them."""
        return pictures(samples, self.attached)

    def one(self, index: int, epoch: int) -> tuple[Tensor, Tensor | None]:
        """Sample `index` as that epoch gives it, [...]: augmented, normalised, mixed; DataError where it cannot be.

        With it what was attached to it, as a target, for it has moved; None where nothing is attached.

        A mix takes the sample before it in its batch, so two samples are enough to make it.
        """
        order = randomness.order(len(self.store), self.seed, epoch) if self.shuffle else torch.arange(len(self.store))
        place = int((order == index).nonzero())
        number, within = divmod(place, self.batch_size)
        batch = order[number * self.batch_size :][: self.batch_size]
        mixed = self.mix is not None and number < len(self)
        indices = batch[[within - 1, within]] if mixed else batch[[within]]
        table = randomness.table(len(self.store), self.augment.columns + self.store.fresh, self.seed, epoch)
        made = _Work(self.store, self.augment)((indices, table[indices]))
        if isinstance(made, DataError):
            raise made
        inputs = self.normalize(self.shown(made).to(self.device))
        if self.attached is not None:
            return inputs[-1], self.attached.targets(made)[-1]
        if self.mix is None or self.targets is None or not mixed:
            return inputs[-1], None
        uniform = self._mix_numbers(epoch, number)[0]
        return self.mix(inputs, self.targets[indices.to(self.device)], uniform)[0][-1], None

    def _jobs(self, epoch: int, start: int) -> list[Job]:
        order = randomness.order(len(self.store), self.seed, epoch) if self.shuffle else torch.arange(len(self.store))
        table = randomness.table(len(self.store), self.augment.columns + self.store.fresh, self.seed, epoch)
        return [(indices, table[indices]) for indices in torch.split(order, self.batch_size)[start : len(self)]]

    def _together(self, work: _Work, jobs: list[Job]) -> Iterator[Tensor | DataError]:
        """The same work for several batches at once where each sample comes out the same, whoever stands beside it."""
        count = self._group()
        for begin in range(0, len(jobs), count):
            indices, rows = zip(*jobs[begin : begin + count], strict=True)
            made = work((torch.cat(indices), torch.cat(rows)))
            yield from [made] if isinstance(made, DataError) else torch.split(made, self.batch_size)

    def _group(self) -> int:
        """Batches that are made together."""
        if self.store.shape is None or isinstance(self.store, Stream) or not self.augment.exact:
            return 1
        size = self.batch_size * math.prod(self.store.shape) * self.store.dtype.itemsize
        return max(1, TOGETHER // size)

    def _mix_numbers(self, epoch: int, start: int) -> list[float]:
        """One number a batch, for what mixes its samples."""
        drawn = torch.rand(len(self), generator=randomness.generator(self.seed, epoch, "mix"), dtype=torch.float64)
        return drawn.tolist()[start:]

    def _by_workers(self, work: _Work, jobs: list[Job]) -> Iterator[Tensor | DataError]:
        """The same work by other processes, in order; with its own generator, for the global one is the model's."""
        workers = min(self.workers, max(1, len(jobs)))
        loader = DataLoader(_Jobs(work, jobs), batch_size=None, num_workers=workers, generator=torch.Generator())
        return iter(loader)

    def _finish(self, indices: Tensor, samples: Tensor, uniform: float) -> tuple[Inputs, Tensor | None]:
        inputs = self.given(samples)
        if self.attached is not None:
            return inputs, self.attached.targets(samples.to(self.device, non_blocking=True))
        if self.targets is None:
            return inputs, None
        targets = self.targets.index_select(0, indices.to(self.device))
        return self.mix(inputs, targets, uniform) if self.mix and isinstance(inputs, Tensor) else (inputs, targets)


class _Work:
    """What is done for a batch wherever it is done: gather and augment.

    A DataError is given back as a value, for an error that leaves a worker has the worker's traceback as its message.
    """

    def __init__(self, store: Store, augment: Augment) -> None:
        self.store, self.augment = store, augment

    def __call__(self, job: Job) -> Tensor | DataError:
        indices, rows = job
        try:
            return self.augment(self.store.gather(indices, rows[:, -1] if self.store.fresh else None), rows)
        except DataError as error:
            return error


class _Jobs(Dataset[Tensor | DataError]):
    """The jobs of an epoch as a data set of batches, for the workers of a DataLoader."""

    def __init__(self, work: _Work, jobs: list[Job]) -> None:
        self.work, self.jobs = work, jobs

    def __len__(self) -> int:
        return len(self.jobs)

    def __getitem__(self, index: int) -> Tensor | DataError:
        return self.work(self.jobs[index])
