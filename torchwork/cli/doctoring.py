"""`torchwork doctor`: what is wrong with a run, a document or a TensorBoard log, and what to change."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from torchwork.errors import DocumentError, Problem

if TYPE_CHECKING:
    from torchwork.doctor import Diagnosis, Finding

ALARM = 1
"""Exit status where training cannot go well."""
MARKS = {"alarm": "!!", "warning": "! ", "note": "· "}
WIDTH = 100


def doctor(options: argparse.Namespace) -> int:
    """Says what is wrong; the exit status is 1 with an alarm.

    Raises:
        DocumentError: with all that `check` says of a document, after what the doctor could say of it.
    """
    if not Path(options.target).exists():
        place = options.target
        raise DocumentError(f"there is no run and no document at {place}; check the path, `torchwork runs` lists runs")
    problems: list[Problem] = []
    if Path(options.target).is_dir():
        found = _of_folder(options)
    else:
        found, problems = _of_document(options)
    if options.json:
        print(json.dumps(found.as_dict(), indent=2))
    elif found.findings or not problems:
        _print(found)
    if problems:
        raise DocumentError(problems)
    return ALARM if found.alarmed else 0


def _of_folder(options: argparse.Namespace) -> Diagnosis:
    from torchwork.doctor import diagnose, open_folder

    evidence = open_folder(options.target)
    for note in evidence.notes:
        print(f"note: {note}", file=sys.stderr)
    if not options.try_out:
        return diagnose(evidence)
    from torchwork.result import Run

    return Run.open(options.target, trust=options.trust).doctor(with_trials=True)


def _of_document(options: argparse.Namespace) -> tuple[Diagnosis, list[Problem]]:
    from torchwork.answer.diagnosing import of_checked
    from torchwork.build import check
    from torchwork.experiment import Experiment

    checked = check(Experiment.load(options.target, options.set), trust=options.trust)
    return of_checked(checked, tried=options.try_out, trust=options.trust), checked.problems


def _print(found: Diagnosis) -> None:
    for item in found.findings:
        print(_told(item))
    if not found.checked:
        print("nothing can be said: no curve has a name that the doctor knows, such as train/loss")
    elif not found.findings:
        print("nothing is wrong, as far as it can be seen")
    skipped = f", {len(found.skipped)} had not what they need (--json says what)" if found.skipped else ""
    print(f"{found.checked} rules looked{skipped}")


def _told(item: Finding) -> str:
    """A finding in a few lines: what is wrong, the numbers, what to do."""
    fixes = [f"change: {change.label}" for change in item.changes]
    lines = [*textwrap.wrap(item.because, WIDTH), *textwrap.wrap(item.advice, WIDTH), *fixes]
    return f"{MARKS[item.severity]} {item.sentence}\n" + textwrap.indent("\n".join(lines), "     ")
