"""What a person can do to a drawing, as data: each edit names a level, its nodes, and what becomes of them.

A `level` is the model itself (empty) or a definition of `modules:` by its name. A node is named as in its level: its
key in `nodes:`, its `name:` or its number in `layers:`. A source is written as in a document: `stem`, `input`,
`lstm[0]`; empty: nothing is connected there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Place = tuple[float, float]
"""Of a node's upper left corner on the sheet, in pixels."""


class EditBase(BaseModel):
    """Frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Add(EditBase):
    """A new node. `feeds` are the inputs (node and number) that take from it from now on: so it comes onto a wire."""

    do: Literal["add"] = "add"
    level: str = ""
    part: JsonValue
    """as a document writes it: `ReLU`, `{Conv2d: {out_channels: 6}}`, `{use: conv1}`"""
    name: str = ""
    """empty: made of the part's name"""
    sources: list[str] = []
    feeds: list[tuple[str, int]] = []
    at: Place | None = None


class Remove(EditBase):
    """Nodes go; with `heal` those behind take from what stood before, where that is one thing."""

    do: Literal["remove"] = "remove"
    level: str = ""
    nodes: list[str]
    heal: bool = True


class Connect(EditBase):
    """Input `input` of a node (empty: what the level returns) takes from `source`; one behind the last is new."""

    do: Literal["connect"] = "connect"
    level: str = ""
    source: str
    node: str
    input: int = 0


class Disconnect(EditBase):
    """Input `input` of a node takes nothing."""

    do: Literal["disconnect"] = "disconnect"
    level: str = ""
    node: str
    input: int = 0


class SetValue(EditBase):
    """The value at any place of the document, such as `model.layers[3].Linear.out_features`; missing sections come."""

    do: Literal["set"] = "set"
    path: str
    value: JsonValue


class UnsetValue(EditBase):
    """What stands at a place goes, so that the default holds; sections that become empty go with it."""

    do: Literal["unset"] = "unset"
    path: str


class SetNode(EditBase):
    """Properties and arguments of a node: `args` as they should be (null: as they are), a `part` of another name."""

    do: Literal["node"] = "node"
    level: str = ""
    node: str
    part: str | None = None
    args: dict[str, JsonValue] = {}
    """arguments that change"""
    unset: list[str] = []
    """arguments that get their default"""
    repeat: int | None = None
    note: str | None = None
    """what a person has to say of it; empty: nothing"""


class Rename(EditBase):
    """A node gets another name; whatever refers to it follows."""

    do: Literal["rename"] = "rename"
    level: str = ""
    node: str
    name: str


class Move(EditBase):
    """Where nodes stand on the sheet; null: wherever the layout puts them."""

    do: Literal["move"] = "move"
    level: str = ""
    places: dict[str, Place | None]


class Tidy(EditBase):
    """All nodes of a level stand where the layout puts them."""

    do: Literal["tidy"] = "tidy"
    level: str = ""


class Bypass(EditBase):
    """Nodes let their first input through, as if they were not there."""

    do: Literal["bypass"] = "bypass"
    level: str = ""
    nodes: list[str]
    on: bool = True


class Group(EditBase):
    """Nodes become a definition of their own, and one node that uses it; places inside stay."""

    do: Literal["group"] = "group"
    level: str = ""
    nodes: list[str]
    name: str = ""


class Unpack(EditBase):
    """A node's definition is put in its place, with links and places; the definition goes when nobody uses it."""

    do: Literal["unpack"] = "unpack"
    level: str = ""
    node: str


class Unique(EditBase):
    """A node gets a definition of its own, a copy."""

    do: Literal["unique"] = "unique"
    level: str = ""
    node: str


class Share(EditBase):
    """A node calls the module of another: one instance, shared weights."""

    do: Literal["share"] = "share"
    level: str = ""
    node: str
    of: str


class Tie(EditBase):
    """Two parameters are one, or not any more: full names, such as `decoder.weight`."""

    do: Literal["tie"] = "tie"
    parameter: str
    to: str | None


class Paste(EditBase):
    """Nodes that were copied as text, here or in another window, with the definitions that they need."""

    do: Literal["paste"] = "paste"
    level: str = ""
    text: str
    at: Place | None = None
    sources: bool = False
    """with the links from nodes outside that are there too"""
    feeds: list[tuple[str, int]] = []
    """inputs (node and number) that take from the last of them from now on: so a row comes onto a wire"""


class Inputs(EditBase):
    """The names of what a level is called with; `renamed` ones keep their links."""

    do: Literal["inputs"] = "inputs"
    level: str = ""
    names: list[str]
    renamed: dict[str, str] = {}


class NameModule(EditBase):
    """A definition gets another name; its uses follow."""

    do: Literal["name_module"] = "name_module"
    module: str
    name: str


class SetArguments(EditBase):
    """The arguments of a definition with their defaults; null: must be given."""

    do: Literal["arguments"] = "arguments"
    module: str
    arguments: dict[str, JsonValue]


Edit = Annotated[
    Add
    | Remove
    | Connect
    | Disconnect
    | SetValue
    | UnsetValue
    | SetNode
    | Rename
    | Move
    | Tidy
    | Bypass
    | Group
    | Unpack
    | Unique
    | Share
    | Tie
    | Paste
    | Inputs
    | NameModule
    | SetArguments,
    Field(discriminator="do"),
]
"""One step of a person; several together are one step of undo."""
Plain = dict[str, Any]
"""A document as plain values, whether or not it is right."""
