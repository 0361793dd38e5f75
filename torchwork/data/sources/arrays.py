"""Arrays in .npy and .npz files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from torchwork.data.samples import Held, Source, digest
from torchwork.data.several import joined
from torchwork.errors import DataError, nearest

CHANNELS = (1, 3, 4)
FEW = 100
"""an integer target with more distinct values than this is a value, not a class"""
NUMBERED = re.compile(r"(x\d+)(_\w+)?")
"""the name of one of several inputs: x1, or x1_train"""
Pair = tuple[list[np.ndarray], np.ndarray | None]
"""The inputs of a split, each [n, ...], and its targets."""


class Arrays(Source):
    """Arrays: an .npz file with x and y (or x_train, y_train, x_test, y_test, ...), or two .npy files.

    Samples of several inputs are x1, x2, ... and y (or x1_train, x2_train, y_train, ...), for a model with as many.
    uint8 arrays of 3 or 4 dimensions are pictures. Targets of whole numbers or text are classes, others are values.

    Args:
        path (str, optional): the .npz file
        x (str, optional): the .npy file of the inputs, samples first; or the name of the array in the .npz file
        y (str, optional): the .npy file of the targets; or the name of the array in the .npz file
        channels (str): first or last, for pictures in colour; auto looks where 1, 3 or 4 of them are
        target (str): class or value; auto decides by the type
        classes (list of str, optional): the names of the classes
    """

    def __init__(
        self,
        path: str | None = None,
        x: str | None = None,
        y: str | None = None,
        channels: Literal["auto", "first", "last"] = "auto",
        target: Literal["auto", "class", "value"] = "auto",
        classes: list[str] | None = None,
    ) -> None:
        self.channels, self.target, self.path = channels, target, path
        arrays, self.stamp = self._npz(Path(path)) if path else self._npy(x, y)
        self.pairs = pairs = split_names(arrays, x if path else None, y if path else None, path or "")
        if classes is None and "classes" in arrays:
            classes = [str(name) for name in arrays["classes"].tolist()]
        splits = {name: partial(self._split, name, *pair) for name, pair in pairs.items()}
        super().__init__(splits, self._labels(pairs, classes), "array")
        first = next(iter(pairs.values()))[0]
        if len(first) > 1:
            self.encoding = {"several": [self._described(x) for x in first]}
        elif is_pictures(first[0]):
            self.kind, self.encoding = "picture", {"mode": "L" if self._pictures(first[0]).shape[1] == 1 else "RGB"}

    @classmethod
    def paths(cls, args: Mapping[str, Any]) -> tuple[str, ...]:
        """x and y are files only where there is no .npz file."""
        return ("path",) if args.get("path") else ("x", "y")

    def _npz(self, path: Path) -> tuple[dict[str, np.ndarray], str]:
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, zipfile.BadZipFile, EOFError, AttributeError) as error:
            raise DataError(
                f"data.source.Arrays.path: expected an .npz file of plain arrays at {path}: {unreadable(error)}"
            ) from None
        return arrays, digest(path.resolve(), path.stat().st_size, path.stat().st_mtime_ns)

    def _npy(self, x: str | None, y: str | None) -> tuple[dict[str, np.ndarray], str]:
        if x is None:
            raise DataError(
                "data.source.Arrays: expected `path:` of an .npz file, or `x:` and `y:` of .npy files, got neither"
            )
        paths = {name: Path(path) for name, path in (("x", x), ("y", y)) if path is not None}
        stamps = [
            (path.resolve(), path.stat().st_size, path.stat().st_mtime_ns) for path in paths.values() if path.is_file()
        ]
        return {name: _npy_file(path, name) for name, path in paths.items()}, digest(stamps)

    def _labels(self, pairs: Mapping[str, Pair], names: list[str] | None) -> list[str] | None:
        """The names of the classes, None when the targets are values (or there are none)."""
        targets = [y for _, y in pairs.values() if y is not None]
        if not targets or not self._are_classes(targets[0]):
            return None
        found = np.unique(np.concatenate([y.reshape(-1) for y in targets]))
        self.values = found if found.dtype.kind in "US" or self._scattered(found) else np.arange(int(found.max()) + 1)
        if names is None:
            return [str(value) for value in self.values.tolist()]
        if len(names) < len(self.values):
            raise DataError(
                f"data.source.Arrays.classes: expected {len(self.values)} names, one for each class, got {len(names)}"
            )
        return list(names)

    def _scattered(self, found: np.ndarray) -> bool:
        return bool(found.min() < 0 or found.max() >= 2 * len(found) + 10)

    def _are_classes(self, y: np.ndarray) -> bool:
        if self.target == "value" and y.dtype.kind not in "US":
            return False
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        if y.ndim != 1:
            if self.target == "class":
                raise DataError(
                    f"data.source.Arrays.y: expected one class for each sample, shape [n], got {list(y.shape)}"
                )
            return False
        return self.target == "class" or y.dtype.kind in "USb" or (y.dtype.kind in "iu" and len(np.unique(y)) <= FEW)

    def _split(self, name: str, inputs: list[np.ndarray], y: np.ndarray | None) -> Held:
        for x in inputs:
            if y is not None and len(x) != len(y):
                raise DataError(
                    f"data.source.Arrays: expected as many targets as inputs in {name}, got {len(y)} and {len(x)}"
                )
            if x.dtype.kind not in "uifb":
                raise DataError(f"data.source.Arrays.x: expected numbers, got an array of {x.dtype}")
        held = self._input(inputs[0], self.kind == "picture") if len(inputs) == 1 else self._joined(name, inputs)
        key = digest(self.stamp, name, self.channels, *([len(inputs)] if len(inputs) > 1 else []))
        return Held(held, None if y is None else self._targets(y), key)

    def _joined(self, name: str, inputs: list[np.ndarray]) -> Tensor:
        """Several inputs end to end, float32 [n, numbers]; pictures from 0 to 1."""
        counts = {len(x) for x in inputs}
        if len(counts) > 1:
            raise DataError(
                f"data.source.Arrays: expected as many samples in every input of {name}, got "
                f"{', '.join(map(str, map(len, inputs)))}"
            )
        known = [item["shape"] for item in self.encoding["several"]]
        found = [self._described(x)["shape"] for x in inputs]
        if found != known:
            raise DataError(f"data.source.Arrays: expected inputs of the shapes {known} in {name}, got {found}")
        made = [self._input(x, is_pictures(x)) for x in inputs]
        return joined([item / 255 if is_pictures(x) else item for x, item in zip(inputs, made, strict=True)])

    def _input(self, x: np.ndarray, pictures: bool) -> Tensor:
        inputs = self._pictures(x) if pictures else torch.from_numpy(x.astype(np.float32))
        return inputs[:, None] if inputs.ndim == 1 else inputs

    def _described(self, x: np.ndarray) -> dict[str, Any]:
        """One of several inputs as JSON: the shape of a sample, and whether it is a picture."""
        if is_pictures(x):
            return {"shape": list(self._pictures(x[:1]).shape[1:]), "picture": True}
        return {"shape": list(x.shape[1:]) or [1], "picture": False}

    def _targets(self, y: np.ndarray) -> Tensor:
        if self.classes is None:
            return torch.from_numpy(y.astype(np.float32))
        return torch.from_numpy(np.searchsorted(self.values, y.reshape(-1)).astype(np.int64))

    def _pictures(self, x: np.ndarray) -> Tensor:
        """uint8 [n, c, h, w] of pictures in either layout."""
        if x.ndim == 3:
            return torch.from_numpy(x)[:, None]
        return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if self.last(x) else x)

    def last(self, x: np.ndarray) -> bool:
        """Whether the channels of pictures [n, ...] in colour are their last dimension."""
        found = x.shape[-1] in CHANNELS and x.shape[1] not in CHANNELS
        return self.channels == "last" or (self.channels == "auto" and found)


def is_pictures(x: np.ndarray) -> bool:
    """Whether an array holds pictures."""
    return x.dtype == np.uint8 and x.ndim in (3, 4)


def _npy_file(path: Path, name: str) -> np.ndarray:
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"data.source.Arrays.{name}: expected an .npy file of a plain array at {path}: {unreadable(error)}"
        ) from None
    if not isinstance(found, np.ndarray):
        raise DataError(
            f"data.source.Arrays.{name}: expected an .npy file, got an .npz file at {path}; give it as `path:`"
        )
    return found


def unreadable(error: BaseException) -> str:
    """Why numpy could not load a file."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if "Object arrays" in str(error):
        return "it holds Python objects (a pickle), which are not read"
    if "pickle" in str(error):
        return "it is not in numpy's format, and pickles are not read"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def split_names(arrays: Mapping[str, Any], x: str | None, y: str | None, path: str) -> dict[str, Pair]:
    """Inputs and targets by split, from the names of the arrays: x and y, or x_train, y_train and so on."""
    if x is not None or "x" in arrays:
        inputs, targets = _array(arrays, x or "x", path), None
        if y is not None or "y" in arrays:
            targets = _array(arrays, y or "y", path)
        return {"train": ([inputs], targets)}
    pairs: dict[str, Pair] = {
        name.removeprefix("x_"): ([arrays[name]], arrays.get(f"y_{name.removeprefix('x_')}"))
        for name in arrays
        if name.startswith("x_")
    }
    pairs = pairs or _numbered(arrays, y, path)
    if not pairs:
        raise DataError(
            f"data.source.Arrays: expected arrays named x and y, or x_train, y_train, ..., in {path}, got "
            f"{', '.join(arrays)}; "
            f"say which with `x:` and `y:`"
        )
    return pairs


def _numbered(arrays: Mapping[str, Any], y: str | None, path: str) -> dict[str, Pair]:
    """The same where a sample has several inputs: x1, x2, ... and y, or x1_train, x2_train, y_train and so on."""
    found = [match for name in arrays if (match := NUMBERED.fullmatch(name))]
    inputs = sorted({match[1] for match in found}, key=lambda name: int(name[1:]))
    ends = dict.fromkeys(match[2] or "" for match in found)
    pairs: dict[str, Pair] = {}
    for end in ends:
        missing = [f"{name}{end}" for name in inputs if f"{name}{end}" not in arrays]
        if missing:
            raise DataError(f"data.source.Arrays: expected an array {missing[0]!r} in {path} beside the other inputs")
        targets = _array(arrays, y, path) if y is not None and not end else arrays.get(f"y{end}")
        pairs[end.removeprefix("_") or "train"] = ([arrays[f"{name}{end}"] for name in inputs], targets)
    return pairs


def _array(arrays: Mapping[str, Any], name: str, path: str) -> np.ndarray:
    if name not in arrays:
        raise DataError(
            f"data.source.Arrays: expected an array {name!r} in {path}, got {', '.join(arrays)}; "
            f"{nearest(name, arrays)}"
        )
    found: np.ndarray = arrays[name]
    return found
