"""The catalog: every layer, loss, optimizer, scheduler, transform, source, operation and initializer, by name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import torch
from torch import nn, optim
from torch.nn.modules import loss as losses
from torch.optim import lr_scheduler, swa_utils

from torchwork.catalog import exceptions
from torchwork.catalog.describe import describe
from torchwork.catalog.entry import Entry
from torchwork.catalog.operations import operations
from torchwork.catalog.tensors import tensors
from torchwork.catalog.vision import vision
from torchwork.errors import DocumentError, MissingPackageError, Problem, nearest

KINDS = ("layer", "loss", "optimizer", "scheduler", "transform", "source", "operation", "initializer", "tensor")
NEED_VISION = ("transform", "source")


class Catalog:
    """What the installed torch and torchvision offer; each kind is read when it is first asked for."""

    def __init__(self) -> None:
        self._read: dict[str, dict[str, Entry]] = {}
        self._registered: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}

    def register(self, entry: Entry) -> None:
        """Offer an entry of one's own, in place of the library's where the name is the same."""
        self._registered[entry.kind][entry.name] = entry

    def entries(self, kind: str) -> dict[str, Entry]:
        """All entries of a kind by name. Raises MissingPackageError where torchvision is needed and not installed."""
        if kind not in self._read:
            self._read[kind] = dict(sorted(READERS[kind]()))
        return self._read[kind] | self._registered[kind]

    def find(self, kind: str, name: str, path: str = "") -> Entry:
        """The entry of that kind and name, else a DocumentError that says which name or kind would be right."""
        entry = self._registered[kind].get(name) or self.entries(kind).get(name)
        if entry is not None:
            return entry
        raise DocumentError(self._unknown(kind, name, path))

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        """The whole catalog as JSON: kind -> entries. Without torchvision, without what it offers."""
        return {kind: [entry.as_dict() for entry in self._available(kind).values()] for kind in KINDS}

    def _available(self, kind: str) -> Mapping[str, Entry]:
        try:
            return self.entries(kind)
        except MissingPackageError:
            return self._registered[kind]

    def _unknown(self, kind: str, name: str, path: str) -> Problem:
        for other in KINDS:  # what torchvision would offer is no reason to load it
            if other != kind and (other not in NEED_VISION or other in self._read) and name in self.entries(other):
                return Problem(
                    path, f"expected {_a(kind)}, but {name} is {_a(other)}", nearest(name, self.entries(kind))
                )
        reason = exceptions.left_out(name, LEFT_OUT.get(kind, {}))
        if reason:
            return Problem(path, f"{name} is not offered as {_a(kind)}: {reason}")
        return Problem(path, f"expected the name of {_a(kind)}, got {name!r}", nearest(name, self.entries(kind)))


@functools.cache
def catalog() -> Catalog:
    """The one catalog of this process."""
    return Catalog()


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


LEFT_OUT = {
    "layer": exceptions.NOT_LAYERS, "loss": exceptions.NOT_LOSSES, "optimizer": exceptions.NOT_OPTIMIZERS,
    "scheduler": exceptions.NOT_SCHEDULERS, "transform": exceptions.NOT_TRANSFORMS, "source": exceptions.NOT_SOURCES,
    "operation": exceptions.NOT_OPERATIONS,
}  # fmt: skip

Named = Iterator[tuple[str, Entry]]


def _classes(module: Any, base: type, kind: str, belongs: Callable[[type], bool] = lambda found: True) -> Named:
    """The public classes of a namespace that derive from `base` and are not left out."""
    for name in dir(module):
        found = getattr(module, name)
        if (
            name.startswith("_")
            or not isinstance(found, type)
            or not issubclass(found, base)
            or issubclass(found, Enum)
        ):
            continue
        if belongs(found) and not exceptions.left_out(name, LEFT_OUT[kind]):
            yield name, describe(found, kind, name)


def _is_loss(found: type) -> bool:
    return found.__module__ == losses.__name__


def _layers() -> Named:
    return _classes(nn, nn.Module, "layer", lambda found: not _is_loss(found))


def _losses() -> Named:
    return _classes(nn, nn.Module, "loss", _is_loss)


def _optimizers() -> Named:
    return _classes(optim, optim.Optimizer, "optimizer")


def _schedulers() -> Named:
    yield from _classes(lr_scheduler, lr_scheduler.LRScheduler, "scheduler")
    yield "SWALR", describe(swa_utils.SWALR, "scheduler")  # the one scheduler that torch keeps elsewhere


def _transforms() -> Named:
    return _classes(vision().transforms.v2, nn.Module, "transform")


def _sources() -> Named:
    return _classes(vision().datasets, torch.utils.data.Dataset, "source")


def _operations() -> Named:
    yield from operations().items()


def _initializers() -> Named:
    for name, function in inspect.getmembers(nn.init, inspect.isfunction):
        if name.endswith("_") and not name.startswith("_"):
            yield name, describe(function, "initializer", name)


READERS: Mapping[str, Callable[[], Named]] = {
    "layer": _layers, "loss": _losses, "optimizer": _optimizers, "scheduler": _schedulers, "transform": _transforms,
    "source": _sources, "operation": _operations, "initializer": _initializers,
    "tensor": tensors,
}  # fmt: skip
