"""What is wrong outside of the network: the loss, optimizer, schedule, data and plain settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torchwork.answer.fixes.arguments import candidates, expression_with, shown
from torchwork.answer.fixes.trouble import Fix, Trouble, value_at
from torchwork.answer.values import missing
from torchwork.catalog import Entry, catalog
from torchwork.data.sources import sources
from torchwork.draw import apply
from torchwork.draw.edit import Edit, SetValue, UnsetValue
from torchwork.errors import DocumentError, TorchworkError, suggested
from torchwork.experiment import Experiment, ModelDocument, Schedule, place_text
from torchwork.experiment.document import is_model_only

KINDS: Mapping[str, str] = {
    "loss": "loss", "optimizer": "optimizer", "schedule": "scheduler", "source": "source", "prepare": "transform",
    "augment": "transform", "init": "initializer",
}  # fmt: skip
"""By the key that a part stands below, what it is."""
BEGINNINGS: Mapping[str, Any] = {"loss": "CrossEntropyLoss", "model": {"layers": []}, "optimizer": "Adam"}
"""What a missing section begins with."""
LOSSES = ("CrossEntropyLoss", "MSELoss")


@dataclass(frozen=True)
class Written:
    """A part of the document outside of the network: its place, what kind it is, its name, arguments, properties."""

    place: str
    kind: str
    name: str
    args: Mapping[str, Any]
    properties: Mapping[str, Any]
    field: str = ""

    def renamed(self, name: str) -> SetValue:
        """The edit that gives it another name."""
        return self.with_args(self.args, name)

    def with_args(self, args: Mapping[str, Any], name: str = "") -> SetValue:
        """The edit that gives it these arguments, and no others."""
        value = {name or self.name: dict(args), **self.properties} if args or self.properties else name or self.name
        return SetValue(path=self.place, value=value)

    @property
    def entry(self) -> Entry | None:
        """What the installed library has under its name."""
        try:
            return (sources() if self.kind == "source" else catalog().entries(self.kind)).get(self.name)
        except TorchworkError:  # without torchvision
            return None


def section_fixes(trouble: Trouble) -> Iterator[Fix]:
    """The fixes that mend it, as far as the form of the document tells."""
    if trouble.sheet is not None and trouble.problem.path not in ("model", "model.weights"):
        return
    for fix in _offered(trouble):
        if _mends(trouble, fix.edits):
            yield fix


def _offered(trouble: Trouble) -> Iterator[Fix]:
    written = _written(trouble)
    if written is not None:
        yield from _part_fixes(trouble, written)
        return
    path, value, name = place_text(tuple(trouble.steps)), trouble.at(), suggested(trouble.problem.fix)
    if path == "data.drop_last":
        yield Fix("keep the last batch", (SetValue(path=path, value=False),))
    elif path == "model.weights":
        yield Fix("begin freshly initialised", (UnsetValue(path=path),))
    elif value is None and path in BEGINNINGS:
        yield Fix(f"add {path}", (SetValue(path=path, value=BEGINNINGS[path]),))
    elif path and trouble.problem.message == f"unknown key `{trouble.steps[-1]}`":
        around = trouble.steps[:-1]
        if name:
            moved = SetValue(path=place_text((*around, name)), value=value)
            yield Fix(f"rename {trouble.steps[-1]} to {name}", (UnsetValue(path=path), moved))
        yield Fix(f"remove {trouble.steps[-1]}", (UnsetValue(path=path),))
    elif path and value is not None and path != "model":
        if name:
            yield Fix(f"set {trouble.steps[-1]} to {name}", (SetValue(path=path, value=name),))
        yield Fix(f"leave {trouble.steps[-1]} at its default", (UnsetValue(path=path),))


def _written(trouble: Trouble) -> Written | None:
    """The part that the problem lies in."""
    steps = trouble.steps
    for count in range(1, len(steps) + 1):
        key = next((step for step in reversed(steps[:count]) if isinstance(step, str)), "")
        value = value_at(trouble.document, steps[:count])
        if key not in KINDS or not isinstance(value, str | dict):
            continue
        properties = Schedule.properties if key == "schedule" else {}
        body = {value: {}} if isinstance(value, str) else value
        [*names] = [name for name in body if name not in properties]
        if len(names) != 1 or (count < len(steps) and steps[count] != names[0]):
            return None
        args = body[names[0]] if isinstance(body[names[0]], dict) else {}
        beside = {name: item for name, item in body.items() if name in properties}
        field = str(steps[count + 1]) if len(steps) > count + 1 else ""
        return Written(place_text(tuple(steps[:count])), KINDS[key], names[0], args, beside, field)
    return None


def _part_fixes(trouble: Trouble, written: Written) -> Iterator[Fix]:
    entry, name = written.entry, suggested(trouble.problem.fix)
    if entry is None:
        if name:
            yield Fix(f"use {name} instead of {written.name}", (written.renamed(name),))
        return
    if written.field:
        yield from _argument_fixes(trouble, written, entry)
    elif values := missing(entry, written.args):
        if None not in values.values():
            edit = written.with_args({**written.args, **values})
            yield Fix(f"set {', '.join(values)} to {', '.join(map(shown, values.values()))}", (edit,))
    elif written.kind == "loss":
        usual = LOSSES[0] if trouble.classes else LOSSES[1]
        if written.name != usual:
            yield Fix(f"use {usual} instead of {written.name}", (SetValue(path=written.place, value=usual),))


def _argument_fixes(trouble: Trouble, written: Written, entry: Entry) -> Iterator[Fix]:
    field, name = written.field, suggested(trouble.problem.fix)
    rest = {key: value for key, value in written.args.items() if key != field}
    argument = entry.argument(field)
    if argument is None:
        if name and name not in rest:
            yield Fix(f"rename {field} to {name}", (written.with_args({**rest, name: written.args.get(field)}),))
        yield Fix(f"remove {field}", (written.with_args(rest),))
        return
    value = written.args.get(field)
    renamed = expression_with(value, name)
    for other in [*([renamed] if renamed else []), *candidates(entry, argument, value, trouble.problem.fix)]:
        yield Fix(f"set {field} to {shown(other)}", (written.with_args({**written.args, field: other}),))
    where = written.kind == "source" and isinstance(value, str)  # nobody's data lie where the default says
    if not argument.required and not where:
        yield Fix(f"leave {field} at its default", (written.with_args(rest),))


def _mends(trouble: Trouble, edits: tuple[Edit, ...]) -> bool:
    """Whether the document that the edits make of it is not refused at that place."""
    try:
        document = apply(dict(trouble.document), edits).document
        kind = ModelDocument if is_model_only(document) else Experiment
        kind.parse(document)
    except DocumentError as error:
        return all(problem.path != trouble.problem.path for problem in error.problems)
    return True
