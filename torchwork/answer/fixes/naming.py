"""Names that mean nothing, or mean two things."""

from __future__ import annotations

from collections.abc import Iterator

from torchwork.answer.fixes.trouble import Fix, Trouble
from torchwork.draw.edit import Rename, SetNode, SetValue
from torchwork.errors import suggested
from torchwork.graph.module import RESERVED


def naming_fixes(trouble: Trouble) -> Iterator[Fix]:
    """The nearest name of a part or node, and free names for nodes that cannot be called so."""
    node, name = trouble.node, suggested(trouble.problem.fix)
    if node is None or trouble.sheet is None:
        return
    if name and node.part and trouble.rest in ((), (node.part,)):
        edit = SetNode(level=trouble.level, node=node.name, part=name)
        yield Fix(f"use {name} instead of {node.part}", (edit,))
    if name and trouble.field == "use":
        yield Fix(f"use {name} instead of {node.use}", (SetValue(path=trouble.problem.path, value=name),))
    yield from _free_names(trouble)


def _free_names(trouble: Trouble) -> Iterator[Fix]:
    assert trouble.node is not None and trouble.sheet is not None
    node, taken = trouble.node, [*trouble.sheet.inputs, *(item.name for item in trouble.sheet.nodes)]
    written = trouble.at()
    if trouble.field == "name" and isinstance(written, str):  # two may have it, so that a place says which is meant
        free = _free(written, taken)
        yield Fix(f"call it {free}", (SetValue(path=trouble.problem.path, value=free),))
    elif not trouble.rest and (node.name in trouble.sheet.inputs or node.name.split(".")[0] in RESERVED):
        free = _free(node.name, taken)
        yield Fix(f"call it {free}", (Rename(level=trouble.level, node=node.name, name=free),))


def _free(name: str, taken: list[str]) -> str:
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"
