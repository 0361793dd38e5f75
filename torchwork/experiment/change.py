"""One difference between two documents, and those between plain values, as words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from torchwork.experiment.place import Place, place_text
from torchwork.experiment.values import listed, shown

Kind = Literal["set", "added", "removed", "renamed", "rewired", "moved"]
ABSENT = "the default"


@dataclass(frozen=True)
class Change:
    """What is different at `path`: its kind, the values before and after (None where there is none), and in words.

    Of a model, `where` says where a reader finds it (`features`) and `used` what uses it, `name` and `part` which node
    it is (`fc`, Linear), and `alike` is the text without names: the same for the same change of several nodes.
    """

    kind: Kind
    path: str
    before: Any
    after: Any
    text: str
    where: str = ""
    name: str = ""
    part: str = ""
    alike: str = ""
    used: str = ""

    def __str__(self) -> str:
        return f"{self.where or self.path}{self.used}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """What happened: `fc` Linear out_features 10 -> 100."""
        return f"{subject([self.name], self.part)}{self.text}"

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        where = self.where or self.path
        values = {"before": self.before, "after": self.after}
        return {"kind": self.kind, "path": self.path, "where": where + self.used, **values, "text": self.sentence}


def subject(names: list[str], part: str) -> str:
    """What a change is of: `fc` Linear; without its class where that is its name, empty where the text says it."""
    if not part:
        return ""
    quoted = listed(f"`{name}`" for name in names if name)
    return " ".join(filter(None, [quoted, "" if names == [part] else part])) + " "


def changed(path: Place, before: Any, after: Any) -> Change:
    """`before -> after` at a place."""
    return Change("set", place_text(path), before, after, f"{said(before)} -> {said(after)}")


def value_changes(before: Any, after: Any, path: Place) -> Iterator[Change]:
    """Where two plain values differ, as deep inside as they are comparable."""
    before, after = _as_parts(before, after)
    if before == after and type(before) is type(after):
        return
    if (
        isinstance(before, dict)
        and isinstance(after, dict)
        and (before.keys() & after.keys() or not before or not after)
    ):
        for key in [*after, *(key for key in before if key not in after)]:
            yield from value_changes(before.get(key), after.get(key), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_changes(before, after, path)
    else:
        yield changed(path, before, after)


def _as_parts(before: Any, after: Any) -> tuple[Any, Any]:
    """A part without arguments as a mapping too, where the other has some: `Adam` and `{Adam: {lr: 0.1}}`."""
    if isinstance(before, str) and isinstance(after, dict) and before in after:
        return {before: {}}, after
    if isinstance(after, str) and isinstance(before, dict) and after in before:
        return before, {after: {}}
    return before, after


def _list_changes(before: list[Any], after: list[Any], path: Place) -> Iterator[Change]:
    olds, news = ([json.dumps(item, sort_keys=True) for item in items] for items in (before, after))
    for kind, old, old_end, new, new_end in difflib.SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if kind == "replace" and old_end - old == new_end - new:
            for place in range(old_end - old):
                yield from value_changes(before[old + place], after[new + place], (*path, new + place))
        elif kind != "equal":
            for place in range(old, old_end):
                yield Change(
                    "removed", place_text((*path, place)), before[place], None, f"removed {said(before[place])}"
                )
            for place in range(new, new_end):
                yield Change("added", place_text((*path, place)), None, after[place], f"added {said(after[place])}")


def said(value: Any) -> str:
    """A value as people write it: `0.01`, `Adam(lr=0.01)`."""
    if value is None:
        return ABSENT
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(inner := next(iter(value.values())), dict):
        return f"{next(iter(value))}({', '.join(f'{key}={shown(item)}' for key, item in inner.items())})"
    return value if isinstance(value, str) and len(value) < 60 and "\n" not in value else shown(value)
