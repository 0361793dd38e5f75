"""How the inputs of a split are held: resident, cached or streamed; which one and why."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import PIL
import torch
from torch import Tensor

from torchwork.data.cache import Cache
from torchwork.data.pictures import DamagedFileError
from torchwork.data.samples import Held, Samples, digest
from torchwork.data.store import Block, Damage, Prepare, Ragged, Store, Stream, hold, load, read_all, sort_out, write
from torchwork.errors import DataError

PROBES = 16
WORTH_CACHING = 2000
"""pictures from which on decoding takes seconds"""
NAMED = 10
"""damaged files that a note names before it only counts"""


@dataclass
class Loaded:
    """One split, ready: its inputs, its targets, and what was left out, by name."""

    store: Store
    targets: Tensor | None
    damage: Damage
    names: list[str]


@dataclass(frozen=True)
class Loader:
    """Reads splits in one way; `key` names the preparation, for the cache."""

    loading: str
    cache: Cache
    fresh: bool = False

    def load(self, samples: Samples, prepare: Prepare, key: str) -> Loaded:
        """The split without its damaged samples, which are known before any order is drawn."""
        store, damage = self._store(samples, prepare, _cache_key(samples, key))
        sound = [i for i in range(len(samples)) if i not in damage] if damage else None
        targets = samples.targets if sound is None or samples.targets is None else samples.targets[torch.tensor(sound)]
        names = [samples.name(i) for i in range(len(samples)) if i not in damage]
        return Loaded(store, targets, damage, names)

    def _store(self, samples: Samples, prepare: Prepare, key: str) -> tuple[Store, Damage]:
        if self.loading == "streamed":
            return self._streamed(samples, prepare, key)
        if isinstance(samples, Held) and untouched(samples, prepare):
            return Block(samples.inputs), {}
        if self.loading == "cached":
            return self._cached(samples, prepare, key)
        if key and worth_keeping(samples):
            with contextlib.suppress(CacheError):  # the next run has to decode again, that is all
                return self._cached(samples, prepare, key)
        damage: Damage = {}
        return hold(list(sort_out(read_all(samples, prepare), damage))), damage

    def _cached(self, samples: Samples, prepare: Prepare, key: str) -> tuple[Store, Damage]:
        if not key:
            raise DataError("data.loading: cached needs a data set with known files; set it to resident or streamed")
        found = load(self.cache.store(key), self.loading == "resident")
        if found is None:
            self._decode(samples, prepare, key)
            found = load(self.cache.store(key), self.loading == "resident")
        if found is None:
            raise nothing_to_read(samples)
        return found

    def _decode(self, samples: Samples, prepare: Prepare, key: str) -> None:
        damage: Damage = {}
        try:
            with self.cache.making(key) as folder:
                write(folder, sort_out(read_all(samples, prepare), damage), damage)
        except OSError as error:
            raise CacheError(
                f"the cache folder {self.cache.folder} cannot be written ({error.strerror}); "
                f"make room, set XDG_CACHE_HOME, or set data.loading to streamed"
            ) from None

    def _streamed(self, samples: Samples, prepare: Prepare, key: str) -> tuple[Store, Damage]:
        """A stream over the sound samples. Everything is decoded once to know them, and the verdict is kept."""
        verdict = self.cache.fact("verdicts", key) if key else None
        if verdict is None:
            verdict = _verdict(samples, prepare)
            self.cache.keep("verdicts", key, verdict)
        damage = {int(index): text for index, text in verdict["damage"].items()}
        if len(damage) == len(samples):
            raise nothing_to_read(samples)
        sound = samples.take([i for i in range(len(samples)) if i not in damage]) if damage else samples
        shape = verdict["shapes"][0] if len(verdict["shapes"]) == 1 else None
        return Stream(sound, prepare, shape, getattr(torch, verdict["dtype"]), self.fresh), damage


class CacheError(DataError):
    """The cache cannot be written."""


def nothing_to_read(samples: Samples) -> DataError:
    """The error for a split without one sound sample."""
    return DataError(f"expected at least one of {len(samples)} samples to be readable, got none; look at the files")


def worth_keeping(samples: Samples) -> bool:
    """Whether decoding takes so long that what was decoded is kept for the next run."""
    return samples.encoded and len(samples) >= WORTH_CACHING


def untouched(samples: Held, prepare: Prepare) -> bool:
    """Whether the preparation gives back what it was given."""
    example = samples.inputs[0]
    return prepare(example) is example


def _verdict(samples: Samples, prepare: Prepare) -> dict[str, Any]:
    """What is damaged and which shapes there are; samples in memory have one shape and are sound."""
    damage: Damage = {}
    results = read_all(samples if samples.encoded else samples.take([0]), prepare)
    shapes: set[tuple[int, ...]] = set()
    dtype = "uint8"
    for item in sort_out(results, damage):
        dtype = str(item.dtype).removeprefix("torch.")
        if len(shapes) < 2:
            shapes.add(tuple(item.shape))
    return {"damage": damage, "shapes": [list(shape) for shape in sorted(shapes)], "dtype": dtype}


def _cache_key(samples: Samples, prepare: str) -> str:
    """Empty when the samples' identity is not known. Decoders differ by version, so the versions belong to it."""
    identity = samples.identity()
    return digest(identity, prepare, PIL.__version__, torch.__version__) if identity else ""


def prepare_key(parts: Sequence[object], size: Sequence[int] | None, resize: bool) -> str:
    """The preparation as text."""
    return json.dumps([list(map(str, parts)), size, resize])


def probe(samples: Samples, prepare: Prepare) -> list[Tensor]:
    """A few prepared samples, evenly spread, without the damaged ones."""
    step = max(1, len(samples) // PROBES)
    found = [_try(samples, prepare, i) for i in range(0, len(samples), step)]
    return [item for item in found if item is not None] or _first(samples, prepare)


def _try(samples: Samples, prepare: Prepare, index: int) -> Tensor | None:
    try:
        return prepare(samples.read(index))
    except DamagedFileError:
        return None


def _first(samples: Samples, prepare: Prepare) -> list[Tensor]:
    for index in range(len(samples)):
        item = _try(samples, prepare, index)
        if item is not None:
            return [item]
    raise nothing_to_read(samples)


def decide(
    samples: Mapping[str, Samples], probes: Sequence[Tensor], device: torch.device, cache: Cache
) -> tuple[str, str]:
    """The way to hold inputs of which `probes` are a few, and the reason as a phrase."""
    each = sum(item.numel() * item.element_size() for item in probes) / len(probes)
    total = round(each * sum(map(len, samples.values())))
    room = free_memory(device) // 4
    if total <= room:
        return "resident", f"{in_words(total)} fit in a quarter of the free memory of {device}"
    reason = f"{in_words(total)} are more than a quarter of the free memory of {device}"
    encoded = any(item.encoded for item in samples.values())
    if encoded and total <= free_disk(cache.folder) // 2:
        return "cached", f"{reason}, so they are decoded once into {cache.folder}"
    return "streamed", f"{reason}{' and than half of the free disk' * encoded}"


def free_memory(device: torch.device) -> int:
    """Bytes that are free on the device; for the CPU, of the machine or of its control group where that has less."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return min(_machine_memory(), _group_memory())


def _machine_memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return 4 * 2**30  # no way to ask without a package; four gigabytes are free on any machine that trains


def _group_memory() -> int:
    try:
        group = Path("/sys/fs/cgroup")
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return 2**62


def free_disk(folder: Path) -> int:
    """Bytes free where the folder is or would be."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    return shutil.disk_usage(there).free


def in_words(size: int) -> str:
    """A number of bytes: `47 MB`."""
    unit, scale = next(((unit, scale) for unit, scale in (("GB", 1e9), ("MB", 1e6)) if size >= scale), ("kB", 1e3))
    return f"{size / scale:.1f} {unit}"


def damage_note(name: str, damage: Damage, samples: int) -> str:
    """The sentence on what was left out of a split."""
    damaged = [damage[index] for index in sorted(damage)]
    more = f", and {len(damaged) - NAMED} more" if len(damaged) > NAMED else ""
    return f"{name}: {len(damaged)} of {samples} samples are damaged and left out: {'; '.join(damaged[:NAMED])}{more}"


def to_device(store: Store, device: torch.device) -> Store:
    """A block in the memory of the device; anything else stays where it is."""
    if isinstance(store, Block):
        return Block(store.inputs.to(device))
    return store


def two_sizes(store: Store) -> list[Tensor]:
    """Two samples whose shapes differ, or the first one only."""
    if isinstance(store, Ragged):
        other = next(i for i in range(len(store)) if (store.shapes[i] != store.shapes[0]).any())
        return [store._one(0), store._one(other)]
    if store.shape is not None:
        return [store.gather(torch.tensor([0]))[0]]
    first = store.gather(torch.tensor([0]))[0]
    return next(
        (
            [first, item]
            for i in range(1, len(store))
            if (item := store.gather(torch.tensor([i]))[0]).shape != first.shape
        ),
        [first],
    )
