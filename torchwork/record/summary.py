"""Events as bytes: what TensorBoard reads, in the order its messages define (event.proto, summary.proto, plugins)."""

from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from torchwork.record import wire

FILE_VERSION = "brain.Event:2"
EXACT = 1000  # our field of Summary.Value: the double behind a float32
LAYOUT_TAG = "custom_scalars__config__"
HPARAMS_EXPERIMENT = "_hparams_/experiment"
HPARAMS_START = "_hparams_/session_start_info"
HPARAMS_END = "_hparams_/session_end_info"

DT_STRING = 7
SMALLEST_NORMAL, LARGEST_EXACT = 2.0**-126, 2.0**24
LARGEST_FLOAT = (2 - 2.0**-23) * 2.0**127
Setting = str | float | int | bool | None


def event(wall_time: float, step: int, field: int, content: bytes) -> bytes:
    """An Event with one field set besides its time (seconds since 1970) and its step."""
    return wire.double(1, wall_time) + wire.integer(2, step) + wire.message(field, content)


def version_event(wall_time: float) -> bytes:
    """The first event of every file."""
    return wire.double(1, wall_time) + wire.text(3, FILE_VERSION)


def start_event(wall_time: float, step: int) -> bytes:
    """SessionLog START: what earlier files hold from `step` on does not count any more."""
    return event(wall_time, step, 7, wire.integer(1, 1))


def summary_event(wall_time: float, step: int, *values: bytes) -> bytes:
    """An Event that carries the given Summary values."""
    return event(wall_time, step, 5, b"".join(wire.message(1, value) for value in values))


def scalar_event(wall_time: float, step: int, tags: tuple[str, ...], values: Sequence[float]) -> bytes:
    """One Event with all scalars of a step, as float32; a double that float32 would distort goes along."""
    if any(map(_distorted, values)):
        return summary_event(wall_time, step, *map(_exact_value, tags, values))
    head, pack = _scalar_layout(tags)
    return b"\x09" + struct.pack("<d", wall_time) + b"\x10" + wire.varint(step) + head + pack(values)


def _distorted(value: float) -> bool:
    """Whether float32 fails `value`: an overflow, a denormal, or more than 24 bits above 2**24."""
    size = abs(value)
    if SMALLEST_NORMAL <= size <= LARGEST_EXACT or size == 0 or not math.isfinite(value):
        return False
    return size > LARGEST_FLOAT or size < SMALLEST_NORMAL or struct.unpack("f", struct.pack("f", value))[0] != value


def _exact_value(tag: str, value: float) -> bytes:
    single = math.copysign(math.inf, value) if abs(value) > LARGEST_FLOAT else value
    content = wire.text(1, tag) + b"\x15" + struct.pack("<f", single)
    return content + wire.double(EXACT, value) if _distorted(value) else content


@lru_cache(maxsize=256)
def _scalar_layout(tags: tuple[str, ...]) -> tuple[bytes, Callable[[Sequence[float]], bytes]]:
    """For one set of tags: the head of the summary field, and what packs the values in between constant bytes."""
    parts = []
    for tag in tags:
        name = wire.text(1, tag) + b"\x15"
        parts.append(b"\x0a" + wire.varint(len(name) + 4) + name)
    layout = struct.Struct("<" + "".join(f"{len(part)}sf" for part in parts))
    row: list[bytes | float] = [0.0] * (2 * len(parts))
    row[::2] = parts

    def pack(values: Sequence[float]) -> bytes:
        row[1::2] = values
        return layout.pack(*row)

    return b"\x2a" + wire.varint(layout.size), pack


def histogram_value(
    tag: str, edges: NDArray[np.float64], counts: NDArray[np.float64], total: float, squares: float
) -> bytes:
    """A HistogramProto: `edges` [k + 1] ascending, `counts` [k], sum and sum of squares of the values."""
    head = (edges[0], edges[-1], counts.sum(), total, squares)
    content = b"".join(wire.double(field, float(number)) for field, number in enumerate(head, 1))
    content += wire.message(6, edges[1:].astype("<f8").tobytes()) + wire.message(7, counts.astype("<f8").tobytes())
    return wire.text(1, tag) + wire.message(5, content)


def image_value(tag: str, picture: NDArray[np.uint8]) -> bytes:
    """A PNG of `picture` [H, W] or [H, W, C] with C of 1, 3 or 4, uint8."""
    pixels = picture[:, :, 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG", compress_level=3)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    content = b"".join(wire.integer(field, size) for field, size in enumerate((*pixels.shape[:2], channels), 1))
    return wire.text(1, tag) + wire.message(4, content + wire.message(4, encoded.getvalue()))


def text_value(tag: str, content: str) -> bytes:
    """A text (markdown) for TensorBoard's text page."""
    tensor = wire.integer(1, DT_STRING) + wire.message(2, wire.message(2, wire.integer(1, 1))) + wire.text(8, content)
    return wire.text(1, tag) + wire.message(8, tensor) + _metadata("text")


def layout_value(charts: Mapping[str, Sequence[str]], title: str = "train and valid") -> bytes:
    """A custom_scalars layout: one chart for each title with all its tags as lines."""
    body = wire.text(1, title)
    for name, tags in charts.items():
        # TensorBoard takes each line as a regular expression that must match a tag from its beginning.
        lines = b"".join(wire.text(1, f"^{re.escape(tag)}$") for tag in tags)
        body += wire.message(2, wire.text(1, name) + wire.message(2, lines))
    tensor = wire.integer(1, DT_STRING) + wire.message(2, b"") + wire.message(8, wire.message(2, body))
    return wire.text(1, LAYOUT_TAG) + wire.message(8, tensor) + _metadata("custom_scalars")


def hparams_start_value(settings: Mapping[str, Setting], start: float) -> bytes:
    """The settings of the run for TensorBoard's hparams page, and when it began (seconds since 1970)."""
    entries = b"".join(
        wire.message(1, wire.text(1, name) + wire.message(2, _struct_value(value))) for name, value in settings.items()
    )
    return wire.text(1, HPARAMS_START) + _metadata("hparams", wire.message(3, entries + wire.double(5, start)))


def hparams_experiment_value(settings: Mapping[str, Setting], metrics: Iterable[str]) -> bytes:
    """The columns of the hparams page: TensorBoard takes those of the first run that names any, for all runs."""
    columns = b"".join(wire.message(4, _hparam_column(name, value)) for name, value in settings.items())
    columns += b"".join(wire.message(5, wire.message(1, wire.text(2, tag))) for tag in metrics)
    return wire.text(1, HPARAMS_EXPERIMENT) + _metadata("hparams", wire.message(2, columns))


def hparams_end_value(success: bool, end: float) -> bytes:
    """The end of the run for the hparams page: its status and time (seconds since 1970)."""
    content = wire.integer(1, 1 if success else 2) + wire.double(2, end)
    return wire.text(1, HPARAMS_END) + _metadata("hparams", wire.message(4, content))


def _hparam_column(name: str, value: Setting) -> bytes:
    kind = 2 if isinstance(value, bool) else 3 if isinstance(value, (int, float)) else 1
    return wire.text(1, name) + wire.integer(4, kind)


def _struct_value(value: Setting) -> bytes:
    """google.protobuf.Value: null, number, string or bool."""
    if value is None:
        return wire.integer(1, 0)
    if isinstance(value, bool):
        return wire.integer(4, value)
    return wire.double(2, float(value)) if isinstance(value, (int, float)) else wire.text(3, str(value))


def _metadata(plugin: str, content: bytes = b"") -> bytes:
    data = wire.text(1, plugin) + (wire.message(2, content) if content else b"")
    return wire.message(9, wire.message(1, data))
