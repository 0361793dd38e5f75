"""What changed between two documents, in words: settings first, then the model node by node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torchwork.experiment.change import Change, value_changes
from torchwork.experiment.document import Experiment, ModelDocument
from torchwork.experiment.model_diff import model_changes

SETTINGS = ("task", "data", "loss", "optimizer", "schedule", "parameters", "train", "seed")
LABELS = ("name", "notes")


def diff(before: Experiment | ModelDocument, after: Experiment | ModelDocument) -> list[Change]:
    """What changed from one document to another, most important first; empty for documents that say the same."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        *_sections(old, new, SETTINGS),
        *model_changes(before.model, after.model),
        *_sections(old, new, LABELS),
    ]


def _sections(before: dict[str, Any], after: dict[str, Any], names: tuple[str, ...]) -> Iterator[Change]:
    for name in names:
        yield from value_changes(before.get(name), after.get(name), (name,))
