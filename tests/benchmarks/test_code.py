"""The benchmark of code measures what it says: real scripts, printed, read back and trained."""

from __future__ import annotations

from pathlib import Path

from benchmarks import code, training
from benchmarks.measure import Options
from benchmarks.process import fresh


def test_what_takes_milliseconds_is_measured(shared: Path) -> None:
    found = code.script(shared / "data" / "fashion_mnist", Options(rounds=1))
    assert list(found)[-1] == "read back with one edit"
    assert all(value > 0 for spread in (*found.values(), code.network()) for value in spread.values)


def test_both_sides_of_an_epoch(shared: Path) -> None:
    root = shared / "data" / "fashion_mnist"
    settings = training.fashion(root, data__limit=200, train__epochs=2, train__memory_format="contiguous")
    assert code.run_seconds(settings) > 0
    assert fresh(code.script_seconds, settings) > 0
