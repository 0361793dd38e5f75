"""Arguments that are unknown, missing, or of a wrong kind."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torchwork.answer.fixes.trouble import Fix, Trouble
from torchwork.answer.values import missing, sensible
from torchwork.catalog import Argument, Entry
from torchwork.draw.edit import SetNode
from torchwork.errors import nearest, suggested
from torchwork.experiment import ExpressionError
from torchwork.experiment.expression import names

GUESS = 64
"""for an argument of a definition of one's own"""


def argument_fixes(trouble: Trouble) -> Iterator[Fix]:
    """What mends the arguments of a node, whether it is a layer, an operation or a definition."""
    node = trouble.node
    if node is None or node.use or (trouble.rest and trouble.rest[0] != node.part):
        return
    known = _known(trouble)
    if known is None:
        return
    if not trouble.field:
        yield from _given(trouble)
    elif trouble.field not in known:
        yield from _unknown(trouble, known)
    elif trouble.field in node.args:
        yield from _valued(trouble)


def _known(trouble: Trouble) -> Sequence[str] | None:
    if trouble.meaning.sheet is not None:
        return list(trouble.meaning.sheet.arguments)
    return [argument.name for argument in trouble.entry.arguments] if trouble.entry else None


def _unknown(trouble: Trouble, known: Sequence[str]) -> Iterator[Fix]:
    assert trouble.node is not None
    name, node = suggested(trouble.problem.fix), trouble.node
    if name in known and name not in node.args:
        args = {name: node.args.get(trouble.field)}
        yield Fix(f"rename {trouble.field} to {name}", (set_node(trouble, args, [trouble.field]),))
    yield Fix(f"remove {trouble.field}", (set_node(trouble, {}, [trouble.field]),))


def _given(trouble: Trouble) -> Iterator[Fix]:
    """Values for what must be given and is not."""
    assert trouble.node is not None
    spot = next(iter(trouble.spots), None)
    if trouble.entry is not None:
        values = missing(trouble.entry, trouble.node.args, spot.inputs if spot else ())
    else:
        declared = trouble.meaning.sheet.arguments if trouble.meaning.sheet else {}
        values = {name: GUESS for name, value in declared.items() if value is None and name not in trouble.node.args}
    if values and None not in values.values():
        yield Fix(f"set {', '.join(values)} to {', '.join(map(shown, values.values()))}", (set_node(trouble, values),))


def _valued(trouble: Trouble) -> Iterator[Fix]:
    """Other values for an argument."""
    assert trouble.node is not None
    value = trouble.node.args[trouble.field]
    renamed = expression_with(value, suggested(trouble.problem.fix))
    if renamed is not None:
        yield Fix(f"set {trouble.field} to {shown(renamed)}", (set_node(trouble, {trouble.field: renamed}),))
    argument = trouble.entry.argument(trouble.field) if trouble.entry else None
    if argument is None or trouble.entry is None:
        return
    spot = next(iter(trouble.spots), None)
    for other in candidates(trouble.entry, argument, value, trouble.problem.fix, spot.inputs if spot else ()):
        yield Fix(f"set {trouble.field} to {shown(other)}", (set_node(trouble, {trouble.field: other}),))
    if not argument.required:
        yield Fix(f"leave {trouble.field} at its default", (set_node(trouble, {}, [trouble.field]),))


def candidates(entry: Entry, argument: Argument, value: Any, fix: str, inputs: Sequence[Any] = ()) -> list[Any]:
    """Values that fit an argument, near the one that does not."""
    found = [suggested(fix), 1 if isinstance(value, int | float) and value < 1 else None, _number(value)]
    if argument.required:
        found.append(sensible(entry, argument, inputs))
    usable = [other for other in found if other not in (None, "", value) and argument.problem(other, "") is None]
    return [other for place, other in enumerate(usable) if other not in usable[:place]]


def _number(value: Any) -> Any:
    """The number that a text or a list of one writes."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, float):
        return max(1, round(value)) if math.isfinite(value) else None
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return None
    return float(value) if "." in value else int(value)


def expression_with(value: Any, name: str) -> str | None:
    """An expression with the one of its names that is nearest to `name` put right; None where there is none."""
    if not isinstance(value, str) or not name:
        return None
    try:
        wrong = [found for found in names(value) if found != name and nearest(found, [name])]
    except (ExpressionError, ValueError):
        return None
    return re.sub(rf"\b{re.escape(wrong[0])}\b", name, value) if wrong else None


def set_node(trouble: Trouble, args: Mapping[str, Any], unset: Sequence[str] = ()) -> SetNode:
    """The edit that changes arguments of the node."""
    assert trouble.node is not None
    return SetNode(level=trouble.level, node=trouble.node.name, args=dict(args), unset=list(unset))


def shown(value: Any) -> str:
    """A value as a button says it."""
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value)))
    return str(value).lower() if isinstance(value, bool) else str(value)
