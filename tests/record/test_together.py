"""Many short records read at once: the same points at the same places as one by one, whatever lies between them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from torchwork.record import FileTail, reader, summary, together, wire
from torchwork.record.columns import SHORT
from torchwork.record.crc import contributions, crc32c, mask, masked
from torchwork.record.frame import frame

TAGS = ("a", "loss", "lost", "train/accuracy", "学习率", "x" * 90, "y" * 150)
number = st.floats(width=32)
step = st.one_of(st.integers(0, 300), st.integers(0, 2**63 - 1), st.integers(-5, -1))


def single(tag: str, at: int, value: float, wall_time: float) -> bytes:
    return summary.scalar_event(wall_time, at, (tag,), (value,))


def tensor(tag: str, at: int, value: float, wall_time: float, field: int = 4, plugin: str = "scalars") -> bytes:
    """The same as TensorFlow 2 writes it."""
    number = wire.integer(1, 1) + wire.message(2, b"") + wire.message(field, struct.pack("<f", value))
    metadata = wire.message(9, wire.message(1, wire.text(1, plugin)))
    return summary.summary_event(wall_time, at, wire.text(1, tag) + wire.message(8, number) + metadata)


def strange(kind: str, at: int) -> bytes:
    """What lies between numbers in files of all kinds of writers."""
    told = {
        "start": lambda: frame(summary.start_event(1.0, at)),
        "several": lambda: frame(summary.scalar_event(1.0, at, ("loss", "a"), (1.0, 2.0))),
        "twice": lambda: frame(summary.scalar_event(1.0, at, ("a", "a"), (1.0, 2.0))),
        "exact": lambda: frame(summary.scalar_event(1.0, at, ("loss",), (1e300,))),
        "text": lambda: frame(summary.summary_event(1.0, at, summary.text_value("a", "text"))),
        "none": lambda: frame(b"\xff" * 30),
        "empty": lambda: frame(b""),
        "long": lambda: frame(summary.summary_event(1.0, at, summary.text_value("long", "text" * 99))),
        "nested": lambda: frame(wire.message(99, b"".join(frame(single("a", 1, 1.0, 1.0)) for _ in range(40)))),
        "no time": lambda: frame(single("loss", at, 1.0, 1.0)[9:]),
        "not UTF-8": lambda: frame(single("lost", at, 1.0, 1.0).replace(b"lost", b"l\xffst")),
        "with more": lambda: frame(single("loss", at, 1.0, 1.0) + wire.text(3, "version")),
        "no number": lambda: frame(single("loss", at, 1.0, 1.0)[:-5]),
        "tensor of no plugin": lambda: frame(tensor("a", at, 1.0, 1.0, plugin="")),
        "tensor of pictures": lambda: frame(tensor("loss", at, 1.0, 1.0, plugin="images!")),
        "tensor of texts": lambda: frame(tensor("a", at, 1.0, 1.0).replace(b"\x42\x0a\x08\x01", b"\x42\x0a\x08\x07")),
        "tensor cut": lambda: frame(tensor("loss", at, 1.0, 1.0)[:-13]),
        "step twice": lambda: frame(wire.integer(2, 7) + single("loss", at, 1.0, 1.0)),
    }
    return told[kind]()


KINDS = ("start", "several", "twice", "exact", "text", "none", "empty", "long", "nested", "no time", "not UTF-8")
KINDS += ("with more", "no number", "step twice")
KINDS += ("tensor of no plugin", "tensor of pictures", "tensor of texts", "tensor cut")


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """A file of many single numbers, with anything in between and damage anywhere."""
    tags = draw(st.lists(st.sampled_from(TAGS), min_size=1, max_size=5, unique=True))
    writers = (single, tensor, partial(tensor, field=5))
    of_tag = {tag: draw(st.sampled_from(writers)) for tag in tags}
    first, values = draw(st.integers(0, 300)), draw(st.lists(number, min_size=1, max_size=5))
    records = [
        frame(of_tag[tag](tag, first + row, values[row % len(values)], row / 7))
        for row in range(draw(st.integers(20, 120)))
        for tag in tags
    ]
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=6)):
        records.insert(draw(st.integers(0, len(records))), strange(kind, draw(st.integers(0, 300))))
    for tag, at, value in draw(st.lists(st.tuples(st.sampled_from(TAGS), step, number), max_size=5)):
        records.insert(draw(st.integers(0, len(records))), frame(single(tag, at, value, 1.0)))
    data = bytearray(b"".join(records))
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=3)):
        data[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(data[: draw(st.integers(len(data) // 2, len(data)))])


def all_of(file: FileTail) -> object:
    """Everything that was read; NaN equals NaN, for bytes are compared."""
    columns = file.columns
    blocks = {
        tags: [column.tobytes() for column in (block.steps, block.wall_times, block.offsets, block.values)]
        for tags, block in columns.blocks.items()
    }
    counts = file.records, file.skipped, file.offset, file.notes
    return blocks, columns.items, columns.starts, columns.plugins, counts


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are read as large ones are."""
    monkeypatch.setattr(reader, "WORTH", 0)
    monkeypatch.setattr(reader, "SAMPLE", 64)
    monkeypatch.setattr(together, "FEWEST", 2)


names = count()


@pytest.mark.usefixtures("often")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents(), st.integers(0, 100))
@example(b"".join(frame(single("a", at, 1.0, 1.0)) for at in range(20)), 0)
def test_together_is_as_one_by_one(tmp_path: Path, content: bytes, cut: int) -> None:
    path = tmp_path / f"{next(names)}"
    quick, exact = FileTail(path, {}), FileTail(path, {})
    exact._take = lambda data: exact._each(data, 0, len(data))  # type: ignore[method-assign]
    for end in (len(content) * cut // 100, len(content)):
        path.write_bytes(content[:end])
        quick.poll()
        exact.poll()
        assert all_of(quick) == all_of(exact)


@pytest.mark.usefixtures("often")
def test_tags_with_the_same_digest_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_digest", lambda words: np.zeros(len(words[0]), np.uint16))
    path = tmp_path / "events"
    path.write_bytes(b"".join(frame(single(tag, at, at / 2, 1.0)) for at in range(99) for tag in ("lost", "loss")))
    file = FileTail(path, {})
    file.poll()
    assert file.records == 198 and file.columns.blocks.keys() == {("lost",), ("loss",)}


@pytest.mark.parametrize("write", [single, tensor, partial(tensor, field=5)])
def test_a_large_file_is_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[str, int, float, float], bytes]
) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"".join(frame(write(tag, at, at / 2, 1.0)) for at in range(3000) for tag in ("a", "loss")))
    taken: list[int] = []
    found = together.points

    def watched(*arguments: object) -> object:
        for points in found(*arguments):  # type: ignore[arg-type]
            taken.append(len(points.places))
            yield points

    monkeypatch.setattr(together, "points", watched)
    file = FileTail(path, {})
    file.poll()
    assert file.records == 6000 and sum(taken) > 5500
    assert file.columns.blocks["a",].values.tolist() == [at / 2 for at in range(3000)]


@given(st.binary(min_size=1, max_size=SHORT), st.data())
def test_a_crc_is_put_together_from_its_bytes(data: bytes, draws: st.DataObject) -> None:
    at, octet = draws.draw(st.integers(0, len(data) - 1)), draws.draw(st.integers(0, 255))
    behind = contributions(len(data) - at - 1)
    changed = data[:at] + bytes([octet]) + data[at + 1 :]
    crc = np.array([crc32c(data)], np.uint32) ^ behind[[octet]] ^ behind[[data[at]]]
    assert int(mask(crc)[0]) == masked(changed)
    assert struct.unpack("<I", frame(changed)[-4:])[0] == masked(changed)
