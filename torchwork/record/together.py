"""Many short records at once: events with one number each, as torch and TensorFlow write them, in columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from torchwork.record.columns import BEHIND, SHORT, Block, Columns
from torchwork.record.crc import contributions, crc32c, mask, masked_length
from torchwork.record.frame import FOOTER, HEADER

FEWEST = 32  # records behind each other that are worth it
STEP = 10  # where the step begins: behind the key of the time, the time, and the key of the step
LONGEST = 5  # bytes of a step as a varint
MIX = np.uint64(0x9E3779B97F4A7C15)
LENGTHS = np.array([masked_length(length) for length in range(SHORT)], np.uint32)

Places = NDArray[np.intp]
Octets = NDArray[np.uint8]
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Points:
    """Points of one block: `places` of their records and what they say, all [n]."""

    block: Block
    places: Places
    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.float64]


def chains(data: bytes) -> Iterator[Places]:
    """Where records shorter than SHORT seem to lie one directly behind the other: the places of their headers.

    A chain may lie in the payload of a longer record, and lacks a record that is not whole.
    """
    found = np.sort(np.concatenate([_headers(data, shift) for shift in range(4)]))
    ends = found + np.frombuffer(data, np.uint8)[found] + (HEADER + FOOTER)
    found, ends = found[ends <= len(data)], ends[ends <= len(data)]
    breaks = np.flatnonzero(found[1:] != ends[:-1]) + 1
    yield from (chain for chain in np.split(found, breaks) if len(chain) >= FEWEST)


def _headers(data: bytes, shift: int) -> Places:
    """The places of valid headers whose length is below SHORT, of those that leave the rest `shift` divided by 4."""
    words = np.frombuffer(data, "<u4", (len(data) - shift) // 4, shift)
    places = np.flatnonzero(words[1:-1] == 0)
    places = places[words[places] < SHORT]
    places = places[LENGTHS[words[places]] == words[places + 2]]
    found: Places = places * 4 + shift
    return found


def points(columns: Columns, data: bytes, chain: Places) -> Iterator[Points]:
    """The events of a chain that are sound and hold one number; all others are left to the exact way."""
    lengths = np.frombuffer(data, np.uint8)[chain]
    for length in np.unique(lengths).tolist():
        places = chain if (lengths == length).all() else chain[lengths == length]
        shape = len(data) - length - FOOTER + 1
        records = np.ndarray(shape, f"V{length + FOOTER}", data, strides=(1,))[places + HEADER]
        octets = records.view(np.uint8).reshape(len(places), -1)
        for size, mine in _step_sizes(octets, length):
            for behind, these in _endings(octets, length, mine):
                if length - behind - 4 - STEP - size >= 8 and these.any():
                    yield from _same_size(columns, octets[these], places[these], size, behind)


def _endings(octets: Octets, length: int, mine: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The rows by the number of bytes behind their number: none as torch writes it, a plugin's name in TensorFlow."""
    begin = length - len(BEHIND)
    last = mine & (octets[:, length - 1] == BEHIND[-1]) if begin > 0 else np.zeros(len(mine), bool)
    if last.any():
        last[last] = (octets[last, begin:length] == np.frombuffer(BEHIND, np.uint8)).all(axis=1)
    yield 0, mine & ~last
    yield len(BEHIND), last


def _step_sizes(octets: Octets, length: int) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The rows that begin with a time and a step, by the number of bytes of that step."""
    if length <= STEP + LONGEST:
        return
    waiting = (octets[:, 0] == 0x09) & (octets[:, STEP - 1] == 0x10)
    for size in range(1, LONGEST + 1):
        more = octets[:, STEP + size - 1] >= 0x80
        if (mine := waiting & ~more).any():
            yield size, mine
        waiting &= more
        if not waiting.any():
            return


def _same_size(columns: Columns, octets: Octets, places: Places, size: int, behind: int) -> Iterator[Points]:
    """The points of rows [n, length + FOOTER] with the number and its tag at the same places, by that tag."""
    begin, stop = STEP + size, octets.shape[1] - FOOTER - behind - 4
    block_of = columns.tensor if behind else columns.single
    words = [_column(octets, at, np.uint64) for at in (*range(begin, stop - 8, 8), stop - 8)]
    order = np.argsort(_digest(words), kind="stable")
    octets, places, words = octets[order], places[order], [word[order] for word in words]
    firsts, group = _groups(_digest(words))
    sound = _checked(octets, firsts, group, size, stop)
    for word in words:  # another tag with the same digest
        sound &= word == word[firsts][group]
    steps = _steps(octets, size)
    times = _column(octets, 1, np.float64)
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        values = _column(octets, stop, np.float32).astype(np.float64)
    for first, end in zip(firsts.tolist(), [*firsts[1:].tolist(), len(octets)], strict=True):
        kept: slice | Places = slice(first, end)
        if not sound[kept].all():
            kept = first + np.flatnonzero(sound[kept])
        if len(places[kept]) and (block := block_of(octets[kept][0, begin:stop].tobytes())):
            yield Points(block, places[kept], steps[kept], times[kept], values[kept])


def _column(octets: Octets, at: int, kind: type[Number]) -> NDArray[Number]:
    """Numbers of a kind, little endian, that begin at byte `at` of each row."""
    little = np.dtype(kind).newbyteorder("<")
    found: NDArray[Number] = octets[:, at : at + little.itemsize].copy().view(little)[:, 0]
    return found


def _digest(words: list[NDArray[np.uint64]]) -> NDArray[np.uint16]:
    """16 bits of each row: what sorts quickly."""
    total = np.zeros(len(words[0]), np.uint64)
    for word in words:
        total = (total + word) * MIX
    return (total >> np.uint64(48)).astype(np.uint16)


def _groups(keys: NDArray[np.uint16]) -> tuple[Places, Places]:
    """The first row of each group of equal sorted keys, and the group of each row."""
    new = np.concatenate([[True], keys[1:] != keys[:-1]])
    return np.flatnonzero(new), np.cumsum(new) - 1


def _steps(octets: Octets, size: int) -> NDArray[np.int64]:
    steps = np.zeros(len(octets), np.int64)
    for number in range(size):
        steps |= (octets[:, STEP + number].astype(np.int64) & 0x7F) << (7 * number)
    return steps


def _checked(octets: Octets, firsts: Places, group: Places, size: int, stop: int) -> NDArray[np.bool_]:
    """Which rows have the right CRC, if they differ from the first of their group in nothing but their numbers.

    The value's four bytes begin at `stop`.
    """
    length = octets.shape[1] - FOOTER
    changes = np.zeros(len(octets), np.uint32)
    for at in (*range(1, 9), *range(STEP, STEP + size), *range(stop, stop + 4)):
        changes ^= contributions(length - at - 1)[octets[:, at]]
    known = np.array([crc32c(octets[first, :length].tobytes()) for first in firsts.tolist()], np.uint32)
    found: NDArray[np.bool_] = mask(changes ^ (known ^ changes[firsts])[group]) == _column(octets, length, np.uint32)
    return found
