"""Lengths with their unit."""

# ruff: noqa: E501 (tables of cases)

from __future__ import annotations

import pytest

from torchwork.experiment import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [("500 steps", 500, "steps"), ("1 step", 1, "steps"), ("0.5epochs", 0.5, "epochs"), (" 2  epoch ", 2, "epochs"), ("10 minutes", 10, "minutes")],
)  # fmt: skip
def test_a_number_and_a_unit(text: str, amount: float, unit: str) -> None:
    assert parse_duration(text) == Duration(amount, unit)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "5", "steps", "0 steps", "0.0 epochs", "-1 steps", "1e3 steps", "5 hours", "٣ steps", "9" * 400 + " steps", "1 steps\n"])  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a length such as `500 steps`, `2 epochs` or `10 minutes`, got"):
        parse_duration(text)


def test_length_in_steps() -> None:
    assert parse_duration("2 epochs").steps(steps_per_epoch=7) == 14
    assert parse_duration("30 steps").steps(steps_per_epoch=7) == 30
    assert parse_duration("0.01 epochs").steps(steps_per_epoch=7) == 1
    with pytest.raises(ValueError, match="minutes"):
        parse_duration("1 minutes").steps(steps_per_epoch=7)
