"""A split as it is measured, whichever it is: in order, without augmentation, every sample brought to one size."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from torchwork.data.batches import Batches
from torchwork.data.bundle import Bundle
from torchwork.data.store import Store
from torchwork.data.transforms import Fitted, Prepare
from torchwork.errors import DataError


def splits_of(bundle: Bundle) -> dict[str, Batches]:
    """The splits that there are, by name."""
    named = {"train": bundle.train, "valid": bundle.valid, "test": bundle.test}
    return {name: batches for name, batches in named.items() if batches is not None}


def split_of(bundle: Bundle, name: str) -> Batches:
    """The batches of a split; DataError when the document has none of that name."""
    splits = splits_of(bundle)
    if name not in splits:
        raise DataError(f"there is no split {name!r} in this document; it has {', '.join(splits)}")
    return splits[name]


class Chosen(Store):
    """Some samples of a store, in the order of `indices` int64 [n], each as `fit` gives it."""

    def __init__(self, store: Store, indices: Tensor, fit: Callable[[Tensor], Tensor] | None = None) -> None:
        self.store, self.indices, self.fit = store, indices, fit
        self.shape, self.dtype, self.fresh = None if fit else store.shape, store.dtype, store.fresh

    def __len__(self) -> int:
        return len(self.indices)

    def gather(self, indices: Tensor, uniform: Tensor | None = None) -> Tensor | list[Tensor]:
        found = self.store.gather(self.indices[indices], uniform)
        return found if self.fit is None else [self.fit(sample) for sample in found]


def still(bundle: Bundle, split: str, most: int | None = None) -> tuple[Batches, Tensor]:
    """Batches of a split as validation sees it, and the indices of their samples in it, int64 [n].

    Of more than `most` samples those are taken that are evenly spread, for files often lie class by class.

    Raises:
        DataError: there is no such split.
    """
    batches = split_of(bundle, split)
    indices = spread(len(batches.store), most)
    store = Chosen(batches.store, indices, _fit(bundle, batches) if split == "train" else None)
    targets = None if batches.targets is None else batches.targets[indices.to(batches.device)]
    made = Batches(
        store, targets, batch_size=batches.batch_size, seed=batches.seed, normalize=batches.normalize,
        device=batches.device, shapes=batches.shapes, attached=batches.attached,
    )  # fmt: skip
    return made, indices


def spread(count: int, most: int | None) -> Tensor:
    """At most `most` of the numbers from 0 to `count` - 1, evenly spread, the first and the last among them."""
    if most is None or count <= most:
        return torch.arange(count)
    return torch.linspace(0, count - 1, most, dtype=torch.float64).round().long()


def _fit(bundle: Bundle, batches: Batches) -> Callable[[Tensor], Tensor] | None:
    """What brings training samples to the size that augmentation would give them."""
    if bundle.fitted is None or (batches.store.shape or [])[1:] == bundle.fitted:
        return None
    return Fitted(Prepare([]), bundle.fitted, bool(bundle.spec.encoding.get("resize")), batches.attached)
