"""The one grammar for every part: `Name`, or `Name: {argument: value}`, with a place's own properties beside the name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, JsonValue, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue

EXPECTED = "expected `Name` or `Name: {argument: value}`"


class Section(BaseModel):
    """Base of every piece of the document: frozen, closed to unknown keys, strict about types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Part(Section):
    """Something of the catalog by name, with the arguments that differ from its defaults.

    A place may have properties of its own: `properties` maps the key that stands beside the name, as `from` in
    `{Conv2d: {out_channels: 6}, from: stem}`, to the field that holds it. `group` is where its names come from.
    """

    name: str
    args: dict[str, JsonValue] = Field(default_factory=dict)

    properties: ClassVar[Mapping[str, str]] = {}
    group: ClassVar[str] = ""

    @classmethod
    def of(cls, name: str, /, **args: Any) -> Part:
        """`Part.of("Conv2d", out_channels=6)`."""
        return cls(name=name, args=args)

    @model_validator(mode="before")
    @classmethod
    def _from_grammar(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict):
            return value if cls._is_canonical(value) else cls._from_mapping(value)
        if isinstance(value, Part):
            return value
        raise ValueError(f"{EXPECTED}, got {value!r}")

    @classmethod
    def _is_canonical(cls, value: dict[str, Any]) -> bool:
        """Whether `value` holds the fields of a part (a caller in Python), rather than a part written by its name."""
        return isinstance(value.get("name"), str) and value.keys() <= cls.model_fields.keys()

    @classmethod
    def _from_mapping(cls, value: dict[str, Any]) -> dict[str, Any]:
        fields = {cls.properties[key]: item for key, item in value.items() if key in cls.properties}
        named = [key for key in value if key not in cls.properties]
        if len(named) > 1 or not (named or fields):
            beside = f"; beside it may stand {', '.join(cls.properties)}" if cls.properties else ""
            raise ValueError(f"{EXPECTED} with one name{beside}, got {', '.join(map(str, named)) or 'nothing'}")
        if not named:
            return fields
        args = value[named[0]]
        if args is not None and not isinstance(args, dict):
            raise ValueError(f"expected the arguments of {named[0]} as `{{argument: value}}`, got {args!r}")
        return {"name": named[0], "args": args or {}, **fields}

    @model_serializer(mode="wrap")
    def _to_grammar(self, serialize: Any) -> Any:
        fields = serialize(self)
        beside = {
            key: fields[field]
            for key, field in self.properties.items()
            if getattr(self, field) != type(self).model_fields[field].default
        }
        if not self.name:
            return beside
        return {self.name: fields["args"], **beside} if self.args or beside else self.name

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The grammar as JSON Schema; `schema.py` later fills `x-group` with the names of the catalog."""
        inner = handler.resolve_ref_schema(handler(core))
        fields = inner.get("properties", {})
        beside = {key: fields[field] for key, field in cls.properties.items() if field in fields}
        written = {"type": "object", "properties": beside, "minProperties": 1}
        if not beside:
            written["maxProperties"] = 1
        inner.clear()
        inner.update({"description": cls.__doc__.partition("\n")[0], "anyOf": [{"type": "string"}, written], "x-group": cls.group})
        return inner

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.args.items())})"

