"""The samples of one split as they lie: inputs by number, targets whole. And the data sets they come from."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchwork.data.attached import Attached
from torchwork.data.pictures import DamagedFileError, as_picture, decode
from torchwork.errors import DataError


class Samples(ABC):
    """The samples of one split; `targets` is int64 [n], float32 [n, ...] or None; `encoded`: reading decodes.

    `apart`: reading one does nothing to reading another, so that several threads may.
    """

    targets: Tensor | None
    encoded: bool = False
    apart: bool = False

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def read(self, index: int) -> Tensor:
        """One input: uint8 [channels, height, width] or float32 of any shape; DamagedFileError where it is damaged."""

    @abstractmethod
    def take(self, indices: Sequence[int]) -> Samples:
        """These samples only, in this order."""

    @abstractmethod
    def identity(self) -> str:
        """What caches are keyed by: changes whenever a sample may have changed; empty when that is not known."""

    def name(self, index: int) -> str:
        """What a person calls this sample."""
        return f"sample {index}"


def digest(*parts: object) -> str:
    """A short name for the whole of `parts`."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part if isinstance(part, bytes) else str(part).encode())
        hashed.update(b"\0")
    return hashed.hexdigest()[:32]


def _some(targets: Tensor | None, indices: Sequence[int]) -> Tensor | None:
    return None if targets is None else targets[torch.as_tensor(indices, dtype=torch.int64)]


@dataclass
class Held(Samples):
    """Samples that are in memory: uint8 [n, channels, height, width], or float32 [n, ...]."""

    inputs: Tensor
    targets: Tensor | None
    key: str = ""

    def __len__(self) -> int:
        return len(self.inputs)

    def read(self, index: int) -> Tensor:
        return self.inputs[index]

    def take(self, indices: Sequence[int]) -> Held:
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        key = digest(self.key, chosen.numpy().tobytes()) if self.key else ""
        return Held(self.inputs[chosen], _some(self.targets, indices), key)

    def identity(self) -> str:
        return self.key


@dataclass
class Pictures(Samples):
    """Picture files below a folder; `stamps` are their (size, time of change in ns)."""

    root: Path
    files: list[str]
    stamps: list[tuple[int, int]]
    targets: Tensor | None
    mode: str = "RGB"
    encoded: bool = True
    apart: bool = True

    def __len__(self) -> int:
        return len(self.files)

    def read(self, index: int) -> Tensor:
        try:
            return decode(self.root / self.files[index], self.mode)
        except DamagedFileError as error:
            raise DamagedFileError(str(error).replace(str(self.root / self.files[index]), self.files[index])) from None

    def take(self, indices: Sequence[int]) -> Pictures:
        files, stamps = [self.files[i] for i in indices], [self.stamps[i] for i in indices]
        return Pictures(self.root, files, stamps, _some(self.targets, indices), self.mode)

    def identity(self) -> str:
        return digest(self.mode, self.root.resolve(), *self.files, np.array(self.stamps, dtype=np.int64).tobytes())

    def name(self, index: int) -> str:
        return self.files[index]


@dataclass
class Wrapped(Samples):
    """A torchvision data set or one's own: anything with `__len__` and `[index] -> (input, target)`."""

    dataset: Any
    targets: Tensor | None
    indices: list[int]
    mode: str = "RGB"
    key: str = ""
    encoded: bool = True

    def __len__(self) -> int:
        return len(self.indices)

    def read(self, index: int) -> Tensor:
        try:
            item = self.dataset[self.indices[index]]
        except (OSError, SyntaxError) as error:
            raise DamagedFileError(f"{self.name(index)} cannot be read ({error})") from None
        return as_input(item[0] if isinstance(item, tuple | list) else item, self.mode)

    def take(self, indices: Sequence[int]) -> Wrapped:
        chosen = [self.indices[i] for i in indices]
        return Wrapped(self.dataset, _some(self.targets, indices), chosen, self.mode, self.key)

    def identity(self) -> str:
        return digest(self.key, self.indices) if self.key else ""

    def name(self, index: int) -> str:
        return f"sample {self.indices[index]}"


def as_input(value: Any, mode: str) -> Tensor:
    """What a data set gave as its input: a tensor as it is (float32 unless uint8), a picture decoded."""
    if isinstance(value, np.ndarray) and value.dtype != np.uint8:
        value = torch.from_numpy(value)
    if isinstance(value, Tensor):
        return value if value.dtype == torch.uint8 else value.float()
    if isinstance(value, int | float):
        return torch.tensor([float(value)])
    if hasattr(value, "convert") or isinstance(value, np.ndarray | str | Path):
        return as_picture(value, mode)
    raise DataError(
        f"expected each sample's input as a tensor, an array or a picture, got "
        f"{type(value).__name__}; wrap the data set in one that gives (input, target)"
    )


@dataclass
class Source:
    """A data set: its splits by name, each read when it is first asked for.

    `encoding` is what an unseen input needs to be read alike (pictures: `mode`; tables: the columns), as JSON.
    """

    splits: Mapping[str, Callable[[], Samples]]
    classes: list[str] | None = None
    kind: str = "picture"
    encoding: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fresh: bool = False
    """whether each reading may differ (one's own code): nothing is kept unless the document says so"""
    attached: Attached | None = None
    """what each picture carries in its last channel; its samples have no targets beside"""

    @classmethod
    def paths(cls, args: Mapping[str, Any]) -> tuple[str, ...]:
        """The arguments that are paths, relative to the folder the run starts in."""
        return ("root",)
