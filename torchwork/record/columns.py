"""What one event file holds: scalars as columns in memory, everything else as references into the file."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from torchwork.record import decode, wire
from torchwork.record.summary import EXACT

SUMMARY, SESSION_LOG = 5, 7  # fields of Event
OTHERS = {4: "graph_def", 8: "run_metadata", 9: "meta_graph_def"}  # fields of Event with a graph, and their tags
TAG, SIMPLE, IMAGE, HISTOGRAM, AUDIO, TENSOR, METADATA = 1, 2, 4, 5, 6, 8, 9  # fields of Summary.Value
PLUGINS = {"histograms": "histogram", "images": "image", "audio": "audio", "text": "text", "hparams": "hparams"}
FIELDS = {IMAGE: "image", HISTOGRAM: "histogram", AUDIO: "audio"}
SHORT = 200  # bytes of an event with one number and a usual tag
NUMBER = wire.varint(SIMPLE << 3 | wire.FIXED32) + bytes(4)
# A number as TensorFlow 2 writes it: a tensor of one float32, as its content or as a list, and its plugin.
TENSORS = tuple(bytes((TENSOR << 3 | wire.BYTES, 10, 8, 1, 18, 0, field << 3 | wire.BYTES, 4)) for field in (4, 5))
BEHIND = wire.message(METADATA, wire.message(1, wire.text(1, "scalars")))
LAYOUTS = 4096  # remembered layouts of events, so that no file fills memory


class Block:
    """The scalars of all events that carry the same tags: one row for each event."""

    def __init__(self, tags: tuple[str, ...]) -> None:
        self.tags = tags
        self.steps, self.wall_times, self.offsets = array("q"), array("d"), array("q")
        self.values = array("d")  # row after row of len(tags)

    def append(self, step: int, wall_time: float, offset: int, values: tuple[float, ...] | list[float]) -> None:
        self.steps.append(step)
        self.wall_times.append(wall_time)
        self.offsets.append(offset)
        self.values.extend(values)

    def extend(
        self,
        steps: NDArray[np.int64],
        wall_times: NDArray[np.float64],
        offsets: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> None:
        """Take points [n] of one tag, by ascending offset; each comes to its place by offset."""
        count = len(self.offsets)
        for column, new in zip(self._columns, (steps, wall_times, offsets, values), strict=True):
            column.frombytes(new.tobytes())
        if count and self.offsets[count - 1] > offsets[0]:
            self._sort(bisect_left(self.offsets, int(offsets[0]), 0, count))

    @property
    def _columns(self) -> tuple[array[Any], ...]:
        return self.steps, self.wall_times, self.offsets, self.values

    def _sort(self, first: int) -> None:
        order = np.argsort(np.array(self.offsets[first:]), kind="stable")
        for column in self._columns:
            column[first:] = array(column.typecode, np.array(column[first:])[order].tobytes())


class Layout:
    """The constant bytes of events that differ only in their numbers, so that the next one is unpacked in one call."""

    def __init__(self, block: Block, parts: tuple[bytes, ...]) -> None:
        self.block, self.parts = block, parts
        self.unpack = struct.Struct("<" + "".join(f"{len(part)}sf" for part in parts)).unpack_from


class Columns:
    """The content of one event file so far; `plugins` (tag to plugin name) is shared by the files of a run."""

    def __init__(self, path: Path, plugins: dict[str, str]) -> None:
        self.path, self.plugins = path, plugins
        self.blocks: dict[tuple[str, ...], Block] = {}
        self.of_tag: dict[str, list[Block]] = {}  # the blocks of each tag: of ten thousand one is found at once
        self.items: dict[str, list[decode.Item]] = {}
        self.starts: list[tuple[int, int]] = []  # (offset, step) of each SessionLog START
        self._layouts: dict[tuple[int, bytes], Layout] = {}
        self._singles: dict[bytes, Block] = {}  # by all bytes of the summary but the four of its one number
        self._tensors: dict[bytes, Block] = {}  # by the bytes of the summary before its one number

    @property
    def size(self) -> int:
        """Bytes of memory that this takes, roughly."""
        scalars = sum(24 * len(block.steps) + 8 * len(block.values) for block in self.blocks.values())
        return scalars + sum(300 * len(items) for items in self.items.values())

    def add(self, data: bytes, offset: int) -> None:
        """Take one Event whose bytes lie at `offset` of the file; ValueError when it is no Event."""
        try:
            known = self._known(data, offset)
        except IndexError:  # too short for the quick way
            known = False
        if not known:
            self._event(data, offset)

    def _known(self, data: bytes, offset: int) -> bool:
        """The quick way for events laid out like an earlier one; False when this one is not."""
        if data[0] != 0x09:
            return False
        step, at = 0, 9
        if data[9] == 0x10:
            step, at = data[10], 11
            if step > 0x7F:
                second = data[11]
                step, at = (step & 0x7F | second << 7, 12) if second < 0x80 else wire.read_varint(data, 10)
        if data[at] != 0x2A or step >> 63:
            return False
        if len(data) < SHORT and (block := self._singles.get(data[at:-4])) is not None:
            block.steps.append(step)
            block.wall_times.append(_double(data, 1)[0])
            block.offsets.append(offset)
            block.values.append(_float(data, len(data) - 4)[0])
            return True
        size, at = data[at + 1], at + 2
        if size > 0x7F:
            size, at = wire.read_varint(data, at - 1)
        if at + size != len(data):
            return False
        layout = self._layouts.get((size, data[at : at + 5 + data[at + 3]]))
        if not layout:
            return False
        row = layout.unpack(data, at)
        if row[::2] != layout.parts:
            return False
        layout.block.append(step, _double(data, 1)[0], offset, row[1::2])
        return True

    def single(self, summary: bytes) -> Block | None:
        """The block of an event's only number, by all bytes of its summary but those of the number."""
        block = self._singles.get(summary)
        tag = summary[6:-1]
        if block is None and summary == wire.message(SUMMARY, wire.message(1, wire.message(TAG, tag) + NUMBER))[:-4]:
            block = self._block((tag.decode("utf-8", "replace"),))
            if len(self._singles) < LAYOUTS:
                self._singles[summary] = block
        return block

    def tensor(self, summary: bytes) -> Block | None:
        """The block of an event's only number where that is a tensor, by the bytes before the number; see BEHIND.

        None until one was read the exact way: what a tag's first event says of its plugin counts for all.
        """
        block = self._tensors.get(summary)
        tag, head = summary[6 : -len(TENSORS[0])], summary[-len(TENSORS[0]) :]
        name = tag.decode("utf-8", "replace")
        if block or head not in TENSORS or self.plugins.get(name) not in ("scalars", ""):
            return block
        whole = wire.message(SUMMARY, wire.message(1, wire.message(TAG, tag) + head + bytes(4) + BEHIND))
        if summary == whole[: -4 - len(BEHIND)]:
            block = self._block((name,))
            if len(self._tensors) < LAYOUTS:
                self._tensors[summary] = block
        return block

    def _event(self, data: bytes, offset: int) -> None:
        wall_time, step, summary = 0.0, 0, None
        for field, kind, at, end in wire.spans(data):
            if field == 1 and kind == wire.FIXED64:
                wall_time = _double(data, at)[0]
            elif field == 2 and kind == wire.VARINT:
                step = wire.signed(wire.read_varint(data, at)[0])
            elif field == SUMMARY and kind == wire.BYTES:
                summary = at, end
            elif field == SESSION_LOG and dict(wire.fields(data[at:end])).get(1) == 1:
                self.starts.append((offset, step))
            elif field in OTHERS and kind == wire.BYTES:
                self._graph(field, data[at:end], offset + at, step, wall_time)
        if summary:
            self._summary(data, offset, step, wall_time, *summary)

    def _graph(self, field: int, content: bytes, offset: int, step: int, wall_time: float) -> None:
        """Graphs and what was measured of them: fields of the event itself, without a tag of their own."""
        tag, kind = OTHERS[field], "graph" if field == 4 else OTHERS[field]
        if field == 8:
            tag += "/" + (wire.last(content, 1) or b"").decode("utf-8", "replace")
        item = decode.Item(tag, kind, step, wall_time, self.path, offset, len(content))
        self.items.setdefault(tag, []).append(item)

    def _summary(self, data: bytes, offset: int, step: int, wall_time: float, begin: int, stop: int) -> None:
        tags: list[str] = []
        values: list[float] = []
        places: list[int] = []  # of the float32 of each scalar, -1 for others
        for field, kind, at, end in wire.spans(data, begin, stop):
            if field != 1 or kind != wire.BYTES:
                continue
            tag, value, place = self._value(data, at, end, offset, step, wall_time)
            places.append(place)
            if value is not None:
                tags.append(tag)
                values.append(value)
        self._scalars(tags, values, step, wall_time, offset)
        if stop == len(data) and places and min(places) > 0 and len(set(tags)) == len(tags):
            self._remember(tuple(tags), data[begin:stop], [place - begin for place in places])

    def _value(
        self, data: bytes, begin: int, stop: int, offset: int, step: int, wall_time: float
    ) -> tuple[str, float | None, int]:
        """One Summary.Value: its tag, its number if it is a scalar, and where that lies if it is a plain float32."""
        parts = {field: (kind, at, end) for field, kind, at, end in wire.spans(data, begin, stop)}
        content = {field: data[at:end] for field, (kind, at, end) in parts.items() if kind != wire.VARINT}
        tag = content.get(TAG, b"").decode("utf-8", "replace")
        if METADATA in content:  # the first value of a tag names the plugin for all
            plugin = wire.last(wire.last(content[METADATA], 1) or b"", 1) or b""
            self.plugins.setdefault(tag, plugin.decode("utf-8", "replace"))
        exact = content.get(EXACT)
        if exact is not None and len(exact) == 8:
            return tag, _double(exact)[0], -1
        if len(content.get(SIMPLE, b"")) == 4:
            place = parts[SIMPLE][1]
            return tag, _float(data, place)[0], place
        kind = self._kind(tag, content)
        if kind == "scalar":
            return tag, decode.scalar(content[TENSOR]), -1
        self.items.setdefault(tag, []).append(
            decode.Item(tag, kind, step, wall_time, self.path, offset + begin, stop - begin)
        )
        return tag, None, -1

    def _kind(self, tag: str, content: dict[int, bytes]) -> str:
        """What a value is: by what it holds first, by its plugin second, never by its tag."""
        for field, kind in FIELDS.items():
            if field in content:
                return kind
        plugin = self.plugins.get(tag, "")
        if TENSOR in content and plugin in ("scalars", "") and decode.scalar(content[TENSOR]) is not None:
            return "scalar"
        return PLUGINS.get(plugin, plugin or "tensor")

    def _scalars(self, tags: list[str], values: list[float], step: int, wall_time: float, offset: int) -> None:
        if len(set(tags)) < len(tags):  # a tag twice in one event: two points
            for tag, value in zip(tags, values, strict=True):
                self._block((tag,)).append(step, wall_time, offset, (value,))
        elif tags:
            self._block(tuple(tags)).append(step, wall_time, offset, values)

    def _block(self, tags: tuple[str, ...]) -> Block:
        block = self.blocks.get(tags)
        if block is None:
            block = self.blocks[tags] = Block(tags)
            for tag in tags:
                self.of_tag.setdefault(tag, []).append(block)
        return block

    def _remember(self, tags: tuple[str, ...], data: bytes, places: list[int]) -> None:
        begins = [0, *(place + 4 for place in places)]
        if begins[-1] != len(data) or len(data) < 5 or len(self._layouts) >= LAYOUTS:
            return
        if len(tags) == 1:
            self._singles[wire.message(SUMMARY, data)[:-4]] = self._block(tags)
        parts = tuple(data[begin:place] for begin, place in zip(begins, places, strict=False))
        self._layouts[len(data), data[: 5 + data[3]]] = Layout(self._block(tags), parts)


_double = struct.Struct("<d").unpack_from
_float = struct.Struct("<f").unpack_from
