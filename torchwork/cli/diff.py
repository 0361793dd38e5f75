"""`torchwork diff`: what changed between two documents, and what it costs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.text import Text

from torchwork.build import check, check_model
from torchwork.cli.tables import console, short
from torchwork.errors import DocumentError, TorchworkError
from torchwork.experiment import Experiment, ModelDocument, diff, load_document, told
from torchwork.result import DOCUMENT

COSTS = {"parameters": "parameters", "mac": "MAC for one sample"}
STYLES = {"added": "green", "removed": "red"}


def print_diff(options: argparse.Namespace) -> None:
    """Prints the changes, most important first, and the size of both models where it differs."""
    before, after = _document(options.before), _document(options.after)
    changes = diff(before, after)
    costs = _costs(before, after, options.trust) if changes else {}
    if options.json:
        found = [change.as_dict() for change in changes]
        print(json.dumps({"equal": not changes, "changes": found, "totals": costs}, indent=2))
        return
    out = console()
    if not changes:
        out.print("the documents say the same")
    for line in told(changes):
        out.print(Text(line.where, style="bold") + Text(": ") + Text(line.text, style=STYLES.get(line.kind, "")))
    for name, (old, new) in costs.items():
        if old != new:
            out.print(f"{COSTS[name]}: {old:,} -> {new:,} ({'+' if new > old else '-'}{short(abs(new - old))})")


def _document(path: str) -> Experiment | ModelDocument:
    """The document in a file, or that of a run folder."""
    if not Path(path).is_dir():
        return load_document(path)
    if not (Path(path) / DOCUMENT).is_file():
        raise DocumentError(f"{path} is a folder without {DOCUMENT}; give a document or the folder of a run")
    return Experiment.load(Path(path) / DOCUMENT)


def _costs(before: Experiment | ModelDocument, after: Experiment | ModelDocument, trust: bool) -> dict[str, Any]:
    """Parameters and MAC of both, where both resolve."""
    totals = [_totals(document, trust) for document in (before, after)]
    return {name: [found[name] for found in totals] for name in COSTS} if all(totals) else {}


def _totals(document: Experiment | ModelDocument, trust: bool) -> dict[str, Any]:
    """The totals of a model without problems; empty when it cannot be seen, as where its data are elsewhere."""
    try:
        checked = (
            check(document, trust=trust) if isinstance(document, Experiment) else check_model(document, trust=trust)
        )
    except TorchworkError:
        return {}
    whole = checked.graph is not None and checked.graph.complete and not checked.graph.problems
    return checked.totals if whole else {}
