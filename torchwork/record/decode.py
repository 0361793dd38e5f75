"""What event files hold besides scalars, decoded when asked for: the old style and TensorFlow 2's tensors alike."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from torchwork.errors import RunFolderError
from torchwork.record import wire

DT_STRING, DT_BFLOAT16 = 7, 14
DTYPES = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "u1",
    5: "<i2",
    6: "i1",
    9: "<i8",
    10: "?",
    14: "<u2",
    17: "<u2",
    19: "<f2",
    22: "<u4",
    23: "<u8",
}
# The field of TensorProto that holds single values of a dtype, when it has no tensor_content.
LISTS = {1: 5, 2: 6, 3: 7, 4: 7, 5: 7, 6: 7, 9: 10, 10: 11, 14: 13, 17: 7, 19: 13, 22: 16, 23: 17}
RAW = ("graph", "run_metadata", "meta_graph_def")  # kinds that are no Summary.Value
HALVES = (DT_BFLOAT16, 19)

Tensor = NDArray[Any] | list[bytes]
T = TypeVar("T")


@dataclass(frozen=True)
class Histogram:
    """Counts [k] of values between `edges` [k + 1]; sum and sum of squares are 0 where the writer left them out."""

    edges: NDArray[np.float64]
    counts: NDArray[np.float64]
    total: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True, slots=True)
class Item:
    """One recorded thing that is not a scalar, still in its file; `read` decodes it.

    `kind` is histogram, image, audio, text, hparams, graph, run_metadata, meta_graph_def, or the name of the
    TensorBoard plugin, or tensor.
    """

    tag: str
    kind: str
    step: int
    wall_time: float
    path: Path
    offset: int
    length: int

    def read(self) -> Any:
        """A Histogram, a list of encoded pictures or sounds, a list of texts, a dict of settings, or a tensor.

        A tensor is an array, or a list of bytes when it holds strings; a graph and its like are their bytes.
        RunFolderError when the file is gone or damaged.
        """
        return self.taken(lambda data: decode(data, self.kind))

    def taken(self, reading: Callable[[bytes], T]) -> T:
        """What `reading` makes of the item's own bytes. RunFolderError when the file is gone or damaged."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return reading(file.read(self.length))
        except (OSError, ValueError, IndexError, OverflowError, MemoryError) as error:
            raise RunFolderError(
                f"{self.kind} {self.tag} of step {self.step} cannot be read from {self.path}: {error}; "
                "read the run again if its files were replaced"
            ) from error


def decode(value: bytes, kind: str) -> Any:
    """The content of a Summary.Value of that kind (see `Item.read`); ValueError when it is damaged."""
    if kind in RAW:
        return value
    parts = dict(wire.fields(value))
    if kind == "hparams":
        return hparams(value)
    if (old := parts.get(5)) is not None and kind == "histogram":
        return _old_histogram(_bytes(old))
    if (old := parts.get(4 if kind == "image" else 6)) is not None and kind in ("image", "audio"):
        return [wire.last(_bytes(old), 4) or b""]
    found = tensor(_bytes(parts.get(8, b"")))
    if kind == "histogram":
        return _tensor_histogram(np.asarray(found, np.float64))
    if not isinstance(found, list):
        return found
    if kind == "image":
        return found[2:]  # width and height come first, as texts
    return [text.decode("utf-8", "replace") for text in found] if kind == "text" else found


def pixels(encoded: bytes) -> NDArray[np.uint8]:
    """An encoded picture as an array [H, W] or [H, W, C], uint8."""
    return np.asarray(Image.open(io.BytesIO(encoded)))


def tensor_shape(value: bytes) -> tuple[int, ...]:
    """The shape of the tensor in a Summary.Value, also of strings; () without one."""
    for field, content in wire.fields(wire.last(value, 8) or b""):
        if field == 2:
            return _shape(_bytes(content))
    return ()


def tensor(data: bytes) -> Tensor:
    """A TensorProto as an array of its shape, or a flat list of bytes for strings; bfloat16 becomes float32."""
    dtype, content = 1, b""
    shape: tuple[int, ...] = ()
    strings: list[bytes] = []
    lists: dict[int, list[wire.Value]] = {}
    for field, value in wire.fields(data):
        if field == 1:
            dtype = int(value) if isinstance(value, int) else 0
        elif field == 2:
            shape = _shape(_bytes(value))
        elif field == 4:
            content = _bytes(value)
        elif field == 8:
            strings.append(_bytes(value))
        else:
            lists.setdefault(field, []).append(value)
    if dtype == DT_STRING:
        return strings
    if dtype not in DTYPES:
        raise ValueError(f"tensors of dtype {dtype} are not known")
    flat = np.frombuffer(content, DTYPES[dtype]) if content else _numbers(lists.get(LISTS[dtype], []), dtype)
    if dtype == DT_BFLOAT16:
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    if flat.size == 1:
        return np.broadcast_to(flat.reshape(()), shape)  # one value stands for all, and takes no memory for it
    return flat.reshape(shape)


def scalar(data: bytes) -> float | None:
    """The number in a TensorProto of one element, or None when it holds something else."""
    found = tensor(data)
    if isinstance(found, list) or found.size != 1:
        return None
    return float(found.reshape(-1)[0])


def hparams(value: bytes) -> dict[str, Any]:
    """The settings in a `_hparams_/session_start_info` value; empty for other hparams values."""
    plugin = wire.last(wire.last(value, 9) or b"", 1) or b""
    session = wire.last(wire.last(plugin, 2) or b"", 3) or b""
    entries = [dict(wire.fields(_bytes(entry))) for field, entry in wire.fields(session) if field == 1]
    return {
        _bytes(entry.get(1, b"")).decode("utf-8", "replace"): _setting(_bytes(entry.get(2, b""))) for entry in entries
    }


def _setting(value: bytes) -> Any:
    """google.protobuf.Value: null, number, string or bool."""
    for field, content in wire.fields(value):
        if field == 2:
            return wire.doubles(content)[0]
        if field == 3:
            return _bytes(content).decode("utf-8", "replace")
        if field == 4:
            return bool(content)
    return None


def _old_histogram(data: bytes) -> Histogram:
    """HistogramProto: its first bucket begins at -DBL_MAX in some writers, so the smallest value bounds it."""
    numbers: dict[int, list[float]] = {}
    for field, value in wire.fields(data):
        numbers.setdefault(field, []).extend(wire.doubles(value))
    low, high, total, squares = (numbers.get(field, [0.0])[-1] for field in (1, 2, 4, 5))
    limits, counts = np.array(numbers.get(6, [])), np.array(numbers.get(7, []))
    if limits.shape != counts.shape:
        raise ValueError(f"{len(limits)} limits do not fit {len(counts)} counts")
    edges = np.concatenate([[-np.inf], limits]) if len(limits) else np.array([low, high])
    return Histogram(np.clip(edges, low, high), counts if len(limits) else np.zeros(1), total, squares)


def _tensor_histogram(rows: NDArray[np.float64]) -> Histogram:
    """Rows [k, 3] of left edge, right edge and count."""
    if rows.size == 0:
        return Histogram(np.zeros(2), np.zeros(1))
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise ValueError(f"a histogram has rows of 3 numbers, not the shape {rows.shape}")
    return Histogram(np.append(rows[:, 0], rows[-1, 1]), rows[:, 2].copy())


def _shape(data: bytes) -> tuple[int, ...]:
    """The sizes in a TensorShapeProto."""
    sizes = []
    for field, dimension in wire.fields(data):
        if field == 2:
            size = dict(wire.fields(_bytes(dimension))).get(1, 0)
            sizes.append(wire.signed(size) if isinstance(size, int) else -1)
    if any(size < 0 for size in sizes) or math.prod(sizes) > 1 << 40:
        raise ValueError(f"{sizes} is no shape of a tensor")
    return tuple(sizes)


def _numbers(values: list[wire.Value], dtype: int) -> NDArray[Any]:
    """A repeated field: fixed-width numbers lie as they are, all others as varints, packed or single."""
    if dtype in (1, 2):
        return np.frombuffer(b"".join(map(_bytes, values)), DTYPES[dtype])
    numbers: list[int] = []
    for value in values:
        numbers.extend([value] if isinstance(value, int) else _packed(value))
    if dtype in HALVES:
        return np.array([number & 0xFFFF for number in numbers], "<u2").view(DTYPES[dtype])
    return np.array([wire.signed(number) for number in numbers], "<i8").astype(DTYPES[dtype])


def _packed(data: bytes) -> list[int]:
    numbers, at = [], 0
    while at < len(data):
        number, at = wire.read_varint(data, at)
        numbers.append(number)
    return numbers


def _bytes(value: wire.Value) -> bytes:
    if not isinstance(value, bytes):
        raise wire.WireError("a message was expected, a number came")
    return value
