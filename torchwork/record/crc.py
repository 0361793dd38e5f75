"""The masked CRC-32C that guards every length and every payload of an event file."""

from __future__ import annotations

from functools import lru_cache

from google_crc32c import value as crc32c

MASK = 0xA282EAD8


def masked(data: bytes) -> int:
    """CRC-32C of `data`, rotated right by 15 bits plus a constant, as the TFRecord format stores it."""
    crc: int = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


@lru_cache(maxsize=4096)
def masked_length(length: int) -> int:
    """Masked CRC of a record's length (8 bytes, little endian); few lengths make up a file, so it is remembered."""
    return masked(length.to_bytes(8, "little"))
