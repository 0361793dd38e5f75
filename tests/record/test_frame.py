"""Records: the CRC is the one TensorFlow checks, and a valid header is found again after damage."""

from __future__ import annotations

import os
import struct

import pytest

from torchwork.record.crc import crc32c, masked
from torchwork.record.frame import frame, next_header


def test_crc_is_castagnoli() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C (RFC 3720, appendix B.4)


def test_a_record_holds_length_and_payload_with_their_masked_crc() -> None:
    record = frame(b"payload")
    assert record[:8] == struct.pack("<Q", 7) and record[12:19] == b"payload"
    assert struct.unpack("<I", record[8:12])[0] == masked(record[:8])
    assert struct.unpack("<I", record[19:])[0] == masked(b"payload")


@pytest.mark.parametrize("before", [0, 1, 11, 12, 13, 5000])
@pytest.mark.parametrize("fill", ["random", "zero"])
def test_the_next_header_is_found_behind_garbage(before: int, fill: str) -> None:
    garbage = os.urandom(before) if fill == "random" else bytes(before)
    assert next_header(garbage + frame(b"payload") + garbage) == before
    assert next_header(frame(b"") + garbage + frame(b"payload"), 1) == 16 + before


def test_there_may_be_no_header() -> None:
    assert next_header(b"") == next_header(bytes(100)) == next_header(b"<html>" * 50) == next_header(b"x" * 12, 5) == -1
