"""The levels of a document as they are drawn, whatever a hand-written document holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torchwork.draw.level import Item, Level, as_mapping, read_level

UNKNOWN = "unknown"


@dataclass(frozen=True)
class SheetNode:
    """A node. `part` is the name of what it is (`unknown` where it says nothing), `sources` what it takes from."""

    name: str
    place: str
    part: str
    args: Mapping[str, Any]
    sources: tuple[str, ...]
    repeat: int = 1
    use: str = ""
    bypass: bool = False
    note: str = ""
    at: tuple[float, float] | None = None


@dataclass(frozen=True)
class Sheet:
    """The model (`name` empty) or a definition; `outputs` as written or implied, one or (not single) a list."""

    name: str
    place: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[SheetNode, ...]
    chain: bool
    arguments: Mapping[str, Any]
    code: str
    single: bool = True


def levels(document: Any) -> list[Sheet]:
    """Every level of a document, the model first; never an error."""
    model = as_mapping(as_mapping(document).get("model"))
    if not model:
        return []
    modules = as_mapping(model.get("modules")).items()
    found = [("", model), *((name, as_mapping(body)) for name, body in modules if isinstance(body, dict))]
    return [_sheet(read_level(name, section)) for name, section in found]


def _sheet(level: Level) -> Sheet:
    return Sheet(
        level.name,
        level.place,
        tuple(level.inputs),
        tuple(level.outputs),
        tuple(_node(item) for item in level.items.values()),
        level.chain and not level.code,
        level.arguments,
        level.code,
        level.single,
    )


def _node(item: Item) -> SheetNode:
    return SheetNode(
        item.key,
        item.place,
        item.part or ("" if item.use else UNKNOWN),
        item.args,
        tuple(item.sources),
        item.repeat,
        item.use,
        item.bypass,
        item.note,
        item.at,
    )
