"""A class's forward as nodes, before equal classes are brought together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")


@dataclass
class Draft:
    """A module as nodes; `title` is its class, `label` the attribute that holds it, `path` where it stands."""

    title: str
    label: str
    path: str
    inputs: list[str] = field(default_factory=list)
    nodes: list[DraftNode] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    frozen: list[str] = field(default_factory=list)
    constructor: dict[str, Any] = field(default_factory=dict)

    @property
    def container(self) -> bool:
        """Whether its class says nothing, so that the attribute's name has to."""
        return self.title in CONTAINERS


def label_of(name: str, stem: str) -> str:
    """What a module of this name is called: its last word; of one with a number also the word before, else `stem`."""
    last = name.rpartition(".")[2]
    words = [word for word in name.split(".") if not word.isdecimal()]
    return f"{[stem or 'layer', *words][-1]}{last}" if last.isdecimal() else last


@dataclass
class Code:
    """A class that stays code: its source, the class in it to be made, and the arguments of its constructor."""

    title: str
    made: str
    source: str
    arguments: dict[str, Any]
    inputs: list[str]
    outputs: int
    reason: str
    frozen: list[str] = field(default_factory=list)
    path: str = ""


@dataclass
class DraftNode:
    """A node; `use` names the node whose module it calls again. A dotted name lies in a container.

    `again` names the node whose module it is too, where a copy without weights would do as well.
    """

    name: str
    part: str | Draft | Code = ""
    args: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    use: str = ""
    stateful: bool = False
    again: str = ""
