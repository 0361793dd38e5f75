"""Any data set of torchvision through its own class."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchwork.catalog import Entry
from torchwork.data.pictures import is_grey
from torchwork.data.samples import Source, Wrapped, digest
from torchwork.errors import DataError, DocumentError, Problem

NAMES = ("train", "val", "valid", "validation", "test")
"""values that a data set's `split` or `image_set` may take"""
TARGETS = ("targets", "labels", "_labels", "y", "identity")
"""where data sets of torchvision keep their targets whole"""


def open_torchvision(entry: Entry, args: dict[str, Any]) -> Source:
    """A data set of torchvision; its splits are those of its `train`, `split` or `image_set` argument."""
    args = settled(entry, args)
    splits = {name: partial(_dataset, entry, args | more) for name, more in split_arguments(entry, args).items()}
    first = next(iter(splits.values()))()
    example = first[0]
    if not isinstance(example, tuple | list) or len(example) != 2:
        raise DataError(
            f"data.source.{entry.name}: expected pairs (input, target), got {type(example).__name__}; its task is "
            "not supported yet"
        )
    mode = "L" if is_grey(getattr(example[0], "mode", None)) else "RGB"
    targets = targets_of(first, entry.name)
    classes = class_names(first, targets)
    made = {name: partial(_split, entry, args, name, make, mode, classes is not None) for name, make in splits.items()}
    kind = "picture" if hasattr(example[0], "convert") else "array"
    return Source(made, classes, kind, {"mode": mode})


def settled(entry: Entry, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments with `download` said outright, for some data sets would download by themselves.

    DataError when the folder is missing, which some data sets would make.
    """
    can_download = entry.argument("download") is not None
    args = {"download": False} | args if can_download else args
    root = args.get("root")
    if root and not args.get("download") and not Path(root).is_dir():
        hint = ", or `download: true`" if can_download else ""
        raise DataError(
            f"data.source.{entry.name}.root: expected a folder at {root}, found none; "
            f"set root to where the data set is{hint}"
        )
    return args


def split_arguments(entry: Entry, args: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By split, the argument that chooses it; a split that the document fixes is the only one."""
    for name in ("train", "split", "image_set"):
        argument = entry.argument(name)
        if argument is None or name in args:
            continue
        if name == "train":
            return {"train": {"train": True}, "test": {"train": False}}
        choices = [choice for choice in argument.choices or NAMES if choice in NAMES]
        found = {str(choice): {name: choice} for choice in choices if _accepts(entry, args | {name: choice})}
        if found:
            return found
    return {"train": {}}


def _accepts(entry: Entry, args: dict[str, Any]) -> bool:
    """Whether the class takes this split: tried, for only its code says so."""
    try:
        entry.construct(args, path=f"data.source.{entry.name}")
    except (DocumentError, DataError):
        return False
    return True


def _dataset(entry: Entry, args: dict[str, Any]) -> Any:
    try:
        dataset = entry.construct(args, path=f"data.source.{entry.name}")
    except DocumentError as error:
        raise DataError(_refusal(entry, args, error.problems[0])) from None
    if not len(dataset):
        raise DataError(f"data.source.{entry.name}: expected samples, got none")
    return dataset


def _refusal(entry: Entry, args: dict[str, Any], problem: Problem) -> str:
    """Why torchvision cannot make the data set: a package, or files that are not there."""
    missing = re.search(r"No module named '(\w+)'|pip install (\w+)", problem.message)
    if missing:
        package = missing[1] or missing[2]
        return f"{problem.path}: {entry.name} needs a package that is not installed: pip install {package}"
    offered = args.get("download") is False
    text = problem.message.partition(". You ")[0] if offered else problem.message
    return f"{problem.path}: {text}" + ("; set root to where it is, or `download: true`" if offered else "")


def _split(entry: Entry, args: dict[str, Any], name: str, make: Callable[[], Any], mode: str, classes: bool) -> Wrapped:
    dataset = make()
    targets = targets_of(dataset, entry.name)
    arguments = json.dumps(args, sort_keys=True, default=str)
    key = digest("torchvision", entry.name, arguments, name, len(dataset), stamps(args.get("root")))
    return Wrapped(dataset, targets if not classes else targets.long(), list(range(len(dataset))), mode, key)


def stamps(root: str | None) -> list[tuple[str, int, int]]:
    """Name, size and time of change of every file below the root, for only the data set knows which are its own."""
    found = sorted(path for path in Path(root).rglob("*") if path.is_file()) if root else []
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in found]


def targets_of(dataset: Any, name: str) -> Tensor:
    """All targets: int64 [n] when they are whole numbers, else float32; read one by one where they are not kept."""
    kept = (getattr(dataset, key, None) for key in TARGETS)
    whole = next((found for found in kept if _is_list(found, len(dataset))), None)
    values = whole if whole is not None else [dataset[i][1] for i in range(len(dataset))]
    return as_targets(values, name)


def _is_list(value: Any, length: int) -> bool:
    listed = isinstance(value, Sequence | np.ndarray | Tensor) and not isinstance(value, str)
    return listed and len(value) == length


def as_targets(values: Sequence[Any] | np.ndarray | Tensor, name: str) -> Tensor:
    """Targets as a tensor; DataError when they are neither numbers nor alike."""
    try:
        array = values.numpy() if isinstance(values, Tensor) else np.array(values)
        tensor = torch.from_numpy(array)
    except (TypeError, ValueError, RuntimeError):
        first = values[0]
        raise DataError(
            f"data.source.{name}: expected a number (or numbers alike) as each sample's target, "
            f"got {type(first).__name__}; its task is not supported yet"
        ) from None
    return tensor.long() if not tensor.is_floating_point() and tensor.ndim == 1 else tensor.float()


def class_names(dataset: Any, targets: Tensor) -> list[str] | None:
    """The names of the classes, None when targets are values."""
    if targets.is_floating_point():
        return None
    count = int(targets.max()) + 1
    names = getattr(dataset, "classes", None)
    if isinstance(names, Sequence) and len(names) >= count:
        return [name if isinstance(name, str) else ", ".join(map(str, name)) for name in names]
    return [str(label) for label in range(count)]
