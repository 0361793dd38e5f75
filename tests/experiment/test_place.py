"""Places as text and as tuples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torchwork.experiment import parse_place, place_text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("train.epochs", ("train", "epochs")),
        ("model.layers[3].Linear.bias", ("model", "layers", 3, "Linear", "bias")),
        ("a[1][0]", ("a", 1, 0)),
        ("a.0", ("a", "0")),
        ('model.tie["decoder.weight"]', ("model", "tie", "decoder.weight")),
        ("名前", ("名前",)),
    ],
)
def test_text_and_tuple_say_the_same(text: str, place: tuple[str | int, ...]) -> None:
    assert parse_place(text) == place
    assert place_text(place) == text


@given(st.lists(st.text() | st.integers(0, 10**6), min_size=1).map(tuple))
def test_any_place_comes_back_from_its_text(place: tuple[str | int, ...]) -> None:
    assert parse_place(place_text(place)) == place


@pytest.mark.parametrize("text", ["", ".a", "a.", "a..b", "a[", "a[x]", "a[-1]", "a b", "a]", '["a]', r'["\x"]'])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a place such as"):
        parse_place(text)
