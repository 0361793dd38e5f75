"""Writes the tables of docs/document.md from the fields of the document: `python docs/generate.py`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from torchwork.experiment import json_schema

PAGE = Path(__file__).with_name("document.md")
TABLE = re.compile(r"(<!-- fields: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SCHEMA = json_schema()
SECTIONS = {**SCHEMA["$defs"], "Document": SCHEMA}
SIMPLE = {"string": "text", "boolean": "true or false", "null": "", "object": "mapping"}


def generated(text: str) -> str:
    """The page with every table written anew."""
    return TABLE.sub(lambda match: f"{match[1]}{table(match[2])}{match[3]}", text)


def table(section: str) -> str:
    """The fields of one section as a table of Markdown."""
    schema = SECTIONS[section]
    required = schema.get("required", [])
    fields = schema["anyOf"][1]["properties"] if "anyOf" in schema else schema["properties"]
    rows = [
        f"| `{key}` | {words(field)} | {'required' if key in required else default(field)} | {field['description']} |"
        for key, field in fields.items()
    ]
    return "\n".join(["| key | value | default | meaning |", "|---|---|---|---|", *rows, ""])


def default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if value is None or value in ("", [], {}) or isinstance(value, dict):
        return ""
    return f"`{json.dumps(value)}`".replace('"', "")


def words(schema: dict[str, Any]) -> str:
    """What may stand there, such as `a whole number, at least 1`."""
    if "$ref" in schema:
        return linked(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(filter(None, map(words, schema["anyOf"])))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{word}`" for word in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {words(schema['items']).replace('part', 'parts').replace('number', 'numbers')}"
    if schema.get("type") == "object":
        inner = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        return f"name: {words(inner[0])}" if isinstance(inner[0], dict) and inner[0] else "mapping"
    return number(schema) if schema.get("type") in ("integer", "number") else SIMPLE[schema.get("type", "object")]


def linked(name: str) -> str:
    """A section's name with a link to its table; parts that have one keep the word `part`."""
    section = SECTIONS[name]
    if "anyOf" in section:
        return f"[part](#{name.lower()})" if section["anyOf"][1]["properties"] else "part"
    return f"[{name}](#{name.lower()})" if "properties" in section else "any value"


def number(schema: dict[str, Any]) -> str:
    if schema.get("minimum") == schema.get("maximum") is not None:
        return f"`{schema['minimum']}`"
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if abs(schema.get(key, 1e9)) < 1e9]
    return " ".join(["whole number" if schema["type"] == "integer" else "number", *limits])


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text("utf-8")), "utf-8")
