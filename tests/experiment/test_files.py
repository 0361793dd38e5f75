"""YAML and JSON in and out: what each text means, the line of each place, and the texts that are refused."""

# ruff: noqa: E501 (tables of cases)

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchwork.errors import DocumentError
from torchwork.experiment.files import read, write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        (".5", 0.5),
        ("-0.0", -0.0),
        (".inf", float("inf")),
        ("-.INF", float("-inf")),
        ("0x1F", 31),
        ("0o17", 15),
        ("007", 7),
        ("yes", "yes"),
        ("on", "on"),
        ("True", True),
        ("null", None),
        ("~", None),
        ("'null'", "null"),
        ("2020-01-01", "2020-01-01"),
        ("12:30", "12:30"),
        ("é", "é"),
        ("!!str 5", "5"),
        (r'"\ud83d\ude00"', "😀"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    found = read(f"key: {text}")[0]["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text_as_written() -> None:
    assert read("{1: a, on: b, 1.50: c, null: d, 名前: e}")[0] == {
        "1": "a",
        "on": "b",
        "1.50": "c",
        "null": "d",
        "名前": "e",
    }


def test_anchors_repeat_a_value() -> None:
    assert read("a: &x {lr: 0.1}\nb: *x")[0] == {"a": {"lr": 0.1}, "b": {"lr": 0.1}}


def test_json_is_read_whatever_its_layout() -> None:
    value = {"a": [1, 2.5, True, None, "x\ty/😀"], "b": {}}
    assert read(json.dumps(value))[0] == value
    assert read(json.dumps(value, indent="\t", ensure_ascii=False))[0] == value


def test_an_empty_text_is_nothing() -> None:
    assert read("") == (None, {})
    assert read("# only a comment\n")[0] is None


def test_lines_of_places() -> None:
    text = "data:\n  source:\n    {Shapes: {size: 8}}\nmodel:\n  layers:\n    - ReLU\n    - Linear:\n        out_features: 3\n"
    lines = read(text)[1]
    assert lines["data.source"] == 2
    assert lines["data.source.Shapes.size"] == 3
    assert lines["model.layers[0]"] == 6
    assert lines["model.layers[1].Linear.out_features"] == 8


def bomb(levels: int) -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, "the key `a` stands here twice, first in line 1"),
        ("a:\n  b: 1\n  b: 1", 3, "the key `b` stands here twice, first in line 2"),
        ("a: 1\nb: c: d", 2, "a value that holds `: ` needs quotes"),
        ("a:\n\tb: 1", 2, "indent with spaces, not with tabs"),
        ("a: [1,\n  2", 2, "a bracket is not closed"),
        ("a: 'x", 1, "a quote is not closed"),
        ("a: 1\n---\nb: 2", 2, "a file holds one document"),
        ("a: 1\nb: \0", 2, "remove the control character"),
        ("a: *b", 1, "undefined alias"),
        ("a: !!python/object/apply:os.system ['ls']", 1, "YAML tag"),
        ("a: !!binary aGk=", 1, "YAML tag binary"),
        ("a: !!set {b, c}", 1, "YAML tag"),
        ("a: !!int x", 1, "YAML tag int"),
        ("a: 1\nb:\n  <<: {c: 1}", 3, "expected text as every key"),
        ("? [a]\n: 1", 1, "expected text as every key"),
        (r'a: "\ud800"', 1, "half of a surrogate pair"),
        ("a: &a [*a]", 1, "levels, got more"),
        ("a: " + "[" * 100 + "]" * 100, 1, "levels, got more"),
        ("a: " + "9" * 5000, 1, "YAML tag int"),
        (bomb(9), 0, "100,000 values"),
        ("[" * 5000, 0, "levels inside each other"),
        ("x" * 2_000_000, 0, "1,000,000 characters"),
    ],
)  # fmt: skip
def test_refused_texts(text: str, line: int, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text, "x.yaml")
    (problem,) = caught.value.problems
    assert problem.file == "x.yaml"
    assert words in str(problem)
    assert line in (0, problem.line)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_is_written_is_read_again(json_values: st.SearchStrategy[Any], data: st.DataObject) -> None:
    value = {"key": data.draw(json_values)}
    assert read(write(value))[0] == value


def test_words_that_other_readers_take_for_truths_are_quoted() -> None:
    assert write({"a": "yes", "b": "off", "c": "no way"}) == 'a: "yes"\nb: "off"\nc: no way\n'


def test_layout_is_sections_in_lines_and_short_parts_in_one() -> None:
    value = {
        "seed": 1,
        "data": {"source": {"Shapes": {"size": 8}}, "batch_size": 4},
        "model": {"layers": ["ReLU", {"Linear": {"out_features": "classes"}, "name": "head"}]},
        "optimizer": {"Adam": {"lr": 0.001}},
    }
    lines = write(value).splitlines()
    assert lines[2] == "  source: {Shapes: {size: 8}}"
    assert lines[-2:] == ["    - {Linear: {out_features: classes}, name: head}", "optimizer: {Adam: {lr: 0.001}}"]
    assert not any(re.search(r"\s$", line) for line in lines)


@pytest.mark.parametrize("text", ["[" * 9000 + "]" * 9000, "- " * 9000 + "a", "{a: " * 9000 + "}" * 9000])
def test_a_text_that_is_thousands_of_levels_deep_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read(text)
