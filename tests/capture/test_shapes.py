"""Reshapes seen at two sizes become operations that hold for all."""

from __future__ import annotations

import pytest

from torchwork.capture.layers import UnsupportedError
from torchwork.capture.shapes import pairs, reshaped


@pytest.mark.parametrize(
    ("given", "wanted", "operations"),
    [
        ([(2, 8, 4, 4), (3, 8, 4, 4)], [(2, 128), (3, 128)], [("flatten", {"start_dim": 1})]),
        ([(2, 8, 4, 4), (3, 8, 5, 5)], [(2, 8, 16), (3, 8, 25)], [("flatten", {"start_dim": 2})]),
        ([(2, 7, 12), (3, 9, 12)], [(2, 7, 3, 4), (3, 9, 3, 4)], [("unflatten", {"dim": 2, "sizes": [3, 4]})]),
        ([(2, 7, 3, 4), (3, 9, 3, 4)], [(2, 7, 12), (3, 9, 12)], [("flatten", {"start_dim": 2})]),
        ([(2, 7, 12), (3, 9, 12)], [(14, 12), (27, 12)], [("flatten", {"end_dim": 1})]),
        ([(2, 6), (3, 6)], [(2, 3, 2, 1), (3, 3, 2, 1)], [("unflatten", {"dim": 1, "sizes": [3, 2, 1]})]),
    ],
)
def test_operations(given, wanted, operations) -> None:  # type: ignore[no-untyped-def]
    assert reshaped(pairs(*given), pairs(*wanted)) == operations


def test_sizes_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="several sizes"):
        reshaped(pairs((6, 4), (12, 6)), pairs((4, 6), (6, 12)))
