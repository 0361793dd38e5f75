"""What became of a captured module, class by class, and how well the rebuilt one repeats it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Way = Literal["native", "recorded", "code"]
"""native: its forward has no branches; recorded: one way through it was followed; code: it stays its own source."""
CLOSE = 1e-6
"""Largest relative difference of outputs that still counts as the same."""
CLOSE_STEP = 1e-3
"""The same for gradients, where what is rounded otherwise on the way grows: 1e-4 was seen."""


@dataclass(frozen=True)
class ClassReport:
    """One class: how it was taken over, how often it occurs, what of it is frozen, and why it is no better."""

    name: str
    way: Way
    instances: int
    definitions: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Proof:
    """The largest relative differences to the original: of outputs at both sizes, and of gradients in training.

    `limit` says where the rebuilt model is known to differ: at sizes that it was not made from. `apart` says what the
    comparison of gradients leaves out, or why there is none.
    """

    outputs: float | None = None
    step: float | None = None
    sizes: tuple[str, ...] = ()
    problem: str = ""
    limit: str = ""
    apart: str = ""

    @property
    def holds(self) -> bool:
        """Whether the rebuilt model gives what the original gives, and learns as it does."""
        learns = self.step is None or self.step <= CLOSE_STEP
        return not self.problem and learns and self.outputs is not None and self.outputs <= CLOSE


@dataclass(frozen=True)
class Report:
    """How a capture went."""

    name: str
    classes: Sequence[ClassReport]
    proof: Proof
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def code(self) -> list[ClassReport]:
        """The classes that stay code."""
        return [found for found in self.classes if found.way == "code"]

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {**asdict(self), "holds": self.proof.holds}
