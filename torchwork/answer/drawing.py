"""A document as its drawing: the sheets of its levels, with what the check finds of each node."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from torchwork.answer.checking import look, sketch, told
from torchwork.answer.faults import faults
from torchwork.answer.levels import NOTHING, Found, Seen, Sums, inferred, shape_text
from torchwork.answer.meaning import Input, Meaning, Meanings
from torchwork.answer.printing import Page, printed
from torchwork.draw import Applied, Edit, Sheet, SheetNode, edited_text, levels
from torchwork.experiment import Experiment
from torchwork.graph import Row, Unknown, Value
from torchwork.graph.source import NOT_RUN
from torchwork.graph.value import DATA_DEPENDENT, unknown_in
from torchwork.graph.wiring import TENSORS

EDITS: TypeAdapter[list[Edit]] = TypeAdapter(list[Edit])


def draw(text: str, path: str, instances: Mapping[str, str], edits: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The message `Drawing` of a text, or of what edits make of it, whether or not it is right.

    `instances` says for a definition by its name whose shapes are shown: `layer1.0`. All fields are there, also those
    that say nothing: the server sends it on as it is.

    Raises:
        DocumentError: an edit cannot be.
    """
    applied = Applied({})
    if edits:
        text, applied = edited_text(text, EDITS.validate_python(edits))
    return {"text": text, **_drawn(text, path, instances), "selected": applied.selected, "level": applied.level}


def _drawn(text: str, path: str, instances: Mapping[str, str]) -> dict[str, Any]:
    looked = look(text, path)
    resolved = looked.checked.graph if looked.checked else None
    if resolved is None and isinstance(looked.plain, dict):
        resolved = sketch(looked, text, path)
    found, sheets = Found(resolved, instances), levels(looked.plain)
    meanings = Meanings(sheets)
    told_faults = faults(looked, sheets, meanings, found)
    page = printed(looked, resolved, path)
    wrong = {(fault["level"], fault["node"]) for fault in told_faults}
    return {
        "document": looked.plain,
        "levels": [_Level(sheet, meanings, found, page).drawn(wrong) for sheet in sheets],
        "faults": told_faults,
        "checked": told(looked),
        "code": page.text,
        "can_train": isinstance(looked.document, Experiment) and resolved is not None and not looked.problems,
    }


class _Level:
    """Draws one sheet."""

    def __init__(self, sheet: Sheet, meanings: Meanings, found: Found, page: Page) -> None:
        self.sheet, self.meanings, self.found, self.page = sheet, meanings, found, page
        self.seen = Seen(sheet, found, found.block(sheet.name))
        self.tensors = {node.name for node in sheet.nodes if node.part in TENSORS}

    def drawn(self, wrong: Collection[tuple[str, str]]) -> dict[str, Any]:
        """The message `Level`; `wrong` are the nodes that faults sit on."""
        sheet, block = self.sheet, self.seen.block
        known = self.found.instances.get(sheet.name, []) if sheet.name else []
        return {
            "name": sheet.name,
            "place": sheet.place,
            "inputs": [_port(name, "", self._text(name, value)) for name, value in self.seen.inputs.items()],
            "outputs": [self._port(Input(source), source) for source in sheet.outputs],
            "nodes": [self._node(node, (sheet.name, node.name) in wrong) for node in sheet.nodes],
            "chain": sheet.chain,
            "arguments": sheet.arguments,
            "instances": [item.name for item in known],
            "instance": block.name if block and sheet.name else "",
            "code": sheet.code,
        }

    def _node(self, node: SheetNode, wrong: bool) -> dict[str, Any]:
        meaning, row = self.meanings.of(node, self.sheet), self.seen.row(node.name)
        value = self.seen.output(node)
        return {
            "name": node.name,
            "place": node.place,
            "kind": meaning.kind,
            "type": meaning.type,
            "args": node.args,
            "inferred": inferred(row) if row else {},
            "inputs": self._ports(node, meaning),
            "grows": meaning.grows,
            "outputs": [self._text(node.name, item) for item in (value if isinstance(value, tuple) else (value,))],
            "state": "wrong" if wrong else self._state(node, row, value),
            **self._counts(node),
            "repeat": node.repeat,
            "use": node.use,
            "bypass": node.bypass,
            "note": node.note,
            "at": node.at,
            **self.page.lines(self.sheet.name, node.name),
        }

    def _ports(self, node: SheetNode, meaning: Meaning) -> list[dict[str, Any]]:
        """Its inputs by name; what is connected beyond those it has is shown too."""
        named = meaning.inputs(node.args)
        count = max(len(named), len(node.sources))
        inputs = [*named, *(Input(str(place + 1)) for place in range(len(named), count))]
        sources = [*node.sources, *[""] * (count - len(node.sources))]
        return [self._port(item, source) for item, source in zip(inputs, sources, strict=True)]

    def _port(self, item: Input, source: str) -> dict[str, Any]:
        value = self.seen.value(source) if source else NOTHING
        return _port(item.name, source, self._text(source, value), item.needed)

    def _state(self, node: SheetNode, row: Row | None, value: Value) -> str:
        """Behind a mistake, or behind code, nothing is known; a node that nothing calls says nothing."""
        if row is None:
            return "right" if node.bypass and unknown_in([value]) is None else "unknown"
        unknown = unknown_in([value])
        if unknown is None or unknown.reason == DATA_DEPENDENT:
            return "right"
        return "unknown" if unknown is NOT_RUN or row.unknown else "behind"

    def _counts(self, node: SheetNode) -> dict[str, Any]:
        """Of all that it holds; those that the batch multiplies for one sample."""
        sums, batch = self.found.sums.get(self.seen.name(node.name), Sums()), max(self.found.batch, 1)
        if not self.seen.block or node.bypass:
            sums = Sums()
        return {
            "parameters": sums.parameters,
            "trained": sums.trained,
            "macs": None if sums.unknown else sums.flop // 2 // batch,
            "memory": sums.memory // batch,
        }

    def _text(self, source: str, value: Value) -> str:
        """The shape of what a node gives; a tensor of the module itself has no batch."""
        batch = 0 if source in self.tensors else self.found.batch
        return "" if isinstance(value, Unknown) else shape_text(value, batch)


def _port(name: str, source: str, shape: str, needed: bool = True) -> dict[str, Any]:
    """The message `Port`."""
    return {"name": name, "source": source, "shape": shape, "needed": needed}
