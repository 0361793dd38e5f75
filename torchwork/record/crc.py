"""The masked CRC-32C that guards every length and every payload of an event file."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from google_crc32c import value as crc32c
from numpy.typing import NDArray

__all__ = ["contributions", "crc32c", "mask", "masked", "masked_length"]

MASK = 0xA282EAD8


def masked(data: bytes) -> int:
    """CRC-32C of `data`, rotated right by 15 bits plus a constant, as the TFRecord format stores it."""
    crc: int = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


@lru_cache(maxsize=4096)
def masked_length(length: int) -> int:
    """Masked CRC of a record's length (8 bytes, little endian); few lengths make up a file, so it is remembered."""
    return masked(length.to_bytes(8, "little"))


def mask(crcs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Many CRC-32C as the TFRecord format stores them."""
    return (crcs >> np.uint32(15) | crcs << np.uint32(17)) + np.uint32(MASK)


@lru_cache(maxsize=256)
def contributions(behind: int) -> NDArray[np.uint32]:
    """What each value of a byte with so many bytes `behind` it adds to a CRC-32C by exclusive or, [256]."""
    zeros = bytes(behind)
    nothing = crc32c(b"\0" + zeros)
    return np.array([crc32c(bytes([octet]) + zeros) ^ nothing for octet in range(256)], np.uint32)
