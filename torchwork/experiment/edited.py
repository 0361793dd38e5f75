"""A document's text with settings put in, its comments and layout kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from torchwork.errors import DocumentError
from torchwork.experiment.files import composed, read
from torchwork.experiment.override import override, place_of
from torchwork.experiment.place import Place
from torchwork.experiment.values import shown


def edited(text: str, settings: Iterable[str]) -> str:
    """`text` with each `path=value` written at its place, or added to the last mapping of the path that is there.

    Raises:
        DocumentError: not `path=value`, or a path through something that has no parts.
    """
    for setting in settings:
        wanted = override(read(text)[0], [setting])
        text = _put(text, place_of(setting), setting.partition("=")[2].strip())
        if read(text)[0] != wanted:
            raise DocumentError(f"{shown(setting)} cannot be written into this text; edit it by hand")
    return text


def _put(text: str, place: Place, value: str) -> str:
    root = composed(text)
    node, rest = _walk(root, place) if root is not None else (None, place)
    if node is not None and not rest:
        return text[: node.start_mark.index] + value + text[_end(text, node) :]
    if not isinstance(node, MappingNode) or not node.value:
        return text
    last: Node = node.value[-1][1]
    for name in reversed(rest[1:]):
        value = f"{{{json.dumps(name, ensure_ascii=False)}: {value}}}"
    key = rest[0] if isinstance(rest[0], str) and rest[0].isidentifier() else json.dumps(rest[0], ensure_ascii=False)
    between = ", " if node.flow_style else "\n" + " " * node.value[-1][0].start_mark.column
    end = _end(text, last)
    return f"{text[:end]}{between}{key}: {value}{text[end:]}"


def _walk(node: Node, place: Place) -> tuple[Node, Place]:
    """The innermost node on the way, and what of the way is not there."""
    for depth, step in enumerate(place):
        found = _child(node, step)
        if found is None:
            return node, place[depth:]
        node = found
    return node, ()


def _child(node: Node, step: Any) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        child: Node = node.value[step]
        return child
    return None


def _end(text: str, node: Node) -> int:
    """Where a node's own text ends: a block ends behind the blank lines and comments that follow it."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, MappingNode) else last
    begin: int = node.start_mark.index
    end: int = node.end_mark.index
    return begin + len(text[begin:end].rstrip())
