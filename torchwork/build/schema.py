"""The catalog as JSON Schema, for editors that complete documents."""

from __future__ import annotations

from typing import Any

from torchwork import data
from torchwork.catalog import Entry, catalog


def schema_names() -> dict[str, dict[str, Any]]:
    """For each group of the document, the catalog's names with the JSON Schema of their arguments."""
    kinds = ("loss", "optimizer", "scheduler", "transform", "initializer")
    groups = {kind: catalog().entries(kind) for kind in kinds}
    groups["source"] = data.sources()
    groups["node"] = {**catalog().entries("operation"), **catalog().entries("layer"), **catalog().entries("tensor")}
    return {group: {name: _schema(entry) for name, entry in entries.items()} for group, entries in groups.items()}


def _schema(entry: Entry) -> dict[str, Any]:
    """The arguments of one part. Expressions may stand for numbers, so the type of a value is told, not enforced."""
    properties = {
        argument.name: {
            "description": f"{argument.expected}. {argument.help}".strip(),
            "default": argument.as_dict()["default"],
        }
        for argument in entry.arguments
    }
    return {
        "type": ["object", "null"],
        "description": entry.summary,
        "properties": properties,
        "additionalProperties": False,
    }
