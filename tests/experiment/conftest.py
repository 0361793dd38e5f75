"""A document with every section in it, and documents drawn at random from the JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from torchwork.experiment import json_schema
from torchwork.experiment.files import read

FULL = Path(__file__).with_name("full.yaml")
ONE_OF = [{"layers", "nodes", "code"}, {"layers", "nodes"}, {"norm", "value"}]
"""Keys of which a document has exactly one, which the schema leaves to the parser."""
SCHEMA = json_schema()
LETTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\r\n")
TEXT = st.text(LETTERS, max_size=12)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXT
    | st.sampled_from(["1e-3", "yes", "null", ".inf", "0o7", "2020-01-01", "1_0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="session")
def full_text() -> str:
    """The text of `full.yaml`."""
    return FULL.read_text("utf-8")


@pytest.fixture()
def full(full_text: str) -> dict[str, Any]:
    """`full.yaml` as plain values."""
    return dict(read(full_text)[0])


@pytest.fixture(scope="session")
def documents() -> SearchStrategy[dict[str, Any]]:
    """Valid documents as plain values, drawn from the JSON Schema, so that a new field is drawn too."""
    return st.deferred(lambda: values(SCHEMA))  # deferred, so that a failing test does not print the whole schema


@pytest.fixture(scope="session")
def json_values() -> SearchStrategy[Any]:
    """Anything that JSON can say."""
    return JSON


def values(schema: dict[str, Any]) -> SearchStrategy[Any]:
    if "$ref" in schema:
        return st.deferred(lambda: values(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]))
    if "anyOf" in schema:
        return st.one_of([values(choice) for choice in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    return simple(schema) if schema.get("type") not in ("object", "array") else inside(schema)


def simple(schema: dict[str, Any]) -> SearchStrategy[Any]:
    match schema.get("type"):
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True)
        case "string":
            return st.text(LETTERS, min_size=schema.get("minLength", 0), max_size=12)
        case "integer":
            low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
            return st.integers(low, schema.get("maximum", schema.get("exclusiveMaximum", 2**63) - 1))
        case "number":
            low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("exclusiveMaximum")
            above = "exclusiveMinimum" in schema
            return st.floats(
                low, high, exclude_min=above, exclude_max=high is not None, allow_nan=False, allow_infinity=False
            )
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return JSON


def inside(schema: dict[str, Any]) -> SearchStrategy[Any]:
    if schema["type"] == "array":
        return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", 3))
    if "maxProperties" in schema:
        return parts(schema["properties"])
    if "properties" in schema:
        return sections(schema)
    patterns = schema.get("patternProperties", {})
    keys = values({"type": "string", **({"pattern": next(iter(patterns))} if patterns else {})})
    more = schema.get("additionalProperties", {})
    inner = values(next(iter(patterns.values()), more if isinstance(more, dict) else {}))
    return st.dictionaries(keys, inner, min_size=schema.get("minProperties", 0), max_size=3)


@st.composite
def sections(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    optional = {key for key in schema["properties"] if key not in schema.get("required", [])}
    chosen = draw(st.sets(st.sampled_from(sorted(optional)))) if optional else set()
    found: dict[str, Any] = {}
    for alternatives in ONE_OF:
        if alternatives <= optional:
            one = draw(st.sampled_from(sorted(alternatives)))
            chosen = chosen - alternatives
            found[one] = draw(values(schema["properties"][one]).filter(lambda value: value is not None))
            break
    keys = sorted(chosen | {*schema.get("required", [])})
    found |= {key: draw(values(schema["properties"][key])) for key in keys}
    if "code" in schema["properties"]:
        return as_module(found, draw)
    if "nodes" in found:  # these have their names from the keys
        found["nodes"] = {key: without_name(node) for key, node in found["nodes"].items()}
    return {**found, "std": [1.0] * len(found["mean"])} if "std" in found else found


def as_module(found: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """A definition with what goes with its body: code has a class and a number of outputs, nodes have names."""
    found.pop("outputs", None)
    if "code" not in found:
        found.pop("class", None)
    elif draw(st.booleans()):
        found["outputs"] = draw(st.integers(1, 3))
    if "nodes" in found:
        found["nodes"] = {key: without_name(node) for key, node in found["nodes"].items()}
    return found


def without_name(node: Any) -> Any:
    return {key: value for key, value in node.items() if key != "name"} if isinstance(node, dict) else node


@st.composite
def parts(draw: st.DrawFn, properties: dict[str, Any]) -> dict[str, Any]:
    name = draw(st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: text not in properties))
    beside = draw(st.sets(st.sampled_from(sorted(properties.keys() - {"use"})))) if properties else set()
    return {
        name: draw(st.none() | st.dictionaries(TEXT, JSON, max_size=3)),
        **{key: draw(values(properties[key])) for key in sorted(beside)},
    }
