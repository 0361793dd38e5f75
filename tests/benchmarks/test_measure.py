"""Measuring itself: turns, ratios, fresh processes, and what a report says and counts."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.measure import Options, Report, SkippedError, Spread, in_turns, machine, ratios
from benchmarks.process import fresh, peak_memory


def test_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turns({"a": lambda: side("a"), "b": lambda: side("b")}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [1, 4, 5], "b": [2, 3, 6]}


def test_ratios_compare_neighbours() -> None:
    assert ratios([2.0, 9.0, 4.0], [1.0, 3.0, 8.0]).median == 2.0
    with pytest.raises(ValueError, match="longer"):
        ratios([1.0], [1.0, 2.0])


def test_the_median_lies_between_two_ranks() -> None:
    assert Spread.of(map(float, range(100))).interval == (39.0, 60.0)
    assert Spread.of([3.0, 1.0, 2.0]).interval == (1.0, 3.0)


def test_a_fresh_process_is_another_one() -> None:
    assert fresh(os.getpid) != os.getpid()
    assert fresh(os.getenv, "PATH") == os.environ["PATH"]


def start_method() -> str:
    """multiprocessing.get_start_method itself is bound to this process's choice."""
    return multiprocessing.get_start_method()


def test_a_fresh_process_starts_others_as_usual() -> None:
    assert fresh(start_method) == start_method()


def test_peak_memory_counts_what_was_freed_again() -> None:
    before = peak_memory()
    bytearray(300_000_000)[::4096] = b"x" * len(range(0, 300_000_000, 4096))
    assert peak_memory() > before + 100_000_000 or before > 300_000_000


def test_a_report_counts_what_was_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("trial")
    report.begin("a trial")
    report.check("small", Spread.of([1.0, 5.0, 2.0]), 2.0)
    report.check("large", 0.5, 0.9, least=True)
    assert report.missed == 1
    saved = report.save(tmp_path / "results").read_text("utf-8")
    assert saved == capsys.readouterr().out
    assert "[at most 2: holds]" in saved
    assert "[at least 0.9: MISSED]" in saved
    assert "1 to 5, n 3" in saved
    assert all(line in saved for line in machine()[1:])


def test_data_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(SkippedError, match="fashion_mnist"):
        Options(data=tmp_path).folder("fashion_mnist")


def test_a_benchmark_without_its_data_is_skipped_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["memory", "--data", str(tmp_path), "--rounds", "1"]) == 0
    assert "skipped: needs the data set fashion_mnist" in capsys.readouterr().out


def test_a_wrong_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["overhed"])
    assert "did you mean overhead?" in capsys.readouterr().err
