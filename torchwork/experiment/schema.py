"""The JSON Schema of the document, so that editors complete it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torchwork.experiment.spec import Document, ModelOnly

Names = Mapping[str, Mapping[str, Any]]
"""For each group (source, transform, loss, ...): name to the JSON Schema of its arguments."""


def json_schema(names: Names | None = None, *, model_only: bool = False) -> dict[str, Any]:
    """The schema (draft 2020-12) of an experiment, or of a model without data; `names` are the catalog's parts."""
    schema = (ModelOnly if model_only else Document).model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Torchwork model" if model_only else "Torchwork experiment"
    for section in schema["$defs"].values():
        group = section.pop("x-group", None)
        if names and group in names:
            _complete(section, names[group])
    _close(schema)
    return schema


def _close(schema: Any) -> None:
    """Refuses, all through `schema`, the keys that fit no pattern of a mapping with patterns."""
    for item in schema if isinstance(schema, list) else [*schema.values()]:
        if isinstance(item, dict | list):
            _close(item)
    if "patternProperties" in schema:
        schema["additionalProperties"] = False


def _complete(section: dict[str, Any], parts: Mapping[str, Any]) -> None:
    text, written = section["anyOf"]
    # Other names stay allowed: modules of the document's own, and what a newer torch brings.
    text["anyOf"] = [{"enum": sorted(parts)}, {"type": "string"}]
    written["properties"] |= {name: {"anyOf": [arguments, {"type": "null"}]} for name, arguments in parts.items()}
