"""A text checked as `torchwork check` checks a file, with what it prints as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torchwork import data, graph
from torchwork.answer import keeping
from torchwork.answer.plain import plain
from torchwork.build import Checked, CheckedModel, check_model, input_specs
from torchwork.errors import DocumentError, Problem, TorchworkError
from torchwork.experiment import Experiment, Model, ModelDocument, files, parse_place, parse_section, place_text
from torchwork.experiment.document import is_model_only
from torchwork.graph.summary import count_text, size_text

Document = Experiment | ModelDocument


@dataclass
class Looked:
    """What is known of a text: its plain values and lines; `document` and `checked` where it is a document."""

    plain: Any = None
    lines: Mapping[str, int] = field(default_factory=dict)
    document: Document | None = None
    checked: Checked | CheckedModel | None = None
    problems: list[Problem] = field(default_factory=list)


def check(text: str, path: str) -> dict[str, Any]:
    """Problems, layers, facts and notes of a document; nothing of it runs, for the page gives no trust."""
    return told(look(text, path))


def look(text: str, path: str) -> Looked:
    """The text read and checked; whatever is wrong is among its problems."""
    looked = Looked()
    try:
        looked.plain, looked.lines = files.shared(text, path)
        kind = ModelDocument if is_model_only(looked.plain) else Experiment
        looked.document = kind.parse(looked.plain, file=path, lines=looked.lines)
    except DocumentError as error:
        looked.problems = error.problems
        return looked
    looked.checked = _checked(looked.document)
    looked.problems = [*looked.checked.problems, *_untrusted(looked.document, looked.checked)]
    return looked


def told(looked: Looked) -> dict[str, Any]:
    """What the page shows beside a text."""
    if looked.checked is None:
        return {"problems": plain(looked.problems), "layers": [], "facts": [], "notes": []}
    return {
        "problems": plain(looked.problems),
        "layers": _layers(looked.checked),
        "facts": [*_data_facts(looked.checked), *_model_facts(looked.checked)],
        "notes": looked.checked.notes,
    }


def sketch(looked: Looked, text: str, path: str) -> graph.Resolved | None:
    """The model of a text whose data or other sections are not right, as far as it can be resolved.

    What is wrong with the model comes to the problems of `looked`, but not what only the data would define.
    """
    written = looked.plain if isinstance(looked.plain, dict) else {}
    try:
        model = parse_section(Model, written.get("model"))
    except DocumentError:
        return None
    inputs, symbols = _known_inputs(model, text, path)
    resolved = graph.resolve(model, inputs, symbols)
    undefined = [name for name in data.SYMBOLS if name not in symbols]
    found = [_located(item, looked.lines) for item in resolved.problems if not _names(item, undefined)]
    looked.problems = list(dict.fromkeys([*looked.problems, *found]))
    return resolved


def _known_inputs(model: Model, text: str, path: str) -> tuple[list[graph.Value], dict[str, int]]:
    """What the model would get: of the data where these are right, else its examples, else nobody knows."""
    try:
        bundle = keeping.bundle_of(text, path)
        return [*input_specs(bundle.spec, bundle.train.batch_size)], bundle.spec.symbols
    except TorchworkError:
        pass
    if model.example is not None and len(model.example) == len(model.inputs):
        return [graph.spec_of(example) for example in model.example], {}
    return [graph.Unknown()] * len(model.inputs), {}


def _names(problem: Problem, undefined: Sequence[str]) -> bool:
    """Whether a problem is that one of these names is not known."""
    return any(f"`{name}`" in problem.message for name in undefined)


def _located(problem: Problem, lines: Mapping[str, int]) -> Problem:
    """The problem with the line of its place, or of what lies around it."""
    place = parse_place(problem.path)
    while place and place_text(place) not in lines:
        place = place[:-1]
    return replace(problem, line=lines.get(place_text(place), 0))


def _checked(document: Document) -> Checked | CheckedModel:
    return check_model(document) if isinstance(document, ModelDocument) else keeping.checked(document)


def _untrusted(document: Document, checked: Checked | CheckedModel) -> list[Problem]:
    """Why a model that is code is refused here, in the words with which building it is refused."""
    if checked.graph is None or not checked.graph.not_run:
        return []
    try:
        checked.graph.build()
    except DocumentError as error:
        fix = "look at it, and train it on the command line with --trust"
        return [document.locate(replace(problem, fix=fix)) for problem in error.problems]
    return []


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
