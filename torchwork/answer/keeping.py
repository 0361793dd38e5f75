"""The data that were opened last, kept: while a person types or looks, they need not be opened again."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torchwork.build import Checked
from torchwork.build import check as check_experiment
from torchwork.data import Batches, Bundle
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, Model, files
from torchwork.experiment.sheet import without_sheet
from torchwork.experiment.spec import Data

BATCHING = ("batch_size", "shuffle", "drop_last")
"""Settings of a document's data that say nothing of what is opened."""
LOOKED_AT = 2000
"""Folders whose times are looked at, to see whether anything was added or taken away."""
STAND_IN = {"name": "data", "model": {"layers": ["Identity"]}, "loss": "CrossEntropyLoss", "optimizer": {"SGD": {}}}


@dataclass(frozen=True)
class _Kept:
    """An experiment with its opened data, and what they were opened from."""

    key: tuple[Any, ...]
    looked: Checked
    bundle: Bundle


_last: list[_Kept] = []
RIGHT = 8
_right: dict[tuple[Any, ...], Checked] = {}
"""What was found of the last right documents, without their data: a node that only moves needs no check."""


def checked(experiment: Experiment) -> Checked:
    """The document looked at as a whole; its data are opened only when they are not those of the last question."""
    key = _key(experiment)
    found = next((_batched(kept.bundle, experiment.data) for kept in _last if kept.key == key), None)
    looked = _looked(experiment, found, (_said(experiment), *key[2]))
    if looked.bundle is not None:
        _last[:] = [_Kept(key, looked, looked.bundle)]
    return looked


def _looked(experiment: Experiment, bundle: Bundle | None, said: tuple[Any, ...]) -> Checked:
    """What the check finds; `said` is all that it depends on."""
    if bundle is None:
        return check_experiment(experiment)
    if said in _right:
        return replace(_right[said], experiment=experiment, bundle=bundle, problems=[])
    looked = check_experiment(experiment, opened=Checked(experiment, bundle=bundle))
    if not looked.problems and not experiment.model.weights:
        if len(_right) >= RIGHT:
            _right.pop(next(iter(_right)))
        _right[said] = replace(looked, bundle=None)
    return looked


def _said(experiment: Experiment) -> tuple[str, str]:
    """What the document says, wherever its nodes stand on the sheet."""
    return experiment.model_dump_json(exclude={"model"}), said_of(experiment.model)


_models: list[tuple[Model, str]] = []


def said_of(model: Model) -> str:
    """What a model says, wherever its nodes stand on the sheet; of the last one it is kept."""
    for kept, text in _models:
        if kept is model:
            return text
    said = without_sheet(model).model_dump_json()
    _models[:] = [(model, said)]
    return said


def last() -> Checked | None:
    """The experiment whose data are open."""
    return _last[0].looked if _last else None


def opened(text: str, path: str) -> Checked:
    """The data of a text, whatever is wrong with the rest of it: the problems are those of the data alone.

    Raises:
        DocumentError: the text is no document, or its section `data` is not right.
    """
    looked = checked(_data_of(text, path))
    looked.problems = [problem for problem in looked.problems if problem.path.startswith("data")]
    return looked


def bundle_of(text: str, path: str) -> Bundle:
    """The opened data of a text.

    Raises:
        DocumentError: with all that is wrong with its data.
    """
    looked = opened(text, path)
    if looked.bundle is None or looked.problems:
        raise DocumentError(looked.problems)
    return looked.bundle


def _data_of(text: str, path: str) -> Experiment:
    """The text's data in an experiment that is right elsewhere: a network that is half drawn must not hide them."""
    value, lines = files.shared(text, path)
    if not isinstance(value, dict) or "data" not in value:
        return Experiment.parse(value, file=path, lines=lines)
    alone = {name: value[name] for name in ("torchwork", "seed", "data") if name in value}
    return Experiment.parse({**alone, **STAND_IN}, file=path, lines=lines)


def _key(experiment: Experiment) -> tuple[Any, ...]:
    section = experiment.data
    defaults = {name: Data.model_fields[name].default for name in BATCHING}
    return section.model_copy(update=defaults), experiment.seed, tuple(_times(section))


def _times(section: Data) -> Iterator[tuple[str, int]]:
    """When what the section names has changed: its files, and its folders three levels down."""
    named = [value for value in section.source.args.values() if isinstance(value, str)]
    rules = [getattr(section.split, name) for name in ("valid", "test")]
    named += [rule.file for rule in rules if hasattr(rule, "file")]
    for name in named or ["data"]:  # where a source looks by itself
        waiting = [(Path(name).expanduser(), 0)]
        for place, depth in waiting:
            try:
                yield str(place), place.stat().st_mtime_ns
                if depth < 3 and place.is_dir() and len(waiting) < LOOKED_AT:
                    with os.scandir(place) as entries:
                        waiting += [(Path(entry.path), depth + 1) for entry in entries if entry.is_dir()]
            except OSError:
                yield str(place), 0


def _batched(bundle: Bundle, section: Data) -> Bundle:
    """The same data in batches as the section wants them."""
    train = _resized(bundle.train, section)
    train.shuffle, train.drop_last = section.shuffle, section.drop_last
    valid, test = (split and _resized(split, section) for split in (bundle.valid, bundle.test))
    resolved = bundle.resolved.model_copy(update={name: getattr(section, name) for name in BATCHING})
    return replace(bundle, train=train, valid=valid, test=test, resolved=resolved)


def _resized(batches: Batches, section: Data) -> Batches:
    found = copy.copy(batches)
    found.batch_size = section.batch_size
    return found
