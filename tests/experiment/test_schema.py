"""The JSON Schema: valid in itself, true to the parser, and full of names where a catalog gives them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from torchwork.experiment import Experiment, json_schema
from torchwork.experiment.files import read

DOCS = Path(__file__).resolve().parents[2] / "docs"
PLACEHOLDERS = {
    "  layers: [...]": "  #",
    "nodes: {...}": "nodes: {a: ReLU}",
    "{stem: ..., out: ...}": "{stem: ReLU, out: ReLU}",
}
NAMES = {
    "node": {"Linear": {"type": "object", "properties": {"out_features": {"type": ["integer", "string"]}}}},
    "loss": {"MSELoss": {"type": "object", "additionalProperties": False}},
}


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(json_schema())
    Draft202012Validator.check_schema(json_schema(NAMES))


def test_it_accepts_what_the_parser_accepts(full: dict[str, Any]) -> None:
    jsonschema.validate(full, json_schema(NAMES))


@pytest.mark.parametrize("page", ["architecture.md", "document.md"])
def test_the_examples_of_the_documentation_are_valid(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    examples = [example for example in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "torchwork:" in example]
    assert examples
    for example in examples:
        for placeholder, part in PLACEHOLDERS.items():
            example = example.replace(placeholder, part)
        jsonschema.validate(read(example)[0], json_schema(NAMES))
        Experiment.loads(example)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["train", "epochs"], 0),
        (["train", "epohcs"], 1),
        (["train", "device"], "gpu"),
        (["train", "checkpoint", "every"], "often"),
        (["task"], "clasification"),
        (["data", "source"], 5),
        (["data", "source"], {"A": {}, "B": {}}),
        (["model", "inputs"], []),
        (["model", "nodes"], {"a..b": "ReLU"}),
        (["model", "inputs"], ["a.b"]),
        (["loss"], {"MSELoss": {"reductoin": "sum"}}),
        (["name"], "../x"),
    ],
)
def test_it_refuses_what_the_parser_refuses(full: dict[str, Any], path: list[str], value: Any) -> None:
    inside = full
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(full, json_schema(NAMES))


def test_names_of_the_catalog_are_offered_and_others_stay_allowed() -> None:
    loss = json_schema(NAMES)["$defs"]["Loss"]
    assert loss["anyOf"][0]["anyOf"] == [{"enum": ["MSELoss"]}, {"type": "string"}]
    assert loss["anyOf"][1]["properties"]["MSELoss"]["anyOf"] == [NAMES["loss"]["MSELoss"], {"type": "null"}]
    for written in ("MSELoss", "MyLoss", {"MSELoss": None}, {"MSELoss": {}}, {"MyLoss": {"a": 1}}):
        jsonschema.validate(written, loss)


def test_properties_stand_beside_the_names() -> None:
    node = json_schema(NAMES)["$defs"]["Node"]["anyOf"][1]["properties"]
    assert node.keys() == {"name", "from", "repeat", "use", "bypass", "at", "note", "Linear"}


def test_every_field_says_what_it_is() -> None:
    schema = json_schema()
    for name, section in {**schema["$defs"], "Document": schema}.items():
        if name == "JsonValue":
            continue
        assert section.get("description"), name
        beside = section["anyOf"][1]["properties"] if "anyOf" in section else section["properties"]
        assert [key for key, field in beside.items() if not field.get("description")] == [], name


def test_the_schema_without_names_is_not_changed_by_names() -> None:
    before = json_schema()
    json_schema(NAMES)
    assert json_schema() == before


def test_a_model_without_data_has_a_schema_of_its_own() -> None:
    schema = json_schema(NAMES, model_only=True)
    Draft202012Validator.check_schema(schema)
    jsonschema.validate({"name": "m", "model": {"layers": ["ReLU"], "example": ["1x3", "2x16 int64"]}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"model": {"layers": ["ReLU"], "example": ["3 by 4"]}}, schema)
