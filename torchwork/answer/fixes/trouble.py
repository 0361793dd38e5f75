"""What a fix is made from: the problem, where it sits, what comes there, and trials of what would run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torchwork.answer.levels import Found, Seen
from torchwork.answer.meaning import Meaning, Meanings
from torchwork.answer.trial import gives, runs
from torchwork.catalog import Entry
from torchwork.draw import Edit, Sheet, SheetNode
from torchwork.errors import Problem
from torchwork.experiment import parse_place
from torchwork.graph import Value
from torchwork.graph.value import unknown_in

Inputs = tuple[Value, ...]


@dataclass(frozen=True)
class Fix:
    """What a button says, and the edits behind it."""

    label: str
    edits: tuple[Edit, ...]

    def plain(self) -> dict[str, Any]:
        """The message `Fix`."""
        return {"label": self.label, "edits": [edit.model_dump(mode="json") for edit in self.edits]}


@dataclass(frozen=True)
class Spot:
    """One instance of the node that is wrong: what it gets, and the names that its arguments may use."""

    inputs: Inputs
    scope: Mapping[str, Any]
    seen: Seen


@dataclass(frozen=True)
class Trouble:
    """A problem with its place: on a node of a sheet, on a sheet, or (both None) elsewhere in the document."""

    problem: Problem
    document: Mapping[str, Any]
    meanings: Meanings
    found: Found
    sheet: Sheet | None = None
    node: SheetNode | None = None
    field: str = ""
    input: int | None = None
    classes: int = 0
    """of the data; 0: there are none, or nobody knows"""
    rest: tuple[str | int, ...] = ()
    """the place inside of the node or sheet"""

    @property
    def level(self) -> str:
        """The name of the sheet."""
        return self.sheet.name if self.sheet else ""

    @cached_property
    def meaning(self) -> Meaning:
        """What the node is."""
        assert self.node is not None and self.sheet is not None
        return self.meanings.of(self.node, self.sheet)

    @property
    def entry(self) -> Entry | None:
        """The layer, operation or tensor that the node is; None for anything else."""
        return self.meaning.entry if self.node is not None and not self.node.use else None

    @cached_property
    def spots(self) -> list[Spot]:
        """Where the node stands, with inputs that are known."""
        return self.spots_with(self.node.sources) if self.node else []

    def spots_with(self, sources: Sequence[str]) -> list[Spot]:
        """The same, as if it took its inputs from these sources."""
        if self.sheet is None:
            return []
        seens = [Seen(self.sheet, self.found, block) for block in self.found.blocks(self.sheet.name)]
        spots = [Spot(tuple(map(seen.value, sources)), getattr(seen.block, "scope", {}), seen) for seen in seens]
        return [spot for spot in spots if unknown_in(spot.inputs) is None]

    def works(
        self,
        args: Mapping[str, Any],
        entry: Entry | None = None,
        change: Callable[[Spot], Inputs | None] = lambda spot: spot.inputs,
    ) -> bool:
        """Whether the node runs in every instance with these arguments, as another entry or on changed inputs."""
        entry = entry or self.entry
        changed = [(change(spot), spot.scope) for spot in self.spots]
        return bool(changed) and entry is not None and all(
            inputs is not None and runs(entry, args, inputs, scope) for inputs, scope in changed
        )  # fmt: skip

    def after(self, entry: Entry, args: Mapping[str, Any], place: int) -> Callable[[Spot], Inputs | None]:
        """The inputs with a part put before the one at `place`; None where that part cannot run."""

        def changed(spot: Spot) -> Inputs | None:
            value = gives(entry, args, [spot.inputs[place]], spot.scope)
            return None if unknown_in([value]) else (*spot.inputs[:place], value, *spot.inputs[place + 1 :])

        return changed

    def at(self) -> Any:
        """What the document has at the place of the problem; None where there is nothing."""
        return value_at(self.document, self.steps)

    @cached_property
    def steps(self) -> Sequence[str | int]:
        """The problem's place; empty for the whole document."""
        try:
            return parse_place(self.problem.path)
        except ValueError:
            return ()


def value_at(document: Any, steps: Sequence[str | int]) -> Any:
    """What a document has at a place; None where there is nothing."""
    for step in steps:
        if isinstance(document, dict):
            document = document.get(str(step))
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return None
    return document
