"""One part tried on values without numbers: what it would give where it stood there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchwork.catalog import Entry
from torchwork.graph import Unknown, Value
from torchwork.graph.arguments import prepare, wanted_dimensions
from torchwork.graph.evaluate import Outcome, run, weights_of
from torchwork.graph.explain import input_count, whole_numbers, wrong_dimensions
from torchwork.graph.value import unknown_in

NOT_GIVEN = Unknown()
"""What a part gives that cannot run."""


def gives(entry: Entry, args: Mapping[str, Any], inputs: Sequence[Value], scope: Mapping[str, Any]) -> Value:
    """What a layer or operation with these arguments, as written, gives; NOT_GIVEN where it cannot be or run."""
    if unknown_in(inputs):
        return NOT_GIVEN
    prepared = prepare(entry, args, scope, inputs, entry.name)
    if prepared.problems or prepared.blocked or _refused(entry, inputs):
        return NOT_GIVEN
    if not isinstance(weights_of(entry, prepared.args), tuple):
        return NOT_GIVEN
    outcome = run(entry, prepared.args, inputs)
    return outcome.output if isinstance(outcome, Outcome) else NOT_GIVEN


def runs(entry: Entry, args: Mapping[str, Any], inputs: Sequence[Value], scope: Mapping[str, Any]) -> bool:
    """Whether it gives anything."""
    return gives(entry, args, inputs, scope) is not NOT_GIVEN


def _refused(entry: Entry, inputs: Sequence[Value]) -> bool:
    """Whether inputs are refused that fake tensors would let pass."""
    if entry.kind != "layer":
        return False
    wanted = wanted_dimensions(entry)
    words = input_count(entry, len(inputs)) or (wrong_dimensions(entry, wanted, inputs) if wanted else None)
    return bool(words or whole_numbers(entry, inputs))
