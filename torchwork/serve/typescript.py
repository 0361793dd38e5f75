"""The page's TypeScript types, made from the messages: `python -m torchwork.serve.typescript > FILE`."""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from torchwork.serve import messages

HEAD = """// Made by `make types` from torchwork/serve/messages.py: change the messages there, never this file.
"""
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript() -> str:
    """One interface for each message, and the union of what the server says."""
    classes = [item for item in vars(messages).values() if isinstance(item, type) and issubclass(item, BaseModel)]
    own = [item for item in classes if item.__module__ == messages.__name__ and item is not messages.Message]
    _, schema = models_json_schema([(item, "serialization") for item in own], ref_template="{model}")
    found = schema["$defs"]
    parts = [_interface(name, found[name]) for name in sorted(found)]
    news = TypeAdapter(messages.News).json_schema(ref_template="{model}")
    parts.append(f"export type News = {_type(news)};\n")
    return "\n".join([HEAD, *parts])


def _interface(name: str, schema: dict[str, Any]) -> str:
    lines = [f"/** {_text(schema['description'])} */"] if "description" in schema else []
    lines.append(f"export interface {name} {{")
    for field, found in schema.get("properties", {}).items():
        lines.append(f"  {field}: {_type(found)};")
    return "\n".join([*lines, "}", ""])


def _text(words: str) -> str:
    return " ".join(words.split())


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(item) for item in schema[union]))
    return _compound(schema)


def _compound(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if kind == "array" and "prefixItems" in schema:
        return f"[{', '.join(_type(item) for item in schema['prefixItems'])}]"
    if kind == "array":
        inner = _type(schema["items"])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        value = schema.get("additionalProperties", True)
        return f"Record<string, {'unknown' if value is True else _type(value)}>"
    return SIMPLE.get(str(kind), "unknown")


if __name__ == "__main__":
    sys.stdout.write(typescript())
