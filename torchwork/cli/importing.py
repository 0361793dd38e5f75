"""`torchwork import`: a live module, or a script that `torchwork export` printed, becomes a document."""

from __future__ import annotations

import argparse
import gc
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from torchwork.errors import TorchworkError

if TYPE_CHECKING:
    from torchwork.capture import Report

WAYS = {
    "native": "all of it, as nodes",
    "recorded": "as nodes, one way through it",
    "code": "stays code, needs --trust",
}


def import_(options: argparse.Namespace) -> int:
    """Imports a module as an editable model document, with its proof, or reads an exported script back."""
    name = options.target.rpartition(":")[2] if ":" in options.target else Path(options.target).stem
    output = Path(options.output or f"{name}.yaml")
    if output.exists() and not options.force:
        raise TorchworkError(f"{output} exists already; name another file with -o, or --force to replace it")
    if options.target.endswith(".py"):
        return _read_back(options, output)
    return _capture(options, output)


def _read_back(options: argparse.Namespace, output: Path) -> int:
    """The document of an exported script, the edits that were taken, and those that no document can say."""
    from torchwork.code.reading import is_export, read_script

    file = Path(options.target)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise TorchworkError(f"cannot read {file}: {why}; name a script, or FILE.py:NAME for a module in it") from None
    if not is_export(text):
        raise TorchworkError(f"{file} was not printed by torchwork; name the class or factory in it: {file}:NAME")
    read = read_script(text, base=Path.cwd(), file=str(file), trust=options.trust)
    read.document.save(output)
    if options.json:
        print(json.dumps({"file": str(output), "taken": read.taken, "lost": read.lost}, indent=2))
        return 0
    for edit in read.taken:
        print(f"· taken: {edit}")
    for edit in read.lost:
        print(f"· not taken: {edit}")
    print(f"wrote {output}\nnext: torchwork check {output}")
    return 0


def _capture(options: argparse.Namespace, output: Path) -> int:
    with _in_haste():
        from torchwork.capture import Request, import_target

        imported = import_target(
            Request(options.target, options.input, options.weights, str(output), options.force),
            trust=options.trust,
            seconds=options.seconds,
        )
    imported.document.save(output)
    weights = imported.document.model.weights
    if options.json:
        print(json.dumps({"file": str(output), "weights": weights, **imported.report.as_dict()}, indent=2))
    else:
        print_report(imported.report, output, weights)
    return 0 if imported.report.proof.holds else TorchworkError.exit_status


@contextmanager
def _in_haste() -> Iterator[None]:
    """Settings for one short job that begins with the import of two large libraries."""
    # Torch's threads wait for each other in busy loops, and an import took four times as long beside other programs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    before = gc.get_threshold()
    gc.set_threshold(10_000, 20, 100)  # what libraries define lives to the end: looking through it cost 0.7 s of 5
    try:
        yield
    finally:
        gc.set_threshold(*before)


def print_report(report: Report, output: Path, weights: str | None) -> None:
    """What became of each class, the proof, and what was written."""
    from torchwork.cli import tables

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
    files = f"{output} and {weights}" if weights else str(output)
    out.print(f"wrote {files}\nnext: torchwork check {output}", markup=False)
