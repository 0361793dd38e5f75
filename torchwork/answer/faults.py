"""Problems of a document on its drawing: the level, node, field and wire that each sits on, with ways out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torchwork.answer.checking import Looked
from torchwork.answer.fixes import Trouble, fixes
from torchwork.answer.fixes.output import answering
from torchwork.answer.levels import Found
from torchwork.answer.meaning import Meanings
from torchwork.answer.plain import plain
from torchwork.build import Checked
from torchwork.draw import Sheet, SheetNode
from torchwork.errors import Problem
from torchwork.experiment import parse_place, place_text
from torchwork.experiment.place import Place

FIXED = 40
"""faults that get fixes; of more nobody reads the rest"""


def faults(looked: Looked, sheets: Sequence[Sheet], meanings: Meanings, found: Found) -> list[dict[str, Any]]:
    """The message `Fault` for each problem, in the order of the document."""
    places: dict[str, tuple[Sheet, SheetNode | None]] = {sheet.place: (sheet, None) for sheet in sheets}
    places |= {node.place: (sheet, node) for sheet in sheets for node in sheet.nodes}
    document = looked.plain if isinstance(looked.plain, dict) else {}
    classes = _classes(looked)
    drawn = []
    for number, problem in enumerate(looked.problems):
        trouble = _placed(Trouble(problem, document, meanings, found, classes=classes), places)
        drawn.append(_drawn(trouble, number < FIXED))
    return drawn


def _drawn(trouble: Trouble, offering: bool) -> dict[str, Any]:
    [told] = plain([trouble.problem])
    node = trouble.node.name if trouble.node else ""
    where = {"level": trouble.level, "node": node, "field": trouble.field, "input": trouble.input}
    return {**told, **where, "fixes": fixes(trouble) if offering else []}


def _classes(looked: Looked) -> int:
    bundle = looked.checked.bundle if isinstance(looked.checked, Checked) else None
    return len(bundle.spec.classes or ()) if bundle else 0


def _placed(trouble: Trouble, places: dict[str, tuple[Sheet, SheetNode | None]]) -> Trouble:
    """The trouble with the sheet and node that it lies in, and what it means inside of these."""
    place = _steps(trouble.problem)
    for count in range(len(place), 0, -1):
        sheet, node = places.get(place_text(place[:count]), (None, None))
        if sheet is not None:
            return _inside(trouble, sheet, node, place[count:])
    return trouble


def _steps(problem: Problem) -> Place:
    try:
        return parse_place(problem.path)
    except ValueError:
        return ()


def _inside(trouble: Trouble, sheet: Sheet, node: SheetNode | None, rest: Place) -> Trouble:
    field, number = "", None
    if node is None and not rest and not sheet.name:
        node = answering(sheet)  # what is said of the model as a whole is said of what it gives
    elif rest and rest[0] in ("from", "outputs"):
        number = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else 0
        field = str(rest[0])
    elif node is not None and rest and rest[0] == node.part:
        field = str(rest[1]) if len(rest) > 1 else ""
    elif rest:
        field = str(rest[0])
    return replace(trouble, sheet=sheet, node=node, field=field, input=number, rest=rest)
