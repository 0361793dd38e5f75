"""One training sample as the network would get it, epoch after epoch."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from torchwork.answer.keeping import bundle_of
from torchwork.answer.looking import gather, labels_of, overlay
from torchwork.answer.overlay import over
from torchwork.answer.pictures import is_picture, picture
from torchwork.data import Batches, Bundle
from torchwork.errors import DataError

SIDE = 240
"""Pixels of a drawn picture at most."""


def augment(text: str, path: str, index: int, draws: int, seed: int) -> dict[str, Any]:
    """Sample `index` in the first `draws` epochs of a training with this seed; its normalised numbers turned back.

    Raises:
        DocumentError, DataError: the data are not right, or have no such sample.
    """
    bundle = bundle_of(text, path)
    count = len(bundle.train.store)
    if not 0 <= index < count:
        raise DataError(f"expected the number of a training sample, 0 to {count - 1}, got {index}")
    [held] = gather(bundle.train, [index])
    [label] = labels_of(bundle.train, bundle.spec.classes, [index])
    original = bundle.train.shown(held)
    found = {"original": "", "pictures": [], "seed": seed, "label": label}
    if not is_picture(list(original.shape)):
        return {**found, "notes": ["these samples are no pictures, so there is nothing to be drawn of them"]}
    train = copy.copy(bundle.train)
    train.seed = seed
    drawn = [train.one(index, epoch) for epoch in range(draws)]
    back = _back(torch.stack([inputs for inputs, _ in drawn]), train)
    pictures = [picture(item, SIDE) if is_picture(list(item.shape)) else "" for item in back]
    found |= {"original": picture(original, SIDE), "pictures": pictures, "notes": _notes(bundle)}
    classes = bundle.spec.classes
    moved = [target for _, target in drawn if target is not None]
    lies_over = [over(train.attached, target, classes, back.shape[-2:]) for target in moved if train.attached]
    return {**found, "original_over": overlay(train, classes, held), "over": lies_over}


def _back(normalised: Tensor, train: Batches) -> Tensor:
    """Normalised pictures [n, c, h, w] as they were before: uint8 where that is how they are kept."""
    normalize = train.normalize
    if train.store.dtype == torch.uint8:
        return normalize.undo(normalised)
    if normalize.mean is None or normalize.std is None:
        return normalised
    mean, std = (each.float().view(1, -1, 1, 1) for each in (normalize.mean, normalize.std))
    return normalised * std + mean


def _notes(bundle: Bundle) -> list[str]:
    notes = []
    if not bundle.resolved.augment:
        notes.append("nothing is augmented, so each draw is the same; add transforms to data.augment")
    if bundle.train.mix is not None:
        name = bundle.resolved.augment[-1].name
        notes.append(f"{name} mixes each picture, and its label, with the one before it in its batch, as training will")
    return notes
