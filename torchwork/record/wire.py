"""Protocol buffers by hand: as much of the wire format as event files need."""

from __future__ import annotations

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
Value = int | bytes


class WireError(ValueError):
    """The bytes are not a protocol buffer message."""


def varint(number: int) -> bytes:
    """`number` as a varint; negative ones in two's complement of 64 bits, as int64 fields want."""
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def integer(field: int, number: int) -> bytes:
    """An integer field."""
    return varint(field << 3) + varint(number)


def double(field: int, number: float) -> bytes:
    """A double field."""
    return varint(field << 3 | FIXED64) + struct.pack("<d", number)


def message(field: int, content: bytes) -> bytes:
    """A field of bytes: a nested message, or packed numbers."""
    return varint(field << 3 | BYTES) + varint(len(content)) + content


def text(field: int, content: str) -> bytes:
    """A string field; what UTF-8 cannot hold becomes a question mark."""
    return message(field, content.encode("utf-8", "replace"))


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned varint at `at` and the place behind it; WireError when it is cut or longer than 10 bytes."""
    number = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise WireError(f"a varint is cut or too long at byte {at}")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def signed(number: int) -> int:
    """An unsigned varint read as int64."""
    number &= 0xFFFFFFFFFFFFFFFF
    return number - (1 << 64) if number >> 63 else number


def spans(data: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int, int]]:
    """Every field of a message as (field number, wire type, start, end) of its value; WireError when one is cut."""
    end = len(data) if end is None else end
    while at < end:
        key, at = read_varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == BYTES:
            size, at = read_varint(data, at)
            stop = at + size
        elif kind == VARINT:
            stop = read_varint(data, at)[1]
        elif kind in (FIXED32, FIXED64):
            stop = at + (4 if kind == FIXED32 else 8)
        else:
            raise WireError(f"wire type {kind} at byte {at} is not known")
        if stop > end or field == 0:
            raise WireError(f"field {field} ends behind its message at byte {at}")
        yield field, kind, at, stop
        at = stop


def fields(data: bytes) -> Iterator[tuple[int, Value]]:
    """Every field of a message as (field number, value): varints as unsigned integers, everything else as its bytes."""
    for field, kind, at, end in spans(data):
        yield field, (read_varint(data, at)[0] if kind == VARINT else data[at:end])


def last(data: bytes, field: int) -> bytes | None:
    """The bytes of the last occurrence of `field` (the last one counts in protocol buffers), or None."""
    found = None
    for number, value in fields(data):
        if number == field and isinstance(value, bytes):
            found = value
    return found


def doubles(value: Value) -> list[float]:
    """A repeated double field: packed, or one of its single values."""
    data = value if isinstance(value, bytes) else b""
    if len(data) % 8:
        raise WireError(f"{len(data)} bytes do not hold whole doubles")
    return list(struct.unpack(f"<{len(data) // 8}d", data))
