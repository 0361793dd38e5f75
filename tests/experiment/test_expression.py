"""Arithmetic in strings: what is computed, what is left alone, and that nothing else can happen."""

# ruff: noqa: E501 (tables of cases)

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchwork.experiment import ExpressionError, evaluate, function, is_expression, substitute
from torchwork.experiment.expression import names

SCOPE = {"k": 3, "channels": 64, "rate": 0.5, "on": True, "act": "relu"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2*channels", 128),
        ("channels // 3 % 4", 1),
        ("-k + 2**3 - 1", 4),
        ("channels / 4", 16.0),
        ("min(k, 2, 5) + max(1, k)", 5),
        ("sqrt(channels) + abs(-1)", 9.0),
        ("int(round(2.6)) + ceil(0.1)", 4),
        ("k if on and not rate > 1 else 0", 3),
        ("1 < k <= 3", True),
        ("(k, 2*k)", [3, 6]),
        ("[k, k]", [3, 3]),
        ("cos(pi)", -1.0),
        ("act", "relu"),
        (" k ", 3),
    ],
)
def test_arithmetic(text: str, value: Any) -> None:
    assert evaluate(text, SCOPE) == value


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9", "2**65", "(2**64)*2", "k**(10**9)", "10.0**400", "1e308*10", "exp(1000)", "9" * 400, "int(1e300)", "1 << 10**9",
        "act*10**9", "'a'*10**9", "[1]*10**9", "act + act", "-act", "(k, k) * 2",
        "(-1)**0.5", "sqrt(-1)", "log(0)", "1/0", "1//0", "1 % 0", "0**-1", "1e999 - 1e999",
        "max(k)", "round(5, -10**9)", "min()", "sqrt(1, 2)", "act < 1", "unknown", "k(2)", "abs", "max(*k)",
        "k.real", "k[0]", "f'{k}'", "lambda: 1", "(k := 1)", "[k for k in k]", "__import__('os')", "open('x')", "exec('1')", "eval('1')",
        "().__class__", "print(1)", "round(1, ndigits=2)", "", " ", "1 +", "k k", "None", "...", "1j", "b'a'", "\0", "\ud800",
        "(" * 300, "-" * 499 + "1" + "1" * 10, "((((" * 60 + "1" + "))))" * 60, "not " * 1000 + "k", "k+" * 300 + "k",
    ],
)  # fmt: skip
def test_what_is_not_arithmetic_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, SCOPE)


@settings(deadline=None, max_examples=400)
@given(st.text("0123456789.+-*/%()<>=!, []kactrateonpi", max_size=40) | st.text(max_size=20))
def test_only_numbers_come_out(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with suppress(ExpressionError):
            assert_numbers(evaluate(text, {"k": 3, "rate": 0.5}))
        names(text)


@settings(deadline=None, max_examples=300)
@given(
    st.recursive(
        st.sampled_from(["k", "9", "0", "0.5", "1e300", "True", "channels"]),
        lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", "==", "and", "or"]), inner).map(" ".join).map("({})".format)
        | st.tuples(st.sampled_from(["sqrt", "exp", "log", "int", "round", "-", "not "]), inner).map(lambda pair: "{}({})".format(*pair)),
        max_leaves=12,
    )
)  # fmt: skip
def test_deep_arithmetic_ends_in_a_number_or_a_refusal(text: str) -> None:
    try:
        assert_numbers(evaluate(text, {"k": 3, "channels": 64}))
    except ExpressionError as error:
        assert "\n" not in str(error)


def assert_numbers(value: Any) -> None:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            assert_numbers(item)
        else:
            assert isinstance(item, int | float)
            assert math.isfinite(item)


def test_odd_text_gives_no_warning_of_the_parser() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not is_expression(r"'C:\data'", SCOPE)
        assert not is_expression("1if k else 2or 3", set()) or True


def test_an_expression_has_names_and_all_of_them_are_in_scope() -> None:
    assert is_expression("2*channels", SCOPE)
    assert not is_expression("2*3", SCOPE)
    assert not is_expression("2*other", SCOPE)
    assert not is_expression("relu", SCOPE)
    assert not is_expression("min", SCOPE)
    assert not is_expression("data/train", SCOPE)


def test_constants_and_functions_are_no_free_names() -> None:
    assert names("max(k, pi) + e*channels") == {"k", "channels"}


def test_substitute_reaches_into_lists_and_mappings_and_leaves_other_text() -> None:
    value = {"a": "2*k", "b": ["k", {"c": "k - 1"}], "mode": "bilinear", "n": 1, "act": "act"}
    assert substitute(value, SCOPE) == {"a": 6, "b": [3, {"c": 2}], "mode": "bilinear", "n": 1, "act": "relu"}


def test_substitute_says_what_cannot_be_computed() -> None:
    with pytest.raises(ExpressionError, match=r"`k / 0` cannot be computed: division by zero"):
        substitute({"a": ["k / 0"]}, SCOPE)


def test_a_function_of_the_one_free_name() -> None:
    decay = function("0.5 ** epoch")
    assert [decay(epoch) for epoch in range(3)] == [1, 0.5, 0.25]
    assert function("1 - epoch / epochs", {"epochs": 4})(1) == 0.75


@pytest.mark.parametrize("text", ["1", "a*b", "", "relu()", "lambda x: x"])
def test_a_function_needs_exactly_one_free_name(text: str) -> None:
    with pytest.raises(ExpressionError, match="expected an expression with one free name"):
        function(text)


def test_unknown_names_are_told_with_those_that_are_known() -> None:
    with pytest.raises(ExpressionError, match="unknown name x; known here: channels, k"):
        evaluate("x + 1", {"k": 1, "channels": 2})
