"""All rules on all that is known: what is wrong, the cause before its symptoms, the worst first."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Finding
from torchwork.doctor.rules import RULES

WORST_FIRST = ("alarm", "warning", "note")


@dataclass(frozen=True)
class Diagnosis:
    """What was found, how many rules had what they need, and why the others had not."""

    findings: tuple[Finding, ...]
    checked: int
    skipped: tuple[str, ...]

    @property
    def alarmed(self) -> bool:
        """Whether something is so wrong that training cannot go well."""
        return any(found.severity == "alarm" for found in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, in the form of the page's `Diagnosis`."""
        return {
            "findings": [_told(found) for found in self.findings],
            "checked": self.checked,
            "skipped": list(self.skipped),
        }


def diagnose(evidence: Evidence) -> Diagnosis:
    """What the doctor says of a training, or of a document before it."""
    missing = {rule.id: why for rule in RULES if (why := rule.missing(evidence))}
    found = {rule.id: item for rule in RULES if rule.id not in missing and (item := rule.look(evidence)) is not None}
    hidden = {name for rule in RULES if rule.id in found for name in rule.hides}
    kept = sorted((item for name, item in found.items() if name not in hidden), key=_weight)
    skipped = tuple(f"{name}: {why}" for name, why in missing.items())
    return Diagnosis(tuple(kept), len(RULES) - len(missing), skipped)


def _told(found: Finding) -> dict[str, Any]:
    plain = {item.name: getattr(found, item.name) for item in fields(found) if item.name != "changes"}
    fixes = [{"label": item.label, "edits": [edit.model_dump() for edit in item.edits]} for item in found.changes]
    return plain | {"layers": list(found.layers), "tags": list(found.tags), "fixes": fixes}


def _weight(found: Finding) -> int:
    return WORST_FIRST.index(found.severity)
