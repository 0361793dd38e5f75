"""The grammar of a part: each form, what may stand beside the name, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from torchwork.errors import DocumentError
from torchwork.experiment import Node, Part, Schedule, Warmup


@pytest.mark.parametrize(
    ("written", "name", "args"),
    [
        ("ReLU", "ReLU", {}),
        ({"ReLU": None}, "ReLU", {}),
        ({"ReLU": {}}, "ReLU", {}),
        ({"Conv2d": {"out_channels": 6}}, "Conv2d", {"out_channels": 6}),
        ({"name": {"out_channels": 6}}, "name", {"out_channels": 6}),
    ],
)
def test_a_part_is_a_name_or_a_name_with_arguments(written: Any, name: str, args: dict[str, Any]) -> None:
    part = Part.model_validate(written)
    assert (part.name, part.args) == (name, args)
    assert part == Part(name, args)


@pytest.mark.parametrize(
    "written",
    [
        "ReLU",
        {"Conv2d": {"out_channels": 6}},
        {"Conv2d": {"out_channels": 6}, "name": "stem", "from": "input", "repeat": 2},
        {"ReLU": {}, "from": ["a", "b[0]"]},
        {"use": "stem"},
        {"use": "stem", "name": "again"},
    ],
)
def test_a_node_is_written_as_it_was_read(written: Any) -> None:
    assert Node.model_validate(written).model_dump() == written


def test_properties_stand_beside_the_name() -> None:
    node = Node.model_validate({"Linear": None, "name": "head", "from": "stem", "repeat": 3})
    assert (node.name, node.label, node.source, node.repeat) == ("Linear", "head", "stem", 3)
    assert node == Node("Linear", label="head", source="stem", repeat=3)


def test_a_property_that_is_the_default_is_not_written() -> None:
    assert Node("ReLU", repeat=1).model_dump() == "ReLU"
    assert Schedule("StepLR", {"step_size": 5}, monitor="valid/loss").model_dump() == {"StepLR": {"step_size": 5}}


def test_a_part_stands_in_a_property() -> None:
    schedule = Schedule.model_validate({"StepLR": {"step_size": 5}, "warmup": {"linear": {"length": "500 steps"}}})
    assert schedule.warmup == Warmup("linear", {"length": "500 steps"})
    alone = {"warmup": "untuned_linear"}
    assert Schedule.model_validate(alone).model_dump() == alone


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        (Part, 5, "expected `Name` or `Name: {argument: value}`, got 5"),
        (Part, "", 'expected `Name` or `Name: {argument: value}`, got ""'),
        (Part, {}, "expected `Name` or `Name: {argument: value}`, got {}"),
        (Part, None, "expected `Name` or `Name: {argument: value}`, got nothing"),
        (
            Part,
            {"Conv2d": {}, "bias": 1},
            "expected one name, got Conv2d and bias; arguments stand inside: `Conv2d: {bias: ...}`",
        ),
        (Node, {"Conv2d": {}, "form": "x"}, "expected one name, got Conv2d and form; did you mean from?"),
        (Node, {"name": "x"}, "expected either a part such as `Linear: {...}` or `use: NODE`, got neither"),
        (
            Node,
            {"Linear": {}, "use": "x"},
            "expected either a part such as `Linear: {...}` or `use: NODE`, got both Linear and use",
        ),
        (
            Schedule,
            {"every": "step"},
            "expected a scheduler such as `StepLR: {step_size: 5}`, a warmup, or both, got neither",
        ),
    ],
)
def test_what_is_no_part_is_refused_in_one_sentence(kind: type[Part], written: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(written)
    assert [str(item["ctx"]["error"]) for item in caught.value.errors()] == [message]


def test_in_python_arguments_may_be_tuples_and_paths() -> None:
    assert Part.of("Conv2d", kernel_size=(3, 3)).args == {"kernel_size": [3, 3]}
    with pytest.raises(
        DocumentError, match=r"size: expected text, a number, true, false, null, a list or a mapping, got"
    ):
        Part.of("Resize", size={32})


def test_in_python_a_part_needs_a_name() -> None:
    with pytest.raises(ValidationError, match="name"):
        Part()


def test_a_part_shows_itself_as_a_call() -> None:
    assert str(Part("Conv2d", {"out_channels": 6, "bias": False})) == "Conv2d(out_channels=6, bias=False)"
