"""What the doctor says: what is wrong, why it thinks so, and what to change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from torchwork.draw import Edit

Severity = Literal["alarm", "warning", "note"]
"""An alarm: training cannot go well like this. A warning: it goes worse than it could. A note: worth knowing."""


@dataclass(frozen=True)
class Change:
    """A change of the document by one click: what the button says, and what it does."""

    label: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: `sentence` says it, `because` gives the numbers, `advice` what to do."""

    rule: str
    severity: Severity
    sentence: str
    because: str
    advice: str
    layers: tuple[str, ...] = ()
    """modules or parameters that it is about, by name"""
    step: int | None = None
    """from which step on"""
    tags: tuple[str, ...] = ()
    """the curves that show it"""
    source: str = ""
    """where the threshold comes from"""
    changes: tuple[Change, ...] = field(default_factory=tuple)
