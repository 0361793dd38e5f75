"""Edits applied to a document, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torchwork.draw import definitions, nodes, settings, wires
from torchwork.draw import edit as edits
from torchwork.draw.clipboard import paste
from torchwork.draw.edit import Edit, Plain
from torchwork.draw.grouping import group
from torchwork.draw.refusal import refused
from torchwork.draw.sketch import Sketch
from torchwork.draw.unpacking import unpack
from torchwork.experiment import files
from torchwork.experiment.rewriting import rewritten

DO: Mapping[type, Callable[[Sketch, Any], list[str]]] = {
    edits.Add: nodes.add,
    edits.Remove: nodes.remove,
    edits.Connect: wires.connect,
    edits.Disconnect: wires.disconnect,
    edits.SetValue: settings.set_value,
    edits.UnsetValue: settings.unset_value,
    edits.SetNode: nodes.set_node,
    edits.Rename: nodes.rename,
    edits.Move: nodes.move,
    edits.Tidy: nodes.tidy,
    edits.Bypass: nodes.bypass,
    edits.Group: group,
    edits.Unpack: unpack,
    edits.Unique: definitions.unique,
    edits.Share: nodes.share,
    edits.Tie: definitions.tie,
    edits.Paste: paste,
    edits.Inputs: definitions.set_inputs,
    edits.NameModule: definitions.name_module,
    edits.SetArguments: definitions.set_arguments,
}
"""What carries out each edit, and gives the nodes that it made or touched."""


@dataclass(frozen=True)
class Applied:
    """The document that edits make, the level of the last one, and the nodes of it that it made or touched."""

    document: Plain
    level: str = ""
    selected: list[str] = field(default_factory=list)


def apply(document: Plain, edits: Sequence[Edit]) -> Applied:
    """The document with the edits applied in turn; what is given is not changed.

    Raises:
        DocumentError: one of them cannot be, with a sentence and a place; then none is applied.
    """
    if not isinstance(document, dict):
        raise refused("expected a document, a mapping with `model:`, got something else", "", "begin with `model:`")
    sketch = Sketch(document)
    level, selected = "", list[str]()
    for edit in edits:
        selected = DO[type(edit)](sketch, edit)
        level = _level(edit)
    return Applied(sketch.document, level, selected)


def edited_text(text: str, edits: Sequence[Edit]) -> tuple[str, Applied]:
    """A document's text with the edits applied, comments and layout kept, and what they made.

    Raises:
        DocumentError: the text is no document, or an edit cannot be.
    """
    document = files.shared(text)[0]
    applied = apply({} if document is None else document, edits)
    return rewritten(text, applied.document) if edits else text, applied


def _level(edit: Edit) -> str:
    """The level that an edit is on, by the name that it has afterwards."""
    if isinstance(edit, edits.NameModule):
        return edit.name
    if isinstance(edit, edits.SetArguments):
        return edit.module
    if isinstance(edit, edits.SetValue | edits.UnsetValue):
        return settings.level_of(edit.path)
    return getattr(edit, "level", "")
