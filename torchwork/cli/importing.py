"""`torchwork import`: a live module of an installed package or of one's own file becomes a model document."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from torchwork.cli import tables
from torchwork.errors import TorchworkError

if TYPE_CHECKING:
    from torchwork.capture import Report

WAYS = {
    "native": "all of it, as nodes",
    "recorded": "as nodes, one way through it",
    "code": "stays code, needs --trust",
}


def import_(options: argparse.Namespace) -> int:
    """Imports a module as an editable model document, and proves that both do the same."""
    from torchwork.capture import Request, import_target

    output = Path(options.output or f"{options.target.rpartition(':')[2]}.yaml")
    imported = import_target(
        Request(options.target, options.input, options.weights, str(output)),
        trust=options.trust,
        seconds=options.seconds,
    )
    imported.document.save(output)
    if options.json:
        print(json.dumps({"file": str(output), **imported.report.as_dict()}, indent=2))
    else:
        print_report(imported.report, output)
    return 0 if imported.report.proof.holds else TorchworkError.exit_status


def print_report(report: Report, output: Path) -> None:
    """What became of each class, and the proof."""
    out = tables.console()
    rows = [
        [
            found.name,
            str(found.instances),
            found.way,
            "; ".join(filter(None, [*found.frozen, found.reason])) or WAYS[found.way],
        ]
        for found in report.classes
    ]
    out.print(tables.grid(["class", "instances", "way", ""], rows, left=1))
    for note in report.notes:
        out.print(f"· {note}", style="dim", markup=False)
    proof = report.proof
    if proof.holds:
        step = "" if proof.step is None else f", gradients of one training step by {proof.step:.1e}"
        out.print(f"✓ proved at {' and '.join(proof.sizes)}: outputs differ by {proof.outputs:.1e}{step}", markup=False)
    else:
        why = proof.problem or f"outputs differ by {proof.outputs:.1e} of the largest"
        out.print(f"✗ not proved: {why}", markup=False)
    out.print(f"wrote {output}\nnext: torchwork check {output}", markup=False)
