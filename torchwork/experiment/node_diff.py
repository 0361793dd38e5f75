"""What changed between the nodes of two definitions, in words that name each by its attribute and class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torchwork.experiment.alignment import Alignment, Placed, align, placed
from torchwork.experiment.change import Change, Kind
from torchwork.experiment.place import Place, place_text
from torchwork.experiment.spec import Definition, Module
from torchwork.experiment.values import listed, shown

MISSING: Any = object()


@dataclass(frozen=True)
class Context:
    """What both documents know: their definitions, and under which names the old ones stand in the new document."""

    before: Mapping[str, Module] = field(default_factory=dict)
    after: Mapping[str, Module] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)


def node_changes(before: Definition, after: Definition, path: Place, where: str, context: Context) -> Iterator[Change]:
    """Changes of the nodes of a definition that stands at `path` and is called `where`, in the order of its nodes."""
    yield from _NodeDiff(before, after, path, where, context).changes()


def value_words(value: Any) -> str:
    """A value as a document writes it: a text without quotes, `default` for none."""
    if value is MISSING:
        return "default"
    if value is None:
        return "null"
    return value if isinstance(value, str) and len(value) < 60 and "\n" not in value else shown(value)


class _NodeDiff:
    def __init__(self, before: Definition, after: Definition, path: Place, where: str, context: Context) -> None:
        self.old, self.new = placed(before, path), placed(after, path)
        self.before, self.after, self.path, self.where, self.context = before, after, path, where, context
        self.found: Alignment = align(self.old, self.new, context.classes)
        self.parts = {item.name: item.node.name for item in (*self.old, *self.new) if not item.named}
        self.parts |= {item.name: item.node.name for item in self.new if not item.named}
        same = len(before.inputs) == len(after.inputs)
        self.names = dict(zip(before.inputs, after.inputs, strict=True)) if same else {}
        self.names |= {self.old[a].name: self.new[b].name for a, b in self.found.pairs.items()}

    def changes(self) -> Iterator[Change]:
        yield from self._inputs()
        for _, _, change in sorted(self._placed(), key=lambda item: item[:2]):
            yield change
        yield from self._outputs()
        yield from self._sheet()

    def _placed(self) -> Iterator[tuple[float, int, Change]]:
        """Every change with the place in the new document that it belongs to."""
        near, count = -1.0, 0
        for a, item in enumerate(self.old):
            if a in self.found.pairs:
                near = self.found.pairs[a] if a not in self.found.moved else near
                for change in self._of_pair(item, self.new[self.found.pairs[a]], a in self.found.moved):
                    yield self.found.pairs[a], (count := count + 1), change
            else:
                yield near + 0.5, (count := count + 1), self._removed(item)
        for b, item in enumerate(self.new):
            if b not in self.found.pairs.values():
                yield b, (count := count + 1), self._added(item)

    def _removed(self, item: Placed) -> Change:
        call = self._call(item)
        dump = item.node.model_dump(mode="json")
        text = f"removed {call} `{item.name}`"
        return self._change("removed", item, dump, None, text, alike=f"removed {call}")

    def _added(self, item: Placed) -> Change:
        call, place = self._call(item), self._place(item)
        dump = item.node.model_dump(mode="json")
        alike = f"added {call}{self._place(item, named=False)}"
        return self._change("added", item, None, dump, f"added {call} `{item.name}`{place}", alike=alike)

    def _place(self, item: Placed, *, named: bool = True) -> str:
        """` after `conv1``, or on what it says that it takes."""
        explicit = item.node.source is not None and item.sources != (item.behind,)
        if explicit and not any(item.sources):
            return " on nothing"
        if explicit:
            return f" on {self._listed(item.sources, named)}"
        return f" after {self._listed([item.behind], named)}" if item.behind is not None else " at the beginning"

    def _listed(self, sources: Sequence[str], named: bool = True) -> str:
        return listed(self._label(source, named) for source in sources) or "nothing"

    def _label(self, source: str, named: bool = True) -> str:
        """`conv1`, or the class with the number of what has no name of its own."""
        if not source:
            return "nothing"
        part = self.parts.get(source.partition("[")[0], "")
        if not named and part:
            return part
        return f"{part} `{source}`".lstrip()

    def _call(self, item: Placed) -> str:
        node = item.node
        if not node.name:
            return f"another call of `{node.use}` as"
        args = ", ".join(f"{key}={value_words(value)}" for key, value in node.args.items())
        times = f"{node.repeat} " if node.repeat > 1 else ""
        bypassed = "bypassed " if node.bypass else ""
        return f"{bypassed}{times}{node.name}({args})" if args else f"{bypassed}{times}{node.name}"

    def _of_pair(self, old: Placed, new: Placed, moved: bool) -> Iterator[Change]:
        if old.name != new.name and (old.named or new.named):
            was = f"was called `{old.name}`" if old.named else f"was without a name (`{old.name}`)"
            yield self._change("renamed", new, old.name, new.name, was, part=self._part(new))
        if moved:
            text = f"moved{self._place(new)}".replace("at the", "to the")
            yield self._change("moved", new, place_text(old.path), place_text(new.path), text, part=self._part(new))
        yield from self._part_changes(old, new)
        yield from self._switched(old, new)
        before = tuple(self._renamed(source) for source in old.sources)
        implied = old.node.source is None and new.node.source is None  # what stands before it is told as added, moved
        if before != new.sources and not implied:
            text = f"takes {self._listed(new.sources)} instead of {self._listed(before)}"
            yield self._change("rewired", new, list(before), list(new.sources), text, part=self._part(new))

    def _switched(self, old: Placed, new: Placed) -> Iterator[Change]:
        if old.node.bypass != new.node.bypass:
            text = "is bypassed" if new.node.bypass else "is not bypassed any more"
            yield self._set(new, old.node.bypass, new.node.bypass, text, "bypass")
        if old.node.note != new.node.note:
            yield self._set(new, old.node.note, new.node.note, "has another note", "note")

    def _part_changes(self, old: Placed, new: Placed) -> Iterator[Change]:
        use = old.node.use and self._renamed(old.node.use)
        if self.context.classes.get(old.node.name, old.node.name) == new.node.name and use == new.node.use:
            yield from self._argument_changes(old, new)
            if old.node.repeat != new.node.repeat:
                text = f"repeat {old.node.repeat} -> {new.node.repeat}"
                yield self._set(new, old.node.repeat, new.node.repeat, text, "repeat")
            return
        before, after = (item.node.model_dump(mode="json") for item in (old, new))
        if old.node.use and new.node.use:
            yield self._set(new, before, after, f"is another call of `{new.node.use}` instead of `{use}`")
        else:
            text = f"became {self._call(new).removesuffix(' as')}"
            yield self._change("set", new, before, after, text, part=self._part(old))

    def _argument_changes(self, old: Placed, new: Placed) -> Iterator[Change]:
        """Arguments that differ; of a definition, its default stands for what is not written."""
        olds = self._defaults(self.context.before, old) | old.node.args
        news = self._defaults(self.context.after, new) | new.node.args
        for key in [*new.node.args, *(key for key in old.node.args if key not in new.node.args)]:
            before, after = olds.get(key, MISSING), news.get(key, MISSING)
            if before != after or type(before) is not type(after):
                text = f"{key} {value_words(before)} -> {value_words(after)}"
                before, after = (None if value is MISSING else value for value in (before, after))
                yield self._set(new, before, after, text, new.node.name, key)

    @staticmethod
    def _defaults(modules: Mapping[str, Module], item: Placed) -> dict[str, Any]:
        return {**modules[item.node.name].arguments} if item.node.name in modules else {}

    def _set(self, item: Placed, before: Any, after: Any, text: str, *deeper: str) -> Change:
        change = self._change("set", item, before, after, text, part=self._part(item))
        return replace(change, path=place_text((*item.path, *deeper)))

    def _change(
        self, kind: Kind, item: Placed, before: Any, after: Any, text: str, *, part: str = "", alike: str = ""
    ) -> Change:
        path = place_text(item.path)
        return Change(kind, path, before, after, text, self.where, item.name, part, alike or f"{part} {text}")

    @staticmethod
    def _part(item: Placed) -> str:
        return item.node.name or f"(again `{item.node.use}`)"

    def _renamed(self, source: str) -> str:
        """A reference such as `lstm[0]` with the new name of its node."""
        name, bracket, index = source.partition("[")
        return self.names.get(name, name) + bracket + index

    def _inputs(self) -> Iterator[Change]:
        if self.before.inputs != self.after.inputs:
            before, after = list(self.before.inputs), list(self.after.inputs)
            text = f"inputs {', '.join(before)} -> {', '.join(after)}"
            yield Change("set", place_text((*self.path, "inputs")), before, after, text, self.where)

    def _sheet(self) -> Iterator[Change]:
        """One change for all nodes that stand elsewhere on the sheet."""
        pairs = [(self.old[a], self.new[b]) for a, b in self.found.pairs.items()]
        moved = [(old.node.at, new.node.at, new.path) for old, new in pairs if old.node.at != new.node.at]
        if moved:
            before, after, path = moved[0] if len(moved) == 1 else (None, None, self.path)
            text = f"{len(moved)} node{'s' * (len(moved) > 1)} placed elsewhere on the sheet"
            yield Change("moved", place_text(path), before, after, text, self.where)

    def _outputs(self) -> Iterator[Change]:
        before, after = self.before.outputs, self.after.outputs
        names = [_outputs_of(self.before), _outputs_of(self.after)]
        if [self._renamed(name) for name in names[0] or ()] != names[1] if names[0] is not None else before != after:
            path = place_text((*self.path, "outputs"))
            words = [self._returned(definition) for definition in (self.before, self.after)]
            yield Change("set", path, before, after, f"returns {words[1]} instead of {words[0]}", self.where)

    def _returned(self, definition: Definition) -> str:
        if isinstance(definition.outputs, int):
            return f"{definition.outputs} tensors"
        return listed(f"`{name}`" for name in _outputs_of(definition) or ()) or "its last node"


def _outputs_of(definition: Definition) -> list[str] | None:
    """The nodes that are returned, None for the last one."""
    if isinstance(definition.outputs, str):
        return [definition.outputs]
    return definition.outputs if isinstance(definition.outputs, list) else None
