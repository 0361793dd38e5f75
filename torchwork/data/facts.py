"""Facts of the data that say whether something is wrong with them: cheap, and recorded by every new run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from torchwork.data.batches import Batches
from torchwork.data.randomness import borrowed
from torchwork.data.store import Block, Ragged

SECONDS = 0.3
"""for the inputs of a split, and for the search for copies"""
LOOKED_AT, PIECE = 512, 32
"""samples whose values are measured, evenly spread, and so many at a time"""
ROWS = 1024
"""samples whose content is looked at together"""
IN_ORDER = 20_000
"""labels whose order is looked at"""
MANY = 512
"""features of a table that are described one by one; more are so together"""


def data_facts(**splits: Any) -> dict[str, Any]:
    """What is known of `train`, `valid` and `test` as JSON: `inputs` and `targets` by split, `copies`, `sorted`.

    Of data that are not from a document nothing but the number of samples is known.
    """
    given = {name: batches for name, batches in splits.items() if batches is not None}
    found: dict[str, Any] = {"samples": {name: batches.samples for name, batches in given.items()}}
    known = {name: batches for name, batches in given.items() if isinstance(batches, Batches)}
    with borrowed():
        found["inputs"] = {name: values for name, batches in known.items() if (values := _inputs(batches))}
    targets = {name: item.targets for name, item in known.items() if item.targets is not None and len(item.targets)}
    found["targets"] = {name: _values(item.float()) for name, item in targets.items() if item.is_floating_point()}
    if "train" in targets and not targets["train"].is_floating_point() and targets["train"].dim() == 1:
        found["sorted"] = _same_as_before(targets["train"][:IN_ORDER])
    if "train" in known and "valid" in known:
        found |= _copies(known["train"], known["valid"])
    return found


def _inputs(batches: Batches) -> list[dict[str, Any]]:
    """For each input of the network its values as the network gets them, without augmentation."""
    end = time.perf_counter() + SECONDS
    chosen = torch.linspace(0, len(batches.store) - 1, min(LOOKED_AT, len(batches.store))).long()
    pieces: list[list[Tensor]] = []
    for indices in torch.split(chosen, PIECE):
        uniform = torch.full((len(indices),), 0.5, dtype=torch.float64)
        pieces += [_as_list(batches.given(item)) for item in _stacked(batches.store.gather(indices, uniform))]
        if time.perf_counter() > end:
            break
    return [_values(*one) for one in zip(*pieces, strict=True)]


def _stacked(samples: Tensor | list[Tensor]) -> list[Tensor]:
    return [samples] if isinstance(samples, Tensor) else [item[None] for item in samples]


def _as_list(inputs: Any) -> list[Tensor]:
    return [inputs] if isinstance(inputs, Tensor) else [*inputs]


def _values(*parts: Tensor) -> dict[str, Any]:
    """Mean, deviation and ends of all values; of the features of a table also those of each."""
    parts = tuple(part.detach().float().cpu() for part in parts)
    flat = torch.cat([part.flatten() for part in parts])
    finite = flat[flat.isfinite()]
    if not len(finite):
        return {"finite": 0.0}
    low, high = finite.aminmax()
    found: dict[str, Any] = {"mean": float(finite.mean()), "std": float(finite.std(correction=0))}
    found |= {"min": float(low), "max": float(high), "finite": len(finite) / len(flat)}
    if parts[0].dim() == 2 and 1 < parts[0].shape[1] <= MANY:
        rows = torch.cat(parts)
        found |= {"feature_std": rows.std(dim=0, correction=0).tolist(), "feature_mean": rows.mean(dim=0).tolist()}
    return found


def _same_as_before(labels: Tensor) -> float:
    """How often a label is that of the sample before: of sorted samples nearly always."""
    return float((labels[1:] == labels[:-1]).float().mean()) if len(labels) > 1 else 0.0


def _copies(train: Batches, valid: Batches) -> dict[str, float]:
    """The shares of `valid` samples that equal one of `train`, and of `train` samples that equal another of it.

    The second is what is usual among such samples: rows of a few numbers repeat without being copied. Nothing is said
    where there was no time to look at all of `train`.
    """
    if not all(isinstance(item.store, Block | Ragged) for item in (train, valid)):
        return {}
    end = time.perf_counter() + SECONDS
    hashes: list[int] = []
    for found in _hashes(train):
        hashes.append(found)
        if len(hashes) % 256 == 0 and time.perf_counter() > end:
            return {}
    distinct = set(hashes)
    copied = looked = 0
    for found in _hashes(valid):
        copied, looked = copied + (found in distinct), looked + 1
        if looked % 256 == 0 and time.perf_counter() > end + SECONDS:
            break
    return {"copies": copied / max(1, looked), "repeats": 1 - len(distinct) / max(1, len(hashes))}


def _hashes(batches: Batches) -> Iterator[int]:
    """A number for the content of each sample in turn."""
    for indices in torch.split(torch.arange(len(batches.store)), ROWS):
        samples = batches.store.gather(indices)
        rows = samples.cpu().numpy() if isinstance(samples, Tensor) else [item.cpu().numpy() for item in samples]
        yield from (hash(row.tobytes()) for row in rows)
