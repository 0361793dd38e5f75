"""Protocol buffers by hand agree with Google's, and refuse what is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto.event_pb2 import Event

from torchwork.record import wire


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_comes_back(number: int) -> None:
    encoded = wire.varint(number)
    read, end = wire.read_varint(encoded, 0)
    assert (wire.signed(read), end) == (number, len(encoded))


@given(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text())
def test_google_reads_the_same_message(step: int, wall_time: float, version: str) -> None:
    event = Event.FromString(wire.double(1, wall_time) + wire.integer(2, step) + wire.text(3, version))
    assert (event.wall_time, event.step, event.file_version) == (wall_time, step, version)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        spans = list(wire.spans(data))
    except wire.WireError:
        return
    assert all(field > 0 and at <= end <= len(data) for field, _, at, end in spans)


@pytest.mark.parametrize("data", [b"\x80", b"\x0a\x05abc", b"\x09\x00", b"\xff" * 11, b"\x0b"])
def test_cut_or_unknown_fields_are_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        list(wire.fields(data))
