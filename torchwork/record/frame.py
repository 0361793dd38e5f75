"""Records of an event file: length, its CRC, payload, its CRC; and the way back into step after damage."""

from __future__ import annotations

import struct

import numpy as np

from torchwork.record.crc import masked, masked_length

HEADER = 12  # bytes: length u64, masked CRC of the length u32
FOOTER = 4  # bytes: masked CRC of the payload u32
LARGEST = 1 << 28  # bytes; a longer payload is stepped over, not read

_header = struct.Struct("<QI")
_footer = struct.Struct("<I")
unpack_header = _header.unpack_from
unpack_footer = _footer.unpack_from


def frame(payload: bytes) -> bytes:
    """One record as it lies in the file."""
    size = len(payload)
    return _header.pack(size, masked_length(size)) + payload + _footer.pack(masked(payload))


def next_header(data: bytes, at: int = 0) -> int:
    """The first place from `at` on where a valid header of a record shorter than 4 GiB begins, or -1."""
    octets = np.frombuffer(data, np.uint8)
    count = len(octets) - HEADER + 1
    if count <= at:
        return -1
    zero = octets[at:] == 0
    # Only the low four bytes of a length are used in practice, and no Event is empty: that leaves few places to check.
    likely = zero[4 : 4 + count - at] & zero[5 : 5 + count - at] & zero[6 : 6 + count - at] & zero[7 : 7 + count - at]
    likely &= ~(zero[: count - at] & zero[1 : 1 + count - at] & zero[2 : 2 + count - at] & zero[3 : 3 + count - at])
    for place in (np.flatnonzero(likely) + at).tolist():
        size, crc = unpack_header(data, place)
        if masked_length(size) == crc:
            return int(place)
    return -1
