"""The page's TypeScript types, made from the messages: `python -m torchwork.serve.typescript > FILE`."""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from torchwork.draw import edit
from torchwork.serve import bringing, drawings, looks, messages, views

HEAD = """// Made by `make types` from the messages of torchwork/serve and torchwork/draw, never by hand.
"""
MODULES = (messages, drawings, views, looks, bringing, edit)
ANYTHING = "JsonValue"
BASES = (messages.Message, edit.EditBase)
UNIONS: dict[str, Any] = {"News": messages.News, "Edit": edit.Edit}
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript() -> str:
    """One interface for each message, and the unions of what the server says and of what a person does."""
    classes = [item for module in MODULES for item in vars(module).values() if _is_message(item, module.__name__)]
    own = [item for item in classes if item not in BASES]
    _, schema = models_json_schema([(item, "serialization") for item in own], ref_template="{model}")
    found = schema["$defs"]
    defaults = {item.__name__: _optional(item) for item in own}
    parts = [_interface(name, found[name], defaults.get(name, set())) for name in sorted(found) if name != ANYTHING]
    for name, union in UNIONS.items():
        parts.append(f"export type {name} = {_type(TypeAdapter(union).json_schema(ref_template='{model}'))};\n")
    return "\n".join([HEAD, *parts])


def _is_message(item: object, module: str) -> bool:
    return isinstance(item, type) and issubclass(item, BaseModel) and item.__module__ == module


def _optional(item: type[BaseModel]) -> set[str]:
    """What the page may leave out of an edit; of all other messages it finds every field."""
    fields = item.model_fields if issubclass(item, edit.EditBase) else {}
    return {name for name, field in fields.items() if not field.is_required()} - {"do"}


def _interface(name: str, schema: dict[str, Any], optional: set[str]) -> str:
    lines = [f"/** {_text(schema['description'])} */"] if "description" in schema else []
    lines.append(f"export interface {name} {{")
    for field, found in schema.get("properties", {}).items():
        lines.append(f"  {field}{'?' if field in optional else ''}: {_type(found)};")
    return "\n".join([*lines, "}", ""])


def _text(words: str) -> str:
    return " ".join(words.split())


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]) if schema["$ref"] != ANYTHING else "unknown"
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
