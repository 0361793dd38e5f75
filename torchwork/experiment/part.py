"""The one grammar for every part: `Name`, or `Name: {argument: value}`, with a place's properties beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue

from torchwork.errors import nearest
from torchwork.experiment.values import listed, plain, shown

GRAMMAR = "`Name` or `Name: {argument: value}`"
FIELDS = object()
"""Validation context that says: these are the fields of a part, given in Python, not a part as a document writes it."""


class Section(BaseModel):
    """Base of every piece of the document: frozen, closed to unknown keys, strict about types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as written: only what differs from the defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Part(Section):
    """Something of the catalog by name, with the arguments that differ from its defaults.

    A place may have properties of its own: `properties` maps the key that stands beside the name, as `from` in
    `{Conv2d: {out_channels: 6}, from: stem}`, to the field that holds it. `group` is where its names come from.

    `Part("Conv2d", {"out_channels": 6})` and `Part.model_validate({"Conv2d": {"out_channels": 6}})` are the same.
    """

    name: str = Field(min_length=1)
    args: dict[str, JsonValue] = {}

    properties: ClassVar[Mapping[str, str]] = {}
    group: ClassVar[str] = ""

    def __init__(self, name: str = "", args: Mapping[str, Any] | None = None, **properties: Any) -> None:
        fields = {"name": name, "args": plain(args or {}), **properties}
        self.__pydantic_validator__.validate_python(fields, self_instance=self, context=FIELDS)

    # Else pydantic would call `__init__` with the keys of a document, where `name` and `from` mean other things.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def of(cls, name: str, /, **args: Any) -> Self:
        """`Part.of("Conv2d", out_channels=6)`."""
        return cls(name, args)

    @model_validator(mode="before")
    @classmethod
    def _from_grammar(cls, value: Any, info: ValidationInfo) -> Any:
        if info.context is FIELDS or isinstance(value, Part):
            return value
        if isinstance(value, str) and value:
            return {"name": value}
        if isinstance(value, dict) and value:
            return cls._from_mapping(value)
        raise ValueError(f"expected {GRAMMAR}, got {shown(value)}")

    @classmethod
    def _from_mapping(cls, value: dict[str, Any]) -> dict[str, Any]:
        fields = {cls.properties[key]: item for key, item in value.items() if key in cls.properties}
        names = [key for key in value if key not in cls.properties]
        if len(names) > 1:
            raise ValueError(cls._two_names(names))
        if not names:
            return fields
        args = value[names[0]]
        if args is not None and not isinstance(args, dict) and (hint := nearest(names[0], cls.properties)):
            raise ValueError(
                f"expected the arguments of {names[0]} as `{{argument: value}}`, got {shown(args)}; {hint}"
            )
        return {"name": names[0], "args": {} if args is None else args, **fields}

    @classmethod
    def _two_names(cls, names: list[str]) -> str:
        hints = (nearest(name, cls.properties) for name in names)
        arguments = f"arguments stand inside: `{names[0]}: {{{names[1]}: ...}}`"
        return f"expected one name, got {listed(names)}; {next(filter(None, hints), arguments)}"

    @model_serializer(mode="wrap")
    def _to_grammar(self, serialize: Any) -> Any:
        fields = serialize(self)
        defaults = {field: about.default for field, about in type(self).model_fields.items()}
        differing = {key: field for key, field in self.properties.items() if getattr(self, field) != defaults[field]}
        beside = {key: fields[field] for key, field in differing.items()}
        if not self.name:
            return beside
        return {self.name: fields.get("args", {}), **beside} if self.args or beside else self.name

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The grammar as JSON Schema; `schema.py` later fills `x-group` with the names of the catalog."""
        inner = handler.resolve_ref_schema(handler(core))
        fields = inner.get("properties", {})
        beside = {key: fields[field] for key, field in cls.properties.items()}
        written = {
            "type": "object",
            "properties": beside,
            "additionalProperties": {"type": ["object", "null"]},
            "minProperties": 1,
            "maxProperties": 1 + len(beside),
        }
        text = {"type": "string", "minLength": 1}
        inner.clear()
        inner.update(description=str(cls.__doc__).partition("\n")[0], anyOf=[text, written])
        inner["x-group"] = cls.group
        return inner

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.args.items())})"
