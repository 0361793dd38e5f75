"""The section `data` of a document, opened: sources, splits, preparation, loading, statistics, batches."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from torchwork.data import loading as load
from torchwork.data.attached import IGNORED
from torchwork.data.augment import ONE_SIZE, Augment, Mix, plan
from torchwork.data.batches import Batches
from torchwork.data.cache import Cache
from torchwork.data.loading import Loaded, Loader
from torchwork.data.normalize import Normalizer
from torchwork.data.randomness import borrowed
from torchwork.data.samples import Source, digest
from torchwork.data.several import measure_all, normalizer
from torchwork.data.sources import open_source
from torchwork.data.spec import Spec, symbols_of
from torchwork.data.split import Splitter, limited
from torchwork.data.store import Store, Stream
from torchwork.data.transforms import Fitted, Prepare
from torchwork.errors import DataError
from torchwork.experiment.spec import Data, Normalize

RESCALING = ("RandomResizedCrop", "Resize", "RandomResize", "ScaleJitter")
"""transforms after which an object has another size, so that pictures which are only measured are resized too"""
COUNTED = 500
"""masks whose pixels are counted"""
WORTH_WORKERS = 1000
"""samples an epoch from which on starting worker processes pays"""


@dataclass(frozen=True)
class Bundle:
    """Data ready to train on.

    `resolved` is the section with everything made explicit, `notes` says what was decided and found.
    """

    train: Batches
    valid: Batches | None
    test: Batches | None
    spec: Spec
    notes: list[str]
    resolved: Data
    names: dict[str, list[str]]
    """by split, what a person calls each sample"""
    damaged: dict[str, list[str]]
    """by split, the samples that were left out, by the same names"""
    fitted: list[int] | None
    """height and width that pictures which are only measured are brought to; None where they have it already"""


def open_data(
    data: Data,
    *,
    seed: int = 0,
    device: str | torch.device = "cpu",
    base: Path | None = None,
    trust: bool = False,
    cache: Path | None = None,
) -> Bundle:
    """The section `data`, ready to train on; DataError or DocumentError in words for all that is not right.

    Paths are relative to `base` (the working folder); `trust` allows one's own code; `cache` is the folder for what is
    measured and decoded once (the user's cache folder).
    """
    with borrowed():  # someone's data set may draw while it is looked through
        return _Opening(data, seed, torch.device(device), base or Path.cwd(), trust, Cache(cache)).bundle()


class _Opening:
    """The steps of opening, each building on the one before."""

    def __init__(self, data: Data, seed: int, device: torch.device, base: Path, trust: bool, cache: Cache) -> None:
        self.data, self.seed, self.device, self.cache = data, seed, device, cache
        self.source: Source = open_source(data.source, base, trust)
        self._only_as_it_is()
        splitter = Splitter(self.source, seed, base)
        chosen, self.split = splitter.choose(data.split)
        self.samples = {name: limited(samples, data.limit, seed, name) for name, samples in chosen.items()}
        self.notes = [*self.source.notes, *splitter.notes]
        self.attached = self.source.attached
        self.prepare = Prepare(data.prepare, self.attached)

    def _only_as_it_is(self) -> None:
        """Transforms are for one picture each: which of several inputs they mean, a document cannot say."""
        for place in ("prepare", "augment"):
            if self._several and getattr(self.data, place):
                raise DataError(
                    f"data.{place}: expected no transforms, for each sample has {len(self._several)} inputs; "
                    f"change the arrays before they are saved"
                )

    @property
    def _several(self) -> list[list[int]]:
        """The shapes of the inputs where a sample has more than one."""
        return [item["shape"] for item in self.source.encoding.get("several", [])]

    def _shapes(self, shape: Sequence[int]) -> list[list[int]]:
        """The shapes of the inputs, of which a held sample has this one."""
        if self.attached and shape:  # which is the last channel
            return [[shape[0] - 1, *shape[1:]]]
        return self._several or [list(shape)]

    def bundle(self) -> Bundle:
        """All of it."""
        probes = self._probed()
        self.augment, self.mix = self._planned(probes[0])
        size = self._size_of_training(probes)
        loading, reason = self._loading(probes)
        loaded = {name: self._loaded(name, loading, size) for name in self.samples}
        self._check(loaded, size)
        place = self._place(loading)
        normalize, section = self._normalize(loaded["train"], self._shapes(size or probes[0].shape))
        workers = self._workers(loaded["train"], place)
        self.notes.append(f"loading: {loading}, for {reason}" + self._kept_note(loading) + self._slow_note(workers))
        spec = self._spec(loaded, size or list(probes[0].shape))
        batches = {name: self._batches(name, item, normalize, workers, place) for name, item in loaded.items()}
        resolved = self.data.model_copy(
            update={"split": self.split, "normalize": section, "loading": loading, "workers": workers}
        )
        names = {name: item.names for name, item in loaded.items()}
        damaged = {name: [self.samples[name].name(i) for i in sorted(item.damage)] for name, item in loaded.items()}
        fitted = size[1:] if size is not None and len(size) == 3 else None
        valid, test = batches.get("valid"), batches.get("test")
        return Bundle(batches["train"], valid, test, spec, self.notes, resolved, names, damaged, fitted)

    def _probed(self) -> list[Tensor]:
        """A few prepared training samples, after a check that the preparation is not random."""
        raw = load.probe(self.samples["train"], lambda value: value)
        self.prepare.check(raw[0])
        if raw[0].ndim == 3:
            sizes = {tuple(item.shape[1:]) for item in raw}
            rescales = not self.data.prepare and (
                len(sizes) > 1 or any(part.name in RESCALING for part in self.data.augment)
            )
            size = list(sizes.pop()) if len(sizes) == 1 else None
            self.source.encoding |= {"size": size, "resize": rescales}
        return [self.prepare(item) for item in raw]

    def _planned(self, example: Tensor) -> tuple[Augment, Mix | None]:
        classes = len(self.source.classes) if self.source.classes else None
        return plan(self.data.augment, example, classes, self.attached)

    def _size_of_training(self, probes: list[Tensor]) -> list[int] | None:
        """The shape augmentation gives, None when it keeps the shape or the shape still depends on the picture."""
        shapes = {tuple(self.augment.shape_of(item)) for item in probes}
        before = {tuple(item.shape) for item in probes}
        check_shapes(before, "data.prepare")
        check_shapes(shapes, "data.augment", next(iter(before)))
        if not self.augment.steps or len(shapes) > 1 or shapes == before:
            return None
        return list(next(iter(shapes)))

    def _loading(self, probes: list[Tensor]) -> tuple[str, str]:
        if self.data.loading != "auto":
            return self.data.loading, "the document says so"
        if self.source.fresh:
            return "streamed", "one's own data set may give something else each time"
        return load.decide(self.samples, probes, self._place(""), self.cache)

    def _place(self, loading: str) -> torch.device:
        """Where inputs are held: on the device, unless transforms run sample by sample, the processor's work."""
        return torch.device("cpu") if self.augment.slow or loading in ("cached", "streamed") else self.device

    def _loaded(self, name: str, loading: str, size: list[int] | None) -> Loaded:
        fitted = self._fit(name, size)
        prepare = self.prepare if fitted is None else Fitted(self.prepare, *fitted, self.attached)
        key = load.prepare_key(self.data.prepare, *(fitted or (None, False)))
        samples = self.samples[name]
        loaded = Loader(loading, self.cache, self.source.fresh).load(samples, prepare, key)
        if loaded.damage:
            self.notes.append(load.damage_note(name, loaded.damage, len(samples)))
        return loaded

    def _fit(self, name: str, size: list[int] | None) -> tuple[list[int], bool] | None:
        """Height and width that pictures which are only measured must get, and whether to resize first."""
        if name == "train" or size is None or len(size) != 3:
            return None
        resize = bool(self.source.encoding.get("resize"))
        how = "Resize and CenterCrop" if resize else "CenterCrop"
        self.notes.append(
            f"{name}: augmentation gives pictures of {size[1]}x{size[2]}, so here {how} brings them to that size"
        )
        return size[1:], resize

    def _check(self, loaded: Mapping[str, Loaded], size: list[int] | None) -> None:
        """That batches can be stacked, and that validation knows the classes of training."""
        for name, item in loaded.items():
            alike = name == "train" and size is not None
            if not alike and item.store.shape is None:
                shapes = " and ".join(str(list(sample.shape)) for sample in load.two_sizes(item.store))
                raise DataError(f"data: expected pictures of one size in {name}, got {shapes}; {ONE_SIZE}")
        if self.source.classes and len(self.source.classes) < 2:
            only = self.source.classes[0]
            raise DataError(f"data.source: expected at least 2 classes to tell apart, got only {only!r}")
        if self.source.classes and self.data.limit is None:  # few samples may well miss a class
            check_classes({name: item.targets for name, item in loaded.items()}, self.source.classes)

    def _normalize(self, train: Loaded, shapes: list[list[int]]) -> tuple[Normalizer, Normalize | str]:
        """What is subtracted and divided, by the channels of inputs of these shapes (single numbers have none)."""
        channels = [sum(shape[0] for shape in shapes)] if all(shapes) else []
        section, fill = self.data.normalize, self.source.encoding.get("fill")
        measured = self._measured(train) if section == "auto" or self._has_gaps() else None
        if self._has_gaps() and measured:
            fill = self.source.encoding["fill"] = measured[0]
        if section == "auto" and measured:
            section = Normalize(mean=measured[0], std=measured[1])
        if isinstance(section, Normalize):
            if channels and any(len(given) not in (1, *channels) for given in (section.mean, section.std)):
                raise DataError(
                    f"data.normalize: expected {channels[0]} values of mean and std, one for each channel, got "
                    f"{len(section.mean)} and {len(section.std)}"
                )
            return normalizer(section.mean, section.std, fill, shapes), section
        return Normalizer(fill=fill), "none"

    def _has_gaps(self) -> bool:
        """Whether the source has missing values that are filled with the mean of train."""
        return bool(self.source.encoding.get("gaps"))

    def _measured(self, train: Loaded) -> tuple[list[float], list[float]]:
        identity = self.samples["train"].identity()
        key = digest("1", identity, load.prepare_key(self.data.prepare, None, False)) if identity else ""
        kept = self.cache.fact("statistics", key) if key else None
        mean, std = kept or measure_all(train.store, self._shapes(()))
        if self.attached and not kept:  # the last channel is no part of the picture
            mean, std = mean[:-1], std[:-1]
        if not all(map(math.isfinite, (*mean, *std))):
            raise DataError(
                "data.source: expected finite numbers in train, got NaN or infinity; mend or leave them out"
            )
        self.cache.keep("statistics", key, [mean, std])
        if len(mean) <= 4:
            self.notes.append(f"normalize: mean {mean} and std {std}, measured on train")
        return mean, std

    def _workers(self, train: Loaded, place: torch.device) -> int:
        """Processes, where there is work for them: decoding, or transforms that run sample by sample."""
        if self.data.workers != "auto":
            return int(self.data.workers) if place.type == "cpu" else 0
        decodes = isinstance(train.store, Stream) and self.samples["train"].encoded
        heavy = decodes or (self.augment.slow and len(train.store) >= WORTH_WORKERS)
        return max(1, min(8, (os.cpu_count() or 1) - 1)) if heavy else 0

    def _kept_note(self, loading: str) -> str:
        kept = loading == "resident" and any(map(load.worth_keeping, self.samples.values()))
        return f"; what was decoded is kept in {self.cache.folder} for the next run" if kept else ""

    def _slow_note(self, workers: int) -> str:
        processes = f"; {workers} worker process{'es' * (workers > 1)}" if workers else ""
        slow = ", ".join(self.augment.slow)
        return processes + (f"; {slow} run{'s' * (len(self.augment.slow) == 1)} sample by sample" if slow else "")

    def _spec(self, loaded: Mapping[str, Loaded], shape: list[int]) -> Spec:
        classes, targets = self.source.classes, loaded["train"].targets
        target_shape = [] if targets is None else list(targets.shape[1:])
        if self.attached:
            target_shape = self.attached.target_shape(shape)
            self.source.encoding["attached"] = self.attached.kind
        counted = {name: self._counted(item, len(classes)) for name, item in loaded.items()} if classes else {}
        inputs = self._shapes(shape)
        nothing = targets is None and self.attached is None
        return Spec(
            inputs=inputs,
            target="none" if nothing else "class" if classes else "value",
            target_shape=target_shape,
            classes=classes,
            symbols=symbols_of(inputs, classes, target_shape),
            samples={name: len(item.store) for name, item in loaded.items()},
            class_counts=counted,
            kind=self.source.kind,
            encoding=self.source.encoding,
        )

    def _counted(self, loaded: Loaded, classes: int) -> list[int]:
        """The samples of each class; of masks the pixels."""
        return pixel_counts(loaded.store, classes) if self.attached else counts(loaded.targets, classes)

    def _batches(self, name: str, loaded: Loaded, normalize: Normalizer, workers: int, place: torch.device) -> Batches:
        train, data = name == "train", self.data
        store = load.to_device(loaded.store, place)
        decodes = isinstance(store, Stream) and self.samples[name].encoded
        return Batches(
            store, loaded.targets, batch_size=data.batch_size, seed=self.seed,
            shuffle=train and data.shuffle, drop_last=train and data.drop_last,
            augment=self.augment if train else None, mix=self.mix if train else None,
            normalize=normalize, device=self.device, workers=workers if train or decodes else 0,
            shapes=self._shapes(()), attached=self.attached,
        )  # fmt: skip


def check_shapes(shapes: Collection[tuple[int, ...]], place: str, before: tuple[int, ...] = ()) -> None:
    """DataError when transforms leave nothing of a sample, or give another number of channels than `before`."""
    for shape in shapes:
        if 0 in shape:
            raise DataError(
                f"{place}: expected something left of each sample, got the shape {list(shape)}; write sizes > 0"
            )
        if len(shape) == len(before) == 3 and shape[0] != before[0]:
            raise DataError(
                f"{place}: expected {before[0]} channels as the other splits have, got {shape[0]}; "
                f"put what changes the channels into data.prepare"
            )


def counts(targets: Tensor | None, classes: int) -> list[int]:
    """How many samples each class has."""
    return [0] * classes if targets is None else torch.bincount(targets, minlength=classes).tolist()


def pixel_counts(store: Store, classes: int) -> list[int]:
    """How many pixels of masks each class has, in at most COUNTED of them, evenly spread."""
    step = max(1, math.ceil(len(store) / COUNTED))
    total = torch.zeros(IGNORED + 1, dtype=torch.int64)
    for index in range(0, len(store), step):
        [sample] = store.gather(torch.tensor([index]))
        total += torch.bincount(sample[-1].flatten().long().cpu(), minlength=IGNORED + 1)
    return total[:classes].tolist()


def check_classes(targets: Mapping[str, Tensor | None], classes: Sequence[str]) -> None:
    """DataError when a target is no class, or a class of train is missing from validation."""
    for name, given in targets.items():
        if given is not None and len(given) and not 0 <= int(given.min()) <= int(given.max()) < len(classes):
            raise DataError(
                f"data: expected classes from 0 to {len(classes) - 1} as targets of {name}, "
                f"got numbers from {int(given.min())} to {int(given.max())}"
            )
    train, valid = (counts(targets[name], len(classes)) for name in ("train", "valid"))
    missing = [text for text, have, need in zip(classes, valid, train, strict=True) if need and not have]
    if missing:
        raise DataError(
            f"data.split.valid: expected samples of every class of train, got none of {', '.join(missing[:5])}; "
            f"add some, or validate on a fraction of train with `valid: 0.1`"
        )
