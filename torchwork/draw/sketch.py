"""The document while it is edited: levels are read from it and written back; nothing of the original is changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from torchwork.draw.edit import Plain
from torchwork.draw.following import Gone, followed
from torchwork.draw.level import Item, Level, as_mapping, level_place, read_level
from torchwork.draw.refusal import refused
from torchwork.draw.writing import write_level
from torchwork.errors import nearest

Moving = Callable[[Mapping[str, str]], Mapping[str, str]]
SIDES = ("modules", "tie")
"""what stands beside the level in `model:`, and may have changed while the level was edited"""


class Sketch:
    """A document that edits change one after the other; values are replaced, never changed in place."""

    def __init__(self, document: Plain) -> None:
        self.document = dict(document)

    @property
    def model(self) -> dict[str, Any]:
        """The section `model:`, empty where there is none yet."""
        found = self.document.get("model")
        if found is not None and not isinstance(found, dict):
            raise refused("expected a mapping as `model:`, got something else", "model", "write the model anew")
        return dict(found or {})

    @property
    def modules(self) -> dict[str, Any]:
        """The definitions by name."""
        return as_mapping(self.model.get("modules"))

    def put_model(self, **sections: Any) -> None:
        """Set sections of the model; empty ones go."""
        model = {**self.model, **sections}
        self.document["model"] = {key: value for key, value in model.items() if key not in sections or value}

    def definition(self, name: str) -> dict[str, Any]:
        """The section of a definition."""
        modules = self.modules
        if not isinstance(modules.get(name), dict):
            fix = nearest(name, modules) or "choose a definition of `modules:`"
            raise refused(f"there is no definition called {name}", "model.modules", fix)
        return dict(modules[name])

    def level(self, name: str) -> Level:
        """A level, to be changed and stored; DocumentError when there is none, or when it cannot be edited."""
        level = read_level(name, self.definition(name) if name else self.model)
        if level.broken:
            raise refused(
                f"expected nodes in `{level.broken}:`, got something else", level.place, "put that right in the text"
            )
        return level

    def drawn(self, name: str) -> Level:
        """A level that has nodes: not one that is code."""
        level = self.level(name)
        if level.code:
            raise refused(f"{name} is Python code, which has no nodes to edit", level.place, "edit its code")
        return level

    def levels(self) -> Iterator[Level]:
        """All levels, whether or not they can be edited."""
        yield read_level("", self.model)
        yield from (read_level(name, body) for name, body in self.modules.items() if isinstance(body, dict))

    def item(self, level: Level, name: str) -> Item:
        """The node of a level that is called so."""
        if name not in level.items:
            fix = nearest(name, level.items) or "choose a node that is there"
            raise refused(f"there is no node called {name}", level.place, fix)
        return level.items[name]

    def store(self, level: Level, moved: Moving | None = None) -> dict[str, str]:
        """Write a level back; what names its parameters follows. Returns the name of each key.

        `moved` gives, from the name of each key, old names whose modules are elsewhere now.
        """
        old = list(self.levels()) if self._names_parameters() else []
        section, names = write_level(level)
        if level.name:
            self.put_module(level.name, section)
        else:
            kept = {key: self.model[key] for key in SIDES if key in self.model}
            self.document["model"] = {key: item for key, item in section.items() if key in kept or key not in SIDES}
            self.document["model"] |= kept
        before = next((found.items for found in old if found.name == level.name), {})
        new = {key: names.get(key, Gone()) for key in before if names.get(key) != key}
        self.follow(old, level.name, {**new, **(moved(names) if moved else {})})
        return names

    def put_module(self, name: str, section: Mapping[str, Any], beside: str = "") -> None:
        """Set a definition, a new one behind the one called `beside` or at the end."""
        modules: dict[str, Any] = {}
        for known, body in self.modules.items():
            modules[known] = section if known == name else body
            if known == beside:
                modules[name] = section
        self.put_model(modules=modules | {name: section})

    def _names_parameters(self) -> bool:
        return bool(self.model.get("tie") or self.document.get("parameters"))

    def follow(self, old: Sequence[Level], level: str, moved: Mapping[str, str | Gone]) -> None:
        """Bring ties and rules to the new names of a level; `old` are all levels as they were."""
        if not moved or not old:
            return
        ties, rules = followed(old, level, moved, self.model.get("tie"), self.document.get("parameters"))
        if ties != self.model.get("tie"):
            self.put_model(tie=ties)
        if rules:
            self.document["parameters"] = rules
        else:
            self.document.pop("parameters", None)

    def users(self, definition: str) -> list[tuple[str, str]]:
        """Level and key of every node that uses a definition."""
        return [
            (level.name, item.key) for level in self.levels() for item in level.items.values()
            if item.part == definition
        ]  # fmt: skip

    def check_nesting(self, level: str, parts: Collection[str]) -> None:
        """Refuse parts that would make the definition of a level contain itself, with the chain."""
        for part in parts:
            way = self._way(part, level) if level else []
            if way:
                words = f"{level} would contain itself: {' -> '.join([level, *way])}"
                raise refused(words, level_place(level), "a module cannot contain itself")

    def _way(self, start: str, end: str) -> list[str]:
        """The definitions from one to another that it contains; empty where it does not."""
        modules = self.modules
        ways, seen = [[start]], {start}
        while ways:
            way = ways.pop()
            if way[-1] == end:
                return way
            body = modules.get(way[-1])
            parts = {item.part for item in read_level("", body).items.values()} if isinstance(body, dict) else set()
            ways += [[*way, part] for part in sorted(parts - seen) if part in modules]
            seen |= parts
        return []
