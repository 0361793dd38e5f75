"""Inputs that were never part of the data set, brought to what the model was trained on; and back to pictures."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchwork.data.bundle import Bundle
from torchwork.data.pictures import as_picture
from torchwork.data.several import Inputs, apart, joined, normalizer
from torchwork.data.sources.arrays import unreadable
from torchwork.data.sources.table import Cells, encode_row
from torchwork.data.spec import Spec
from torchwork.data.transforms import Fitted, Prepare, fit
from torchwork.errors import DataError
from torchwork.experiment.spec import Data, Normalize


class Preprocess:
    """What validation samples went through, for one unseen input at a time, without the data set.

    Without a document (`resolved` None) they were given as the model takes them.
    """

    def __init__(self, resolved: Data | None, spec: Spec) -> None:
        self.spec = spec
        section = resolved.normalize if resolved else "none"
        if section == "auto":
            raise DataError(
                "data.normalize: expected the measured mean and std of a resolved document, got auto; use the run's own"
            )
        fill = spec.encoding.get("fill")
        given = section if isinstance(section, Normalize) else None
        mean, std = (given.mean, given.std) if given else (None, None)
        self.normalize = normalizer(mean, std, fill, spec.inputs)
        self.several: list[dict[str, Any]] = spec.encoding.get("several", [])
        self.size = spec.inputs[0][1:] if spec.kind == "picture" else None
        self.prepare = Fitted(
            Prepare(resolved.prepare if resolved else []), self.size, bool(spec.encoding.get("resize"))
        )

    def __call__(self, value: Any) -> Tensor:
        """One input as float32 without batch dimension; several inputs end to end (`apart` takes them apart).

        A picture is a path, bytes, a Pillow image, an array or a tensor; a row is a mapping by column, or its cells in
        order; several inputs are a list; anything else is an array of the model's input shape. DataError when it does
        not fit.
        """
        if self.several:
            return self.normalize(self._joined(value))[0]
        prepared = self.prepare(self._raw(value))
        if list(prepared.shape) != self.spec.inputs[0]:
            raise DataError(f"expected an input of shape {self.spec.inputs[0]}, got {list(prepared.shape)}")
        return self.normalize(prepared[None])[0]

    def read(self, given: Any) -> list[tuple[str, Tensor]]:
        """What was given by name: every row of a .csv table, every sample of an .npy array, else the one input.

        DataError, which names what was given, when it is not of the kind that the model was trained on.
        """
        if not isinstance(given, str | Path):
            return [(type(given).__name__, self(given))]
        try:
            return self._read(Path(given))
        except DataError as error:
            text = str(error).removeprefix("data.source.Table.path: ")
            raise DataError(text if str(given) in text else f"{given}: {text}") from None

    def _read(self, path: Path) -> list[tuple[str, Tensor]]:
        if self.spec.kind == "table":
            if path.suffix.lower() != ".csv":
                raise DataError("expected a .csv table, such as the model was trained on")
            return [(f"{path.name}:{line}", self(row)) for line, row in enumerate(Cells(path, None).mappings(), 2)]
        if self.several:
            inputs = _inputs(path, len(self.several))
            return [(f"{path.name}[{i}]", self(sample)) for i, sample in enumerate(zip(*inputs, strict=True))]
        if self.spec.kind == "array":
            array = _array(path)
            if list(array.shape[1:]) == self.spec.inputs[0]:
                return [(f"{path.name}[{i}]", self(item)) for i, item in enumerate(array)]
            return [(path.name, self(array))]
        return [(str(path), self(path))]

    def given(self, prepared: Tensor) -> Inputs:
        """One prepared input as the model takes it: with a batch dimension, several inputs taken apart."""
        return apart(prepared[None], self.spec.inputs)

    def _joined(self, values: Sequence[Any]) -> Tensor:
        """One sample of several inputs end to end, [1, numbers]."""
        if len(values) != len(self.several):
            raise DataError(f"expected {len(self.several)} inputs, got {len(values)}")
        return joined([self._one_of(*item)[None] for item in zip(values, self.several, strict=True)])

    def _one_of(self, value: Any, wanted: Mapping[str, Any]) -> Tensor:
        """One of several inputs, float32 in its shape; bytes of pictures from 0 to 1, with their channels anywhere."""
        scale = 255.0 if wanted["picture"] and getattr(value, "dtype", None) in (np.uint8, torch.uint8) else 1.0
        found, shape = _array(value) / scale, list(wanted["shape"])
        if wanted["picture"] and found.ndim == 3 and list(found.shape) == [*shape[1:], shape[0]]:
            found = found.permute(2, 0, 1)
        if list(found.shape) not in (shape, shape[shape[0] == 1 :]):
            raise DataError(f"expected an input of shape {shape}, got {list(found.shape)}")
        return found.reshape(shape)

    def batch(self, values: Iterable[Any]) -> Tensor:
        """Several inputs stacked, float32 [b, ...]."""
        return torch.stack([self(value) for value in values])

    def unnormalize(self, inputs: Tensor) -> Tensor:
        """Model inputs [b, c, h, w] or [c, h, w] as uint8 pictures of the same shape."""
        return self.normalize.undo(inputs) if inputs.ndim == 4 else self.normalize.undo(inputs[None])[0]

    def _raw(self, value: Any) -> Tensor:
        if self.spec.kind == "table":
            return encode_row(value, self.spec.encoding)
        if self.spec.kind != "picture":
            return _array(value)
        picture = as_picture(value, self.spec.encoding.get("mode", "RGB"))
        stored = self.spec.encoding.get("size")
        return fit(picture, stored, resize=True) if stored else picture


def _array(value: Any) -> Tensor:
    """An array, a path of an .npy file, or nested lists, as a tensor."""
    if isinstance(value, str | Path):
        try:
            value = np.load(value, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise DataError(f"expected an array in an .npy file at {value}: {unreadable(error)}") from None
    if isinstance(value, Tensor):
        return value.float()
    try:
        return torch.as_tensor(np.asarray(value, dtype=np.float32))
    except (TypeError, ValueError) as error:
        raise DataError(f"expected numbers: {error}") from None


def _inputs(path: Path, count: int) -> list[np.ndarray]:
    """The arrays x1, x2, ... of an .npz file, samples first."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = [arrays[f"x{number}"] for number in range(1, count + 1)]
    except (OSError, ValueError, EOFError, KeyError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        names = " and ".join(f"x{number}" for number in range(1, count + 1))
        raise DataError(f"expected an .npz file with the arrays {names} at {path}: {unreadable(error)}") from None
    if len({len(item) for item in found}) > 1:
        raise DataError(f"expected as many samples in every input, got {', '.join(map(str, map(len, found)))}")
    return found


def samples(bundle: Bundle, number: int = 8, split: str = "train") -> list[tuple[Tensor, str]]:
    """The first few prepared inputs of a split, not augmented or normalised, each with its label, for previews."""
    batches = getattr(bundle, split)
    indices = torch.arange(min(number, len(batches.store)))
    labels = _labels(batches.targets, bundle.spec.classes, indices)
    return [(batches.shown(batches.store.gather(indices[i : i + 1])[0]).cpu(), label) for i, label in enumerate(labels)]


def _labels(targets: Tensor | None, classes: Sequence[str] | None, indices: Tensor) -> list[str]:
    if targets is None:
        return [""] * len(indices)
    chosen: Sequence[Any] = targets[indices.to(targets.device)].tolist()
    return [classes[item] if classes else _text(item) for item in chosen]


def _text(value: float | Sequence[float]) -> str:
    return ", ".join(f"{item:g}" for item in ([value] if isinstance(value, float) else value))
