"""Recorded numbers in text: nothing longer than what was recorded, and nothing lost."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from torchwork.record import shortest, shortest_cell
from torchwork.record.query import Table


@given(st.lists(st.floats(width=32)))
def test_a_float32_reads_back_as_the_same(numbers: list[float]) -> None:
    found = np.array(shortest(np.array(numbers, np.float64)), np.float64)
    assert found.astype(np.float32).tobytes() == np.array(numbers, np.float32).tobytes()


@given(st.floats(allow_nan=False), st.lists(st.floats(width=32, allow_nan=False)))
def test_a_float64_stays_exact_and_so_do_those_beside_it(number: float, others: list[float]) -> None:
    inside = 2.0**-126 <= abs(number) <= 2.0**24
    if not inside or float(np.float32(number)) == number:
        number = 0.1
    assert shortest(np.array([number, *others])) == [number, *others]


def test_it_is_short() -> None:
    numbers = np.array([0.95, 1 / 3, 3e-05, 16777215, -0.1], np.float32)
    assert shortest(numbers.astype(np.float64)) == [0.95, 0.33333334, 3e-05, 16777215.0, -0.1]
    assert [shortest_cell(value) for value in (None, "a", 3, float(np.float32(0.1)))] == [None, "a", 3, 0.1]


def test_tables_are_written_short_but_settings_as_they_are() -> None:
    single = float(np.float32(0.95))
    table = Table(("acc", "lr"), ({"acc": single, "lr": single},), frozenset({"acc"}))
    assert table.to_csv() == f"acc,lr\n0.95,{single}\n"
    assert json.loads(table.to_json()) == [{"acc": 0.95, "lr": single}]
