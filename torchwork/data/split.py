"""Which samples are for training, for validation and for the test: by name, by fraction, or by a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from torchwork.data.randomness import generator
from torchwork.data.samples import Samples, Source
from torchwork.errors import DataError, nearest
from torchwork.experiment.spec import FileSplit, Split, SplitRule

VALID_NAMES = ("valid", "val", "validation", "test")
"""splits of a source that validate when the document does not say, in this order"""
TENTH = 0.1


class Splitter:
    """Chooses the samples of each split; what it decided by itself it says in `notes` and writes into `resolved`."""

    def __init__(self, source: Source, seed: int, base: Path) -> None:
        self.source, self.seed, self.base = source, seed, base
        self.notes: list[str] = []

    def choose(self, split: Split) -> tuple[dict[str, Samples], Split]:
        """The samples by split (train, valid and perhaps test), and the rules made explicit."""
        train = self._train_name(split.train)
        valid = self._default_valid(train) if split.valid is None else split.valid
        samples = self._named(train, "train")
        taken: dict[str, list[int]] = {}
        chosen: dict[str, Samples] = {"train": samples}
        for name, rule in (("valid", valid), ("test", split.test)):
            if isinstance(rule, str):
                chosen[name] = self._named(rule, name)
                self._warn_same(name, rule, train)
            elif rule is not None:
                taken[name] = self._of_train(samples, rule, name, taken.values())
                chosen[name] = samples.take(taken[name])
        if taken:
            rest = remaining(len(samples), taken.values())
            if not rest:
                raise DataError(
                    f"data.split: expected samples left to train on, but the other splits take all {len(samples)}"
                )
            chosen["train"] = samples.take(rest)
        return chosen, Split(train=train, valid=valid, test=split.test)

    def _train_name(self, name: str | None) -> str:
        names = list(self.source.splits)
        if name is not None:
            return self._known(name, "train")
        found = "train" if "train" in names else names[0]
        if found != "train":
            self.notes.append(f"train: the split {found} of the source, for it has none named train")
        return found

    def _default_valid(self, train: str) -> SplitRule:
        for name in VALID_NAMES:
            if name in self.source.splits and name != train:
                self.notes.append(f"valid: the split {name} of the source (data.split.valid says otherwise)")
                return name
        self.notes.append("valid: a tenth of train, for the source has no such split (data.split.valid says otherwise)")
        return TENTH

    def _known(self, name: str, place: str) -> str:
        if name not in self.source.splits:
            fix = nearest(name, self.source.splits) or "a number such as 0.1 takes that share of train"
            raise DataError(
                f"data.split.{place}: expected a split of the source ({', '.join(self.source.splits)}), got "
                f"{name!r}; {fix}"
            )
        return name

    def _named(self, name: str, place: str) -> Samples:
        samples = self.source.splits[self._known(name, place)]()
        if not len(samples):
            raise DataError(
                f"data.split.{place}: expected samples in the split {name}, got none; look into the source's files"
            )
        return samples

    def _warn_same(self, name: str, rule: str, train: str) -> None:
        if rule == train:
            self.notes.append(f"{name}: the same samples as for training, so its numbers say nothing about new ones")

    def _of_train(self, samples: Samples, rule: SplitRule, name: str, taken: Iterable[list[int]]) -> list[int]:
        """The numbers of the training samples that `rule` takes away for this split."""
        if isinstance(rule, FileSplit):
            return from_file(samples, rule, self.base, name)
        free = remaining(len(samples), taken)
        targets = None if samples.targets is None else samples.targets[torch.tensor(free)]
        picked = fraction(len(free), targets, float(rule), self.seed, name, self.source.classes)  # type: ignore[arg-type]
        return [free[i] for i in picked]


def remaining(samples: int, taken: Iterable[Sequence[int]]) -> list[int]:
    """The numbers below `samples` that are not taken, in order."""
    used = {index for indices in taken for index in indices}
    return [index for index in range(samples) if index not in used]


def fraction(
    samples: int, targets: Tensor | None, share: float, seed: int, name: str, classes: list[str] | None
) -> list[int]:
    """A share of the samples, drawn by the seed and in order; the same share of each class where there are any."""
    shuffled = torch.randperm(samples, generator=generator(seed, 0, f"split/{name}"))
    if classes is None or targets is None or targets.ndim != 1 or targets.is_floating_point():
        picked = shuffled[: round(share * samples)].tolist()
    else:
        picked = _stratified(shuffled, targets, share, name, classes)
    if not picked or len(picked) == samples:
        raise DataError(
            f"data.split.{name}: expected a share of train that leaves samples on both sides, but {share:g} of "
            f"{samples} "
            f"is {len(picked)}; give another fraction"
        )
    return sorted(picked)


def _stratified(shuffled: Tensor, targets: Tensor, share: float, name: str, classes: list[str]) -> list[int]:
    labels, picked = targets[shuffled], []
    for label, text in enumerate(classes):
        members = shuffled[labels == label].tolist()
        if len(members) == 1:
            raise DataError(
                f"data.split.{name}: expected at least 2 samples of each class to split by fraction, got 1 of "
                f"{text!r}; "
                f"add samples, take the class out, or name the samples in a file"
            )
        picked += members[: min(max(1, round(share * len(members))), len(members) - 1)] if members else []
    return picked


def from_file(samples: Samples, rule: FileSplit, base: Path, place: str) -> list[int]:
    """The samples that a text file lists, one a line, by name or number."""
    path = base / rule.file
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise DataError(f"data.split.{place}: expected a text file at {path}, one sample a line: {reason}") from None
    names = _names(samples)
    found = [_number(line, names, len(samples), f"{rule.file}:{i}") for i, line in enumerate(lines, 1) if line]
    if not found:
        raise DataError(
            f"data.split.{place}: expected names or numbers of samples in {path}, one a line, got an empty file"
        )
    return sorted(set(found))


def _names(samples: Samples) -> dict[str, int]:
    """Number by name; pictures also without the folder of their split, `ants/1.jpg` for `train/ants/1.jpg`."""
    full = {samples.name(i): i for i in range(len(samples))}
    return {name.partition("/")[2]: i for name, i in full.items() if "/" in name} | full


def _number(line: str, names: dict[str, int], samples: int, place: str) -> int:
    if line in names:
        return names[line]
    if not line.lstrip("-").isdigit():
        fix = nearest(line, names)
        raise DataError(
            f"{place}: expected the name of a training sample or its number, got {line!r}{'; ' * bool(fix)}{fix}"
        )
    if not 0 <= int(line) < samples:
        raise DataError(
            f"{place}: expected a number from 0 to {samples - 1}, for train has {samples} samples, got {line}"
        )
    return int(line)


def limited(samples: Samples, limit: int | None, seed: int, name: str) -> Samples:
    """At most `limit` samples, drawn by the seed and in order, so that sorted sources still give every class."""
    if limit is None or len(samples) <= limit:
        return samples
    drawn = torch.randperm(len(samples), generator=generator(seed, 0, f"limit/{name}"))[:limit]
    return samples.take(drawn.sort().values.tolist())
