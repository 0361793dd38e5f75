"""Nodes that lie in containers: `convs.0` is the first module of an nn.ModuleList that is the attribute `convs`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from torch import nn

IN_DICT = frozenset(dir(nn.ModuleDict()))
"""what nothing inside a container can be called"""


@dataclass
class Holder:
    """What stands under one attribute: a node's module, or a container of further ones by their keys."""

    name: str
    inner: dict[str, Holder] = field(default_factory=dict)

    @property
    def listed(self) -> bool:
        """Whether it is an nn.ModuleList: its keys are 0, 1, 2, ...; another container is an nn.ModuleDict."""
        return set(self.inner) == set(map(str, range(len(self.inner))))

    @property
    def items(self) -> list[tuple[str, Holder]]:
        """Keys and what they hold; those of a list by number, for its modules are made in that order."""
        return sorted(self.inner.items(), key=lambda item: int(item[0])) if self.listed else list(self.inner.items())

    @property
    def nodes(self) -> Iterator[str]:
        """The names of the nodes in it."""
        if not self.inner:
            yield self.name
        for _, item in self.items:
            yield from item.nodes


def holders(names: Iterable[str]) -> dict[str, Holder]:
    """The attributes of a module with nodes of these names, in the order in which they are made."""
    root = Holder("")
    for name in names:
        at = root
        for word in name.split("."):
            at = at.inner.setdefault(word, Holder(f"{at.name}.{word}".lstrip(".")))
    return root.inner


def in_order(names: Iterable[str]) -> list[str]:
    """The names with those of one container together, where the first of them stands."""
    return [name for holder in holders(names).values() for name in holder.nodes]


def attributes(modules: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """What a module holds whose nodes have these modules: they, and the containers that they lie in."""
    return {word: _held(holder, modules) for word, holder in holders(modules).items()}


def _held(holder: Holder, modules: Mapping[str, nn.Module]) -> nn.Module:
    if not holder.inner:
        return modules[holder.name]
    made = {key: _held(item, modules) for key, item in holder.items}
    return nn.ModuleList(made.values()) if holder.listed else nn.ModuleDict(made)


def outside(name: str) -> Iterator[str]:
    """The containers that a node of this name lies in: `a` and `a.b` for `a.b.c`."""
    words = name.split(".")
    return (".".join(words[:count]) for count in range(1, len(words)))
