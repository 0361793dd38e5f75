"""All rules in turn, each looking at the structure of what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torchwork.answer.fixes.arguments import argument_fixes
from torchwork.answer.fixes.naming import naming_fixes
from torchwork.answer.fixes.output import output_fixes
from torchwork.answer.fixes.sections import section_fixes
from torchwork.answer.fixes.shapes import shape_fixes
from torchwork.answer.fixes.trouble import Fix, Trouble
from torchwork.answer.fixes.wires import wire_fixes

RULES: tuple[Callable[[Trouble], Iterator[Fix]], ...] = (
    naming_fixes, argument_fixes, wire_fixes, shape_fixes, output_fixes, section_fixes,
)  # fmt: skip
MOST = 4
"""offered for one fault"""


def fixes(trouble: Trouble) -> list[dict[str, Any]]:
    """The fixes of a problem, the likeliest first."""
    found: dict[tuple[str, ...], Fix] = {}
    for rule in RULES:
        for fix in rule(trouble):
            found.setdefault(tuple(edit.model_dump_json() for edit in fix.edits), fix)
            if len(found) == MOST:
                return [item.plain() for item in found.values()]
    return [item.plain() for item in found.values()]
