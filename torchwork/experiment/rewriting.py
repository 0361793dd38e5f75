"""A document's text changed so that it says another value: comments, order and layout of all else stay."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from torchwork.errors import DocumentError
from torchwork.experiment import files
from torchwork.experiment.composing import YamlNode, composed

WIDEST = 110
"""characters of a line that grows; a wider one becomes a block"""
ORDERED = "nodes"
"""the mapping whose order means something"""
RAW = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
COMMENT = re.compile(r"[ \t]*#")
INDENTED = re.compile(r"(?:(?:[ \t]*\n)*[ \t]+#[^\n]*\n)*")
"""comments behind the last line of a document that belong to its last section"""


def rewritten(text: str, value: dict[str, Any]) -> str:
    """`text`, a YAML or JSON document, so that it says `value` (plain JSON values).

    What did not change keeps its comments, its order, its quotes and its layout; a comment right above something that
    goes, goes with it.

    Raises:
        DocumentError: `text` is no YAML.
    """
    old = files.shared(text)[0]
    if _says(old, value):
        return text
    crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    plain = text.replace("\r\n", "\n") if crlf else text
    root = composed(plain)
    made = _kept(plain, root, old, value) if root is not None and isinstance(old, dict) else None
    if made is None:
        made = _dumped(value, _is_json(text))
    return made.replace("\n", "\r\n") if crlf else made


def _kept(text: str, root: YamlNode, old: dict[str, Any], value: dict[str, Any]) -> str | None:
    """The text with its layout; None where that cannot say `value`, as in a text with aliases."""
    ended = text if text.endswith("\n") else f"{text}\n"
    try:
        made = _Rewriting(ended, _is_json(text)).document(root, old, value)
        said = files.shared(made)[0]
    except (DocumentError, _LayoutError):
        return None
    if not _says(said, value):
        return None
    return made if ended == text else made.removesuffix("\n")


def _dumped(value: dict[str, Any], as_json: bool) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n" if as_json else files.write(value)


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _says(one: Any, other: Any, key: str = "") -> bool:
    """Whether two plain values are the same, numbers by their types too, and `nodes` in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        same = list(one) == list(other) if key == ORDERED else one.keys() == other.keys()
        return same and all(_says(item, other[name], name) for name, item in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_says, one, other))
    return bool(one == other)


class _LayoutError(Exception):
    """This layout cannot be kept."""


@dataclass
class _Entry:
    """An item of a block with its lines: comments right above, what stands before its value, behind it, and between."""

    free: str
    above: str
    head: str
    value: YamlNode
    key: YamlNode | None = None


class _Rewriting:
    """Works on a text that ends with a line end; `as_json`: every text is quoted."""

    def __init__(self, text: str, as_json: bool) -> None:
        self.text, self.as_json = text, as_json

    def document(self, root: YamlNode, old: Any, new: Any) -> str:
        """The whole text."""
        if root.flow_style:
            begin, end = root.start_mark.index, root.end_mark.index
            return self.text[:begin] + self.flow(root, old, new) + self.text[end:]
        begin, end = self._line(root.start_mark.index), self._next_line(self.end(root))
        tail = INDENTED.match(self.text, end)
        assert tail is not None  # it may be empty
        return self.text[:begin] + self.block(root, begin, old, new, 0, tail=tail[0]) + self.text[tail.end() :]

    # Places

    def _line(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _next_line(self, index: int) -> int:
        return self.text.find("\n", index) + 1 or len(self.text)

    def end(self, node: YamlNode) -> int:
        """Where a node's own text ends: a block ends behind the blank lines and comments that follow it."""
        while node.id != "scalar" and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if node.id == "mapping" else last
        begin: int = node.start_mark.index
        return begin + len(self.text[begin : node.end_mark.index].rstrip())

    def _begin(self, node: YamlNode) -> int:
        """Where a nested block begins: with its line and the comments right above, or behind the `- ` of an item."""
        index: int = node.start_mark.index
        line = self._line(index)
        if self.text[line:index].strip():
            return index
        while line and COMMENT.match(self.text, above := self._line(line - 1)):
            line = above
        return line

    # Blocks

    def block(self, node: YamlNode, begin: int, old: Any, new: Any, depth: int, key: str = "", tail: str = "") -> str:
        """The lines of a block from `begin`, changed; `tail` are comments behind its last item that belong to it."""
        entries = list(self._entries(node, begin, first_above=depth > 0))
        if node.id == "mapping":
            plan = _mapping_plan(list(old), list(new), by_order=key == ORDERED)
        else:
            plan = _list_plan(old, new)
        olds = list(old.values()) if node.id == "mapping" else old
        inline = bool(self.text[self._line(begin) : begin].strip())
        if inline and (not plan or plan[0][0] != 0):
            raise _LayoutError  # what stands behind the `- ` went
        indent = " " * (node.start_mark.column)
        lines, kept = [], {place for place, _ in plan}
        follows = {place: entries[place + 1].free for place in range(len(entries) - 1)}
        follows[len(entries) - 1] = tail
        lines.append(entries[0].free)
        lines += [follows.pop(place, "") for place in _gone(0, len(entries), kept)]
        for place, target in plan:
            if place is None:
                lines.append(self._fresh_lines(target, new, depth, indent))
                continue
            lines.append(self._changed(entries[place], olds[place], target, new, depth, indent))
            lines.append(follows.pop(place, ""))
            lines += [follows.pop(gone, "") for gone in _gone(place + 1, len(entries), kept)]
        return "".join(lines) + "".join(follows.values())

    def _entries(self, node: YamlNode, begin: int, first_above: bool) -> Iterator[_Entry]:
        """The items with their lines; comments and blank lines that belong to none stay free."""
        before = begin
        for number, item in enumerate(node.value):
            key, value = item if node.id == "mapping" else (None, item)
            at = key.start_mark.index if key else self._dash(node, value, number)
            if value.start_mark.index < before or (key and key.id != "scalar"):
                raise _LayoutError  # an alias
            line = at if number == 0 and self.text[self._line(begin) : begin].strip() else self._line(at)
            cut = self._own(before, line) if number or first_above else line
            yield _Entry(
                self.text[before:cut], self.text[cut:line], self.text[line : self._value_begin(value)], value, key
            )
            before = self._next_line(self.end(value))

    def _dash(self, node: YamlNode, item: YamlNode, number: int) -> int:
        if number == 0:
            return int(node.start_mark.index)
        column, line = node.start_mark.column, self._line(item.start_mark.index)
        while self.text[line : line + column + 1] != " " * column + "-":
            if line == 0:
                raise _LayoutError
            line = self._line(line - 1)
        return int(line + column)

    def _own(self, before: int, line: int) -> int:
        """The first of the comment lines right above `line`."""
        while line > before and COMMENT.match(self.text, above := self._line(line - 1)) and above >= before:
            line = above
        return line

    def _value_begin(self, value: YamlNode) -> int:
        is_block = value.id != "scalar" and not value.flow_style
        return self._begin(value) if is_block else int(value.start_mark.index)

    def _changed(self, entry: _Entry, old: Any, target: Any, new: Any, depth: int, indent: str) -> str:
        """The lines of an entry that stays, perhaps with another key and another value."""
        value, name = entry.value, target if isinstance(target, str) else ""
        head, item = entry.head, new[target]
        if entry.key is not None and entry.key.value != target:
            begin, end = (mark.index - self._head_begin(entry) for mark in (entry.key.start_mark, entry.key.end_mark))
            head = head[:begin] + self.inline(target) + head[end:]
        end = self.end(value)
        rest = self.text[end : self._next_line(end)]
        if _says(old, item, name):
            return entry.above + head + self.text[self._value_begin(value) : end] + rest
        if _alike(value, old, item) and not value.flow_style:
            with suppress(_LayoutError):
                return entry.above + head + self.block(value, self._begin(value), old, item, depth + 1, name)
            return entry.above + self._anew(head, entry, rest, item, depth, indent)
        if _alike(value, old, item) or (
            value.id == "scalar" and not isinstance(item, dict | list) and not _is_long(item)
        ):
            inline = self.flow(value, old, item)
            width = len((head + inline).rpartition("\n")[2])
            if width <= WIDEST or width <= len(self.text[self._line(end) : end]):
                return entry.above + _spaced(head) + inline + rest
        return entry.above + self._anew(head, entry, rest, item, depth, indent)

    def _head_begin(self, entry: _Entry) -> int:
        return self._value_begin(entry.value) - len(entry.head)

    def _anew(self, head: str, entry: _Entry, rest: str, item: Any, depth: int, indent: str) -> str:
        """An entry with its value as `files.write` has it; a comment in its line stays."""
        mark = head.find(":", entry.key.end_mark.index - self._head_begin(entry)) if entry.key else head.find("-")
        if mark < 0 or "\n" in head[:mark]:
            raise _LayoutError
        first, _, more = files.styled_entry(item, depth + 1, listed=entry.key is None).partition("\n")
        comment = rest if "\n" not in head[mark:] else "\n"
        behind = "".join(f"{indent}{line}\n" if line else "\n" for line in more.split("\n")[:-1])
        return head[: mark + 1] + (f" {first}" if first else "") + comment + behind

    def _fresh_lines(self, target: Any, new: Any, depth: int, indent: str) -> str:
        """The lines of a new entry."""
        named = isinstance(target, str)
        made = files.styled_entry(new[target], depth + 1, listed=not named)
        first, _, more = made.partition("\n")
        head = f"{self.inline(target)}:" if named else "-"
        lines = [f"{head} {first}".rstrip(), *more.split("\n")[:-1]]
        return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)

    # Flow style: everything between brackets, and scalars

    def flow(self, node: YamlNode, old: Any, new: Any) -> str:
        """A node's own text, changed."""
        begin, end = node.start_mark.index, self.end(node)
        own = self.text[begin:end]
        if _says(old, new):
            return own
        if not _alike(node, old, new) or own[:1] not in ("{", "["):
            return self.inline(new)
        pairs = [item if node.id == "mapping" else (None, item) for item in node.value]
        spans = [((key or value).start_mark.index, value.end_mark.index) for key, value in pairs]
        if any(low < before for before, (low, _) in zip([begin, *(high for _, high in spans)], spans, strict=False)):
            raise _LayoutError  # an alias
        if any(value.start_mark.index < low for (low, _), (_, value) in zip(spans, pairs, strict=True)):
            raise _LayoutError
        plan = _mapping_plan(list(old), list(new), False) if node.id == "mapping" else _list_plan(old, new)
        olds = list(old.values()) if node.id == "mapping" else old
        if not plan or (plan[0][0] is None and not pairs):
            return self.inline(new)
        texts = {
            place: self._flow_item(pairs[place], olds[place], target, new)
            for place, target in plan
            if place is not None
        }
        return self._joined(own[:1], begin, end, spans, plan, texts, new)

    def _flow_item(self, pair: Any, old: Any, target: Any, new: Any) -> str:
        key, value = pair
        inner = self.flow(value, old, new[target])
        if key is None:
            return inner
        between = self.text[key.end_mark.index : value.start_mark.index]
        if ":" not in between:  # `{a, b}`
            between = ": "
        name = self.text[key.start_mark.index : key.end_mark.index] if key.value == target else self.inline(target)
        return name + (between if between[-1:].isspace() or not inner or self.as_json else f"{between} ") + inner

    def _joined(
        self, bracket: str, begin: int, end: int, spans: Sequence[tuple[int, int]], plan: Any, texts: Any, new: Any
    ) -> str:
        """The items between their brackets, each pair that stays with what stood between them."""
        lead = self.text[begin + 1 : spans[0][0]]
        trail = self.text[spans[-1][1] : end - 1]
        column = spans[0][0] - self._line(spans[0][0])
        between = f",\n{' ' * column}" if "\n" in lead else ", "
        found: list[str] = []
        before: int | None = None
        for place, target in plan:
            if found:
                follows = before is not None and place == before + 1
                found.append(self.text[spans[place - 1][1] : spans[place][0]] if follows and place else between)
            made = texts[place] if place is not None else self._fresh_item(target, new)
            found.append(made)
            before = place
        return bracket + lead + "".join(found) + trail + ("}" if bracket == "{" else "]")

    def _fresh_item(self, target: Any, new: Any) -> str:
        item = self.inline(new[target])
        return f"{self.inline(target)}: {item}" if isinstance(target, str) else item

    def inline(self, value: Any) -> str:
        """A value in one line."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.inline(key)}: {self.inline(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.inline, value)) + "]"
        if isinstance(value, str) and not self.as_json and files.is_plain(value):
            return value
        return RAW.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _gone(first: int, count: int, kept: set[int | None]) -> Iterator[int]:
    """The numbers from the first one on that are not kept."""
    return takewhile(lambda place: place not in kept, range(first, count))


def _is_long(value: Any) -> bool:
    """Whether a value is text of several lines, which stands below its key."""
    return isinstance(value, str) and "\n" in value


def _spaced(head: str) -> str:
    return head if head[-1:].isspace() else f"{head} "


def _alike(node: YamlNode, old: Any, new: Any) -> bool:
    """Whether the old value and the new one are mappings, or lists, with something in them."""
    kind = {"mapping": dict, "sequence": list}.get(node.id)
    return bool(kind and isinstance(old, kind) and isinstance(new, kind) and old and new)


Plan = list[tuple[int | None, Any]]
"""for each item that will be: the number of the old one that it was (None: it is new), and its key or number"""


def _mapping_plan(old: list[str], new: list[str], by_order: bool) -> Plan:
    places = {key: place for place, key in enumerate(old)}
    places |= _renamed(old, new)
    if by_order:
        return [(places.get(key), key) for key in new]
    names = {places[key]: key for key in new if key in places}
    plan: Plan = [(place, names[place]) for place in range(len(old)) if place in names]
    for number, key in enumerate(new):
        if key not in places:
            before = [target for _, target in plan]
            plan.insert(before.index(new[number - 1]) + 1 if number else 0, (None, key))
    return plan


def _renamed(old: list[str], new: list[str]) -> dict[str, int]:
    """New keys that stand where old ones stood, as many as went."""
    found: dict[str, int] = {}
    known, wanted = set(old), set(new)
    for kind, begin, end, first, last in _opcodes(old, new):
        gone, come = old[begin:end], new[first:last]
        if kind == "replace" and len(gone) == len(come) and wanted.isdisjoint(gone) and known.isdisjoint(come):
            found |= {key: begin + number for number, key in enumerate(come)}
    return found


def _list_plan(old: Sequence[Any], new: Sequence[Any]) -> Plan:
    olds, news = ([json.dumps(item) for item in items] for items in (old, new))
    plan: Plan = []
    for kind, begin, end, first, last in _opcodes(olds, news):
        stays = end - begin if kind in ("equal", "replace") else 0
        plan += [(begin + step if step < stays else None, first + step) for step in range(last - first)]
    return plan


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """As difflib has them; what is alike at both ends is not compared with all the rest, which a long chain is."""
    head = _alike_first(old, new)
    tail = _alike_first(old[head:][::-1], new[head:][::-1])
    ends = len(old) - tail, len(new) - tail
    if head:
        yield "equal", 0, head, 0, head
    inner = difflib.SequenceMatcher(None, old[head : ends[0]], new[head : ends[1]], autojunk=False)
    for kind, begin, end, first, last in inner.get_opcodes():
        yield kind, begin + head, end + head, first + head, last + head
    if tail:
        yield "equal", ends[0], len(old), ends[1], len(new)


def _alike_first(one: Sequence[str], other: Sequence[str]) -> int:
    """How many at the beginning are the same in both."""
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
                min(len(one), len(other)))  # fmt: skip
