"""Edits of links: which node takes from which."""

from __future__ import annotations

from torchwork.draw import edit as edits
from torchwork.draw.level import Item, Level
from torchwork.draw.names import TENSORS
from torchwork.draw.order import check_cycle, follow_flow, is_sorted, returns_an_end, sort
from torchwork.draw.refs import head
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.errors import nearest

LARGEST_INPUT = 8
"""so many inputs a node may have that is neither a definition nor one of a list of tensors"""
OF_LISTS = frozenset(
    {"cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "row_stack", "block_diag"}
)
"""operations on a list of tensors: one that is not connected is not in the list"""


def connect(sketch: Sketch, edit: edits.Connect) -> list[str]:
    """An input takes from a source."""
    level = sketch.drawn(edit.level)
    check_source(level, edit.source)
    ordered, was_end = is_sorted(level), returns_an_end(level)
    feed(sketch, level, edit.source, edit.node, edit.input)
    sort(level, ordered)
    follow_flow(level, was_end and bool(edit.node))
    names = sketch.store(level)
    return [names[edit.node]] if edit.node else []


def disconnect(sketch: Sketch, edit: edits.Disconnect) -> list[str]:
    """An input takes nothing."""
    level = sketch.drawn(edit.level)
    sources = sketch.item(level, edit.node).sources if edit.node else level.outputs
    if not 0 <= edit.input < len(sources):
        raise _no_input(level, edit.node, edit.input, len(sources))
    item = level.items.get(edit.node)
    if (item and item.part in OF_LISTS) or (not item and len(sources) > 1):
        del sources[edit.input]
        level.single = level.single or (not item and len(sources) == 1)
    else:
        sources[edit.input] = ""
    names = sketch.store(level)
    return [names[edit.node]] if edit.node else []


def check_source(level: Level, source: str) -> None:
    """Refuse a source that is not there."""
    name = head(source)
    if source and name not in level.items and name not in level.inputs:
        fix = nearest(name, [*level.inputs, *level.items]) or "choose a node that is there"
        raise refused(f"there is no node or input called {name}", level.place, fix)


def feed(sketch: Sketch, level: Level, source: str, node: str, number: int) -> None:
    """Input `number` of a node (empty: of what the level returns) takes from `source`; one behind the last is new."""
    if not node:
        _return(level, source, number)
        return
    item = sketch.item(level, node)
    count = _count(sketch, level, item)
    if not 0 <= number < count:
        raise _no_input(level, node, number, count)
    check_cycle(level, source, node)
    item.sources += [""] * (number + 1 - len(item.sources))
    item.sources[number] = source


def _count(sketch: Sketch, level: Level, item: Item) -> int:
    """How many inputs a node may have at most, as far as that is known without torch."""
    maker = level.maker(item)
    if maker and maker.part in sketch.modules:
        return max(len(sketch.level(maker.part).inputs), len(item.sources))
    if maker and maker.part in TENSORS:
        return 0
    return max(LARGEST_INPUT, len(item.sources) + 1)


def _return(level: Level, source: str, number: int) -> None:
    outputs = level.outputs or [""]
    if not 0 <= number <= len(outputs):
        raise _no_input(level, "", number, len(outputs))
    level.single = level.single and number == 0
    level.outputs = [*outputs[:number], source, *outputs[number + 1 :]]


def _no_input(level: Level, node: str, number: int, count: int) -> Exception:
    """The error for an input that is not there; inputs are counted from 1 for people."""
    if not node:
        words = f"the level returns {count} value{'s' * (count != 1)}, and there is no number {number + 1}"
        return refused(words, level.place, "connect the next one")
    words = f"{node} has {count} input{'s' * (count != 1)}, and there is no number {number + 1}"
    return refused(words, level.items[node].place, "choose an input that it has")
