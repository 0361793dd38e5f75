"""A level as an ordered list of nodes with explicit sources, whatever form the document writes it in.

Reading never raises: what a hand-written document holds beside the grammar is kept as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from torchwork.draw.names import TENSORS
from torchwork.draw.refs import head
from torchwork.experiment import place_text

PROPERTIES: Final = ("use", "name", "from", "repeat", "bypass", "note", "at")
"""what stands beside a node's part, in the order in which it is written"""
ABSENT: Final[Any] = object()
"""of a key that a document does not write"""


@dataclass
class Item:
    """A node. `key` is what it was called when it was read; `name` what it is called (None: by its number).

    `sources` name other nodes by their keys; `meant` are those that it had when it was read, `written` its `from:`,
    which is `idle` where it says what holds without it.
    """

    key: str
    name: str | None
    body: dict[str, Any]
    sources: list[str] = field(default_factory=list)
    raw: Any = ABSENT
    written: Any = ABSENT
    meant: tuple[str, ...] | None = None
    idle: bool = False
    where: tuple[str, str | int] = ("", "")
    """the place of its level, and its number in `layers:` or its key in `nodes:`"""

    @property
    def part(self) -> str:
        """The name of its layer, operation or definition; empty where it uses another's or says nothing."""
        for key in self.body:
            if key not in PROPERTIES:
                return key
        return ""

    @property
    def place(self) -> str:
        """Where it stands in the document; of a new one where its level does."""
        level, step = self.where
        inside = ("nodes", step) if isinstance(step, str) else ("layers", step)
        return f"{level}.{place_text(inside)}" if level else ""

    @property
    def args(self) -> dict[str, Any]:
        """The arguments as written."""
        return as_mapping(self.body.get(self.part)) if self.part else {}

    @property
    def use(self) -> str:
        """The node whose module it calls again."""
        found = self.body.get("use")
        return found if isinstance(found, str) else ""

    @property
    def repeat(self) -> int:
        """So many instances in a row."""
        found = self.body.get("repeat", 1)
        return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 1

    @property
    def bypass(self) -> bool:
        """Whether it lets its first input through."""
        return self.body.get("bypass") is True

    @property
    def note(self) -> str:
        """What a person says of it."""
        found = self.body.get("note")
        return found if isinstance(found, str) else ""

    @property
    def at(self) -> tuple[float, float] | None:
        """Its place on the sheet."""
        match self.body.get("at"):
            case [int() | float() as x, int() | float() as y]:
                return (x, y) if abs(x) < 1e9 and abs(y) < 1e9 else None
        return None

    def replace(self, part: str, args: Mapping[str, Any]) -> None:
        """Another part in the place of what it is."""
        others = {key: value for key, value in self.body.items() if key in PROPERTIES and key != "use"}
        self.body = {part: dict(args), **others}

    def put(self, key: str, value: Any) -> None:
        """Set a property; None takes it away."""
        if value is None:
            self.body.pop(key, None)
        else:
            self.body[key] = value


@dataclass
class Level:
    """The model (`name` empty) or a definition. `outputs` name nodes by their keys; `returned` is what is written."""

    name: str
    section: Mapping[str, Any]
    inputs: list[str]
    items: dict[str, Item]
    chain: bool
    outputs: list[str] = field(default_factory=list)
    single: bool = True
    returned: Any = ABSENT
    meant: tuple[str, ...] | None = None
    called: list[str] = field(default_factory=lambda: ["input"])
    """its inputs when it was read"""
    broken: str = ""
    """why it cannot be edited, where its body is neither a list nor a mapping"""

    @property
    def place(self) -> str:
        """Where it stands in the document."""
        return level_place(self.name)

    @property
    def code(self) -> str:
        """Its Python, where it is code."""
        found = self.section.get("code")
        return found if isinstance(found, str) else ""

    @property
    def arguments(self) -> dict[str, Any]:
        """Names of its arguments with their defaults."""
        return as_mapping(self.section.get("arguments"))

    @property
    def taken(self) -> set[str]:
        """All names of the level: inputs, nodes, keys of those that have no name."""
        return {*self.inputs, *self.items, *(item.name for item in self.items.values() if item.name)}

    @property
    def returned_unsaid(self) -> bool:
        """Whether the document does not say what the level returns."""
        return self.returned is ABSENT

    def is_tensor(self, item: Item) -> bool:
        """Whether a node, or the one that it uses, is a tensor of the module itself."""
        if "use" not in item.body:  # most are asked often, in long chains
            return not TENSORS.isdisjoint(item.body)
        return (maker := self.maker(item)) is not None and maker.part in TENSORS

    def maker(self, item: Item) -> Item | None:
        """The node whose module this one calls: itself, or the one that its `use:` leads to."""
        found: Item | None = item
        for _ in self.items:
            if found is None or not found.use:
                return found
            found = self.items.get(found.use)
        return None

    def last(self) -> str:
        """The node whose value is returned when nothing is said: the last that computes something."""
        computing = (key for key in reversed(self.items) if not self.is_tensor(self.items[key]))
        return next(computing, next(reversed(self.items), ""))

    def users(self, key: str) -> list[Item]:
        """The nodes that take from one."""
        return [item for item in self.items.values() if any(head(source) == key for source in item.sources)]

    def reach(self, start: Collection[str], *, forwards: bool) -> set[str]:
        """The nodes that lie behind (or, not forwards, before) some nodes, without these."""
        following: dict[str, list[str]] = {}
        for item in self.items.values():
            for source in map(head, item.sources):
                one, other = (source, item.key) if forwards else (item.key, source)
                following.setdefault(one, []).append(other)
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            new = [key for key in following.get(waiting.pop(), ()) if key not in found and key in self.items]
            found.update(new)
            waiting += new
        return found


def level_place(name: str) -> str:
    """The place of a level in the document."""
    return place_text(("model", "modules", name)) if name else "model"


def as_mapping(value: Any) -> dict[str, Any]:
    """The mapping with text keys that a value is; of anything else an empty one."""
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def read_level(name: str, section: Mapping[str, Any]) -> Level:
    """The level that a section of the document describes."""
    inputs = section.get("inputs")
    names = [text for text in inputs if isinstance(text, str)] if isinstance(inputs, list) else []
    chain = "nodes" not in section or ("layers" in section and not section["nodes"])
    body = section.get("layers" if chain else "nodes")
    level = Level(name, section, names or ["input"], {}, chain, called=names or ["input"])
    if body is not None and not isinstance(body, list if chain else dict):
        level.broken = "layers" if chain else "nodes"
    for item in _items(body, level):
        level.items[item.key] = item
    _connect(level)
    _return(level, section.get("outputs", ABSENT))
    return level


def _items(body: Any, level: Level) -> Iterator[Item]:
    place = level.place
    if level.chain:
        for number, raw in enumerate(body if isinstance(body, list) else ()):
            label = raw.get("name") if isinstance(raw, dict) else None
            label = label if isinstance(label, str) and label else None
            key = label or str(number)
            if key in level.items or key in level.inputs:
                key = f"layers#{number}"  # a name that is there already leads to the first that has it
            yield _item(key, label, raw, (place, number))
    elif isinstance(body, dict):
        for name, raw in body.items():
            key = str(name) if str(name) not in level.inputs else f"nodes#{name}"
            yield _item(key, str(name), raw, (place, str(name)))


def _item(key: str, name: str | None, raw: Any, where: tuple[str, str | int]) -> Item:
    body = {raw: {}} if isinstance(raw, str) and raw else as_mapping(raw)
    return Item(key, name, body, raw=raw, written=body.get("from", ABSENT), where=where)


def _connect(level: Level) -> None:
    before = list(level.inputs)
    for item in level.items.values():
        tensor = level.is_tensor(item)
        item.sources = _sources(item.written, [] if tensor else before)
        item.meant, item.idle = tuple(item.sources), item.sources == ([] if tensor else before)
        before = before if tensor else [item.key]


def _sources(written: Any, before: list[str]) -> list[str]:
    if written is ABSENT or written is None:
        return list(before)
    if isinstance(written, list):
        return [text.strip() if isinstance(text, str) else "" for text in written]
    return [written.strip()] if isinstance(written, str) and written.strip() else []


def _return(level: Level, returned: Any) -> None:
    level.returned = returned
    if isinstance(returned, list):
        level.outputs, level.single = _sources(returned, []), False
    elif isinstance(returned, str):
        level.outputs = [returned.strip()]
    elif level.items:
        level.outputs = [level.last()]
    level.meant = tuple(level.outputs)
