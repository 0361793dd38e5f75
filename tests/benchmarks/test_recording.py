"""The parts that measure recording, start and reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import recording, startup
from torchwork.record import EventWriter


def test_each_pair_of_blocks_gives_a_difference() -> None:
    assert len(recording.loop_cost(pairs=2)) == 2


def test_calls_are_timed_one_by_one() -> None:
    assert all(cost > 0 for cost in recording.call_cost(5))


def test_reading_counts_what_it_read(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.scalars(1, recording.values(1))
    assert recording.read(tmp_path, steps=1, width=10) > 0
    with pytest.raises(RuntimeError, match="20 scalars were recorded, 10 were read"):
        recording.read(tmp_path, steps=2, width=10)


def test_a_process_that_fails_is_not_timed() -> None:
    assert startup.seconds(["-c", "pass"]) > 0
    with pytest.raises(Exception, match="non-zero exit status"):
        startup.seconds(["-c", "raise SystemExit(3)"])
