"""A text checked as `torchwork check` checks a file, with what it prints as plain data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torchwork.build import Checked, CheckedModel, check_model
from torchwork.build import check as check_experiment
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Experiment, ModelDocument, files
from torchwork.experiment.document import is_model_only
from torchwork.graph.summary import count_text, size_text

_last: list[Checked] = []
"""The experiment that was checked last: while a person types, its data need not be opened again."""


def check(text: str, path: str) -> dict[str, Any]:
    """Problems, layers, facts and notes of a document; nothing of it runs, for the page gives no trust."""
    try:
        document = _read(text, path)
    except DocumentError as error:
        return {"problems": _plain(error.problems)}
    checked = _checked(document)
    return {
        "problems": _plain([*checked.problems, *_untrusted(document, checked)]),
        "layers": _layers(checked),
        "facts": [*_data_facts(checked), *_model_facts(checked)],
        "notes": checked.notes,
    }


def _read(text: str, path: str) -> Experiment | ModelDocument:
    kind = ModelDocument if is_model_only(files.read(text, path)[0]) else Experiment
    return kind.loads(text, file=path)


def _checked(document: Experiment | ModelDocument) -> Checked | CheckedModel:
    if isinstance(document, ModelDocument):
        return check_model(document)
    checked = check_experiment(document, opened=_last[0] if _last else None)
    if checked.bundle is not None:
        _last[:] = [checked]
    return checked


def _untrusted(document: Experiment | ModelDocument, checked: Checked | CheckedModel) -> list[Problem]:
    """Why a model that is code is refused here, in the words with which building it is refused."""
    if checked.graph is None or not checked.graph.not_run:
        return []
    try:
        checked.graph.build()
    except DocumentError as error:
        fix = "look at it, and train it on the command line with --trust"
        return [document.locate(replace(problem, fix=fix)) for problem in error.problems]
    return []


def _plain(problems: list[Problem]) -> list[dict[str, Any]]:
    return [
        {"message": found.message, "place": found.path, "line": found.line or None, "fix": found.fix}
        for found in problems
    ]


def _layers(checked: Checked | CheckedModel) -> list[dict[str, Any]]:
    """A row for each call, counted for one sample."""
    if checked.graph is None:
        return []
    batch = checked.totals["batch_size"]
    return [
        {
            "name": label,
            "type": row.type,
            "output": row.as_dict()["output_text"],
            "parameters": row.parameters,
            "macs": None if row.unknown else row.mac // batch,
            "depth": row.depth,
        }
        for row, label in zip(checked.graph.rows, checked.graph.labels, strict=True)
    ]


def _data_facts(checked: Checked | CheckedModel) -> list[tuple[str, str]]:
    if isinstance(checked, CheckedModel) or checked.bundle is None:
        return []
    spec = checked.bundle.spec
    found = [(f"{split} samples", f"{count:,}") for split, count in spec.samples.items()]
    found.append(("input", ", ".join("×".join(map(str, shape)) or "1" for shape in spec.inputs)))
    return [*found, ("classes", f"{len(spec.classes):,}")] if spec.classes else found


def _model_facts(checked: Checked | CheckedModel) -> list[tuple[str, str]]:
    totals = checked.totals
    if checked.graph is None:
        return []
    least = "" if checked.graph.complete else "at least "
    return [
        ("parameters", f"{least}{totals['parameters']:,}"),
        ("trained", f"{totals['trainable']:,}"),
        ("MAC", f"{least}{count_text(totals['mac']).strip()}"),
        ("FLOP", f"{least}{count_text(totals['flop']).strip()}"),
        ("batch", f"{totals['batch_size']:,}"),
        ("state memory", size_text(totals["state_bytes"])),
        ("activation memory", size_text(totals["activation_bytes"])),
    ]
