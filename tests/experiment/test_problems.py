"""Every field of the document wrong once: one sentence with the place, what was expected and what came."""

# ruff: noqa: E501 (the tables of sentences)

from __future__ import annotations

import copy
import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import JsonValue

from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Experiment, Part, Section, Train, parse_section, spec
from torchwork.experiment.place import place_text
from torchwork.experiment.problems import _inside, _is_section, _members
from torchwork.experiment.values import shown

WRONG: list[Any] = [[[1.5]], True, -3, "no!such", {"wrong": {"very": "wrong"}}, None, 2**70]
Place = tuple[str | int, ...]


def sections(value: Any, annotations: list[Any], place: Place = ()) -> Iterator[tuple[Place, type[Section]]]:
    """Every section that `value` holds, found with the types of the fields."""
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    kinds = [kind for annotation in annotations for kind in _members(annotation)]
    yield from ((place, kind) for kind in kinds if _is_section(kind) and steps)
    for step, inner in steps:
        below = [found for annotation in annotations for found in _inside(annotation, step)]
        yield from sections(inner, below, (*place, step))


def changed(document: Any, place: Place, value: Any) -> Any:
    """A copy of `document` with `value` at `place`."""
    document = copy.deepcopy(document)
    inside = document
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return document


def keys(section: type[Section]) -> dict[str, str]:
    """The keys that a section has in a document, with the fields that hold them."""
    return (
        dict(section.properties)
        if issubclass(section, Part)
        else {field.alias or name: name for name, field in section.model_fields.items()}
    )


def problems(document: Any) -> list[Problem]:
    try:
        Experiment.parse(document)
    except DocumentError as error:
        return error.problems
    return []


def test_the_example_has_every_section(full: dict[str, Any]) -> None:
    every = {kind for kind in vars(spec).values() if _is_section(kind) and issubclass(kind, Section)}
    met = {kind for _, kind in sections(full, [spec.Document])}
    assert every - met - {Part, Section, spec.Definition, spec.ModelOnly} == set()


def test_every_field_wrong_gives_one_sentence(full: dict[str, Any]) -> None:
    for place, section in sections(full, [spec.Document]):
        for key, field in keys(section).items():
            refused = 0
            for wrong in WRONG:
                found = problems(changed(full, (*place, key), wrong))
                refused += bool(found)
                assert_one_sentence(found, (*place, key), wrong)
            assert refused or section.model_fields[field].annotation == dict[str, JsonValue], (place, key)


def assert_one_sentence(found: list[Problem], place: Place, wrong: Any) -> None:
    # A mapping with a wrong key may also lack keys, each of which is a place of its own.
    at_key = [problem for problem in found if not problem.message.endswith("is missing")]
    assert len(at_key) <= 1, (place, wrong, [*map(str, found)])
    for problem in at_key:
        around = place_text(place[:-1])
        assert problem.path.startswith(place_text(place)) or (problem.path == around and "either" in problem.message)
        assert re.fullmatch(r"expected .+, got .+|unknown key `.+`|node .+ must go", problem.message), str(problem)
        assert "\n" not in str(problem)
        assert not re.search(r"Input|pydantic|\bNone\b|validation|\bctx\b|dict|\^", str(problem)), str(problem)


def test_the_value_that_came_is_shown(full: dict[str, Any]) -> None:
    for wrong in (True, "no!such", {"wrong": {}}, [[1.5]]):
        (problem,) = problems(changed(full, ("train", "epochs"), wrong))
        assert problem.message == f"expected a whole number, got {shown(wrong)}"


def test_every_key_misspelt_gives_the_right_one(full: dict[str, Any]) -> None:
    for place, section in sections(full, [spec.Document]):
        for key in keys(section):
            if len(key) < 4:
                continue
            wrong = f"{key[:-2]}{key[-1]}{key[-2]}_"
            found = problems(changed(full, (*place, wrong), 1))
            assert len(found) == 1, (place, wrong, found)
            assert f"did you mean {key}?" in str(found[0]), str(found[0])


def test_an_unknown_key_like_no_other_lists_those_that_are_known(full: dict[str, Any]) -> None:
    for place, section in sections(full, [spec.Document]):
        if not issubclass(section, Part):
            (problem,) = problems(changed(full, (*place, "zzz"), 1))
            assert problem.path == place_text((*place, "zzz"))
            assert problem.fix == f"known here: {', '.join([*keys(section)][:-1])} and {[*keys(section)][-1]}".replace(
                "known here:  and", "known here:"
            )


def test_every_required_key_missing_is_named(full: dict[str, Any]) -> None:
    for place, section in sections(full, [spec.Document]):
        required = [name for name, field in section.model_fields.items() if field.is_required()]
        for key in [] if issubclass(section, Part) else required:
            document = copy.deepcopy(full)
            inside: Any = document
            for step in place:
                inside = inside[step]
            del inside[key]
            (problem,) = problems(document)
            around = place_text(place) or "the document"
            assert (problem.path, problem.fix) == (place_text((*place, key)), f"add `{key}:` to {around}")


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("task",), "clasification", "expected auto, classification or regression, got \"clasification\" (did you mean classification?)"),
        (("data", "workers"), -1, "expected auto or a whole number of at least 0, got -1"),
        (("data", "split", "valid"), 1.5, "expected text, a number less than 1 or a mapping with file, got 1.5"),
        (("data", "normalize"), {"mean": [0.5, 0.5], "std": [1.0]}, "expected as many std as mean values, got 1 and 2"),
        (("data", "prepare"), ["Resize", 5], "expected `Name` or `Name: {argument: value}`, got 5"),
        (("data", "source"), {"CIFAR10": 5}, "expected the arguments of CIFAR10 as `{argument: value}`, got 5"),
        (("model", "inputs"), [], "expected at least one item, got []"),
        (
            ("model", "nodes"),
            {"a..b": "ReLU"},
            'expected a name of letters, digits, `_` and `-`, in a list of modules `convs.0`, got "a..b"',
        ),
        (("model", "inputs"), ["a.b"], 'expected a name of letters, digits, `_` and `-`, got "a.b"'),
        (("model", "modules"), {"repeat": {"layers": ["ReLU"]}}, "a module cannot be called `repeat`"),
        (("train", "device"), "gpu", 'expected auto, cpu, mps, cuda or a GPU by number such as cuda:1, got "gpu"'),
        (("train", "clip"), {"norm": 1, "value": 1}, "expected either norm or value, got both"),
        (("train", "checkpoint", "keep"), 1, "expected a whole number of at least 2, got 1"),
        (("train", "checkpoint", "every"), "often", "expected a length such as `500 steps`, `2 epochs` or `10 minutes`, got \"often\""),
        (("train", "ema"), float("nan"), "expected a finite number, which JSON can hold too, got nan"),
        (("name",), "../x", "expected a letter or digit and then up to 59 letters, digits, spaces, `.`, `_` or `-`, got \"../x\""),
        (("notes",), "\x1b[2J", "expected text without control characters, got '\\x1b[2J'"),
        (("notes",), {1: "x"}, "expected text as every key, got 1"),
    ],
)  # fmt: skip
def test_the_words(full: dict[str, Any], place: Place, value: Any, sentence: str) -> None:
    (problem,) = problems(changed(full, place, value))
    assert sentence in str(problem)


def test_a_chain_and_a_graph_at_once_are_refused(full: dict[str, Any]) -> None:
    (problem,) = problems(changed(full, ("model", "nodes"), {"a": "ReLU"}))
    assert str(problem) == "model: expected either `layers:` (a chain) or `nodes:` (a graph), got both"


@pytest.mark.parametrize("document", [None, [], "text", 5, {1: 2}, {"data": object()}])
def test_what_is_no_experiment_at_all(document: Any) -> None:
    (problem,) = problems(document)
    assert re.fullmatch(r"expected .+, got .+", problem.message)


def test_a_document_that_holds_itself_is_refused(full: dict[str, Any]) -> None:
    full["data"]["source"]["FashionMNIST"]["root"] = full
    (problem,) = problems(full)
    assert "levels inside each other" in problem.message


def test_all_annotations_of_the_document_can_be_walked() -> None:
    hints = [
        field.annotation for kind in vars(spec).values() if _is_section(kind) for field in kind.model_fields.values()
    ]
    assert {typing.get_origin(kind) for hint in hints for kind in _members(hint)} <= {None, list, dict, typing.Literal}


def test_a_section_alone_is_parsed_like_a_document() -> None:
    assert parse_section(Train, {"epochs": 3}) == Train(epochs=3)
    assert parse_section(Part, {"Adam": {"betas": (0.9, 0.99)}}).args == {"betas": [0.9, 0.99]}
    with pytest.raises(DocumentError) as caught:
        parse_section(Train, {"epohcs": 3, "clip": {"norm": -1}})
    assert [*map(str, caught.value.problems)] == [
        "clip.norm: expected a number greater than 0, got -1",
        "epohcs: unknown key `epohcs` (did you mean epochs?)",
    ]
