"""YAML and JSON text in and out, with the line of every place so that errors can name it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from torchwork.errors import DocumentError, Problem
from torchwork.experiment.place import Place, place_text

LARGEST = 100_000
"""Nodes that a document may have once its aliases are written out: a few nested aliases can mean billions."""
FLOW_WIDTH = 88


def read(text: str, file: str = "") -> tuple[Any, dict[str, int]]:
    """The plain value of a YAML or JSON text, and the line of each of its places.

    Raises:
        DocumentError: the text is not YAML; names the line.
    """
    try:
        root = _yaml().compose(text)
        lines = dict(_lines(root)) if root is not None else {}
        return (_yaml().load(text) if root is not None else None), lines
    except YAMLError as error:
        raise DocumentError(_syntax_problem(error, file)) from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(Problem("", f"this is not a YAML document: {error}", file=file)) from None


def _yaml() -> YAML:
    # YAML 1.2: `1e-3` is a number and `off` a word, which YAML 1.1 has the other way round.
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    return yaml


def _syntax_problem(error: YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = (getattr(error, "problem", None) or str(error)).strip().splitlines()[0]
    return Problem("", f"this is not valid YAML: {words}", file=file or "document", line=mark.line + 1 if mark else 0)


def _lines(root: Node) -> Iterator[tuple[str, int]]:
    waiting: list[tuple[Place, Node]] = [((), root)]
    for count in range(LARGEST):
        if not waiting:
            return
        place, node = waiting.pop()
        yield place_text(place), node.start_mark.line + 1
        if isinstance(node, MappingNode):
            yield from ((place_text((*place, key.value)), key.start_mark.line + 1) for key, _ in node.value)
            waiting.extend(((*place, key.value), value) for key, value in node.value)
        elif isinstance(node, SequenceNode):
            waiting.extend(((*place, index), value) for index, value in enumerate(node.value))
    raise ValueError(f"it has more than {LARGEST} values")


def write(value: dict[str, Any]) -> str:
    """`value` (plain JSON values) as YAML: sections in lines of their own, short parts in one line."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(_styled(value, 0), out)
    return out.getvalue()


def _styled(value: Any, depth: int, in_list: bool = False) -> Any:
    """`value` with the flow style set on what fits into one line below the sections."""
    if isinstance(value, dict):
        styled: Any = CommentedMap((key, _styled(item, depth + 1)) for key, item in value.items())
    elif isinstance(value, list):
        styled = CommentedSeq(_styled(item, depth + 1, in_list=True) for item in value)
    else:
        return value
    if not value or (_is_short(value, depth) and not (in_list and len(value) == 1)):
        styled.fa.set_flow_style()
    return styled


def _is_short(value: Any, depth: int) -> bool:
    """Whether `value` reads well in one line. A chain reads downwards, one layer a line, however short it is."""
    if isinstance(value, list) and len(value) > 1 and any(isinstance(item, dict) for item in value):
        return False
    return (depth > 1 or (depth == 1 and len(value) == 1)) and len(str(value)) <= FLOW_WIDTH
