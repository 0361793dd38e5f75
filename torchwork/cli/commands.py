"""What each command does. Each imports what it needs when it runs: here torch is loaded late."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torchwork.cli import INTERRUPTED
from torchwork.errors import DataError, DocumentError, Problem, nearest

if TYPE_CHECKING:
    from torchwork.build import Checked, CheckedModel
    from torchwork.result import Run

Command = Callable[[argparse.Namespace], int | None]


def version() -> str:
    """The version of the installed package."""
    return f"torchwork {metadata.version('torchwork')}"


def new(options: argparse.Namespace) -> None:
    """Writes a first document from a template."""
    from torchwork.templates import template_order

    templates = {
        Path(item.name).stem: item
        for item in resources.files("torchwork.templates").iterdir()
        if item.name.endswith(".yaml")
    }
    if options.list:
        for name in sorted(templates, key=template_order):
            print(f"{name:12}{templates[name].read_text('utf-8').splitlines()[0].removeprefix('# ')}")
        return
    if options.template not in templates:
        hint = nearest(options.template, templates) or f"there are {', '.join(sorted(templates))}"
        raise DocumentError(Problem("", f"there is no template {options.template}", hint))
    path = _document(options.name)
    if path.exists() and not options.force:
        raise DocumentError(f"{path} exists already; give another name, or --force to replace it")
    shown = shlex.quote(str(path))
    try:
        path.write_text(templates[options.template].read_text("utf-8").replace("experiment.yaml", shown), "utf-8")
    except OSError as error:
        raise DocumentError(f"cannot write {path}: {error.strerror}; give another name") from None
    print(f"wrote {path}\nnext: torchwork check {shown}    then: torchwork train {shown}")


def _document(name: str) -> Path:
    """The file that `new NAME` writes."""
    path = Path(name)
    if not path.name:
        raise DocumentError(f"expected the name of a file, such as `torchwork new first`, got {name!r}")
    return path if path.suffix in (".yaml", ".yml") else path.with_name(f"{path.name}.yaml")


def check(options: argparse.Namespace) -> int:
    """Validates a document as a whole and prints what it describes."""
    from torchwork.build import check as check_experiment
    from torchwork.build import check_model
    from torchwork.cli import tables
    from torchwork.experiment import Experiment, load_document

    try:
        document = load_document(options.file, options.set)
        if isinstance(document, Experiment):
            checked: Checked | CheckedModel = check_experiment(document, trust=options.trust)
        else:
            checked = check_model(document, trust=options.trust)
    except DocumentError as error:
        if not options.json:
            raise
        print(json.dumps({"problems": [vars(problem) for problem in error.problems]}, indent=2))
        return error.exit_status
    if options.json:
        print(json.dumps(checked.as_dict(), indent=2))
        return DocumentError.exit_status if checked.problems else 0
    tables.print_check(checked)
    if checked.problems:
        raise DocumentError(checked.problems)
    return 0


def diff(options: argparse.Namespace) -> None:
    """Says in words what changed between two documents."""
    from torchwork.cli.diff import print_diff

    print_diff(options)


def train(options: argparse.Namespace) -> int:
    """Trains a document in a new run folder."""
    from torchwork import run
    from torchwork.experiment import Experiment

    experiment = Experiment.load(options.file, options.set)
    return _ended(run.train(experiment, runs=options.runs, folder=options.run, trust=options.trust))


def resume(options: argparse.Namespace) -> int:
    """Goes on with a run from its newest checkpoint."""
    from torchwork import run

    return _ended(run.resume(options.run, epochs=options.epochs, trust=options.trust))


def _ended(run: Run) -> int:
    """Prints how a training ended; the exit status, so that a script does not go on with a run that was stopped."""
    from torchwork.cli import tables

    tables.print_result(run)
    return INTERRUPTED if run.status == "stopped" else 0


def runs(options: argparse.Namespace) -> None:
    """Lists the runs below a folder."""
    from torchwork import record
    from torchwork.cli import tables

    tables.print_table(record.table(record.runs(options.folder)), options)


def compare(options: argparse.Namespace) -> None:
    """Sets runs side by side: the settings that differ, and the results."""
    from torchwork import record
    from torchwork.cli import tables

    tables.print_table(record.compare(options.run), options)


def predict(options: argparse.Namespace) -> None:
    """Predicts for files with the best weights of a run, or for a split of its data."""
    from torchwork.cli.explaining import check_asked, explain

    check_asked(options)
    if options.split:
        from torchwork.cli.predicting import predict_split

        return predict_split(options)
    if not options.input:
        raise DataError("expected inputs, or a split such as --split valid; got neither")
    if options.explain is not None:
        return explain(options)
    from torchwork.cli import tables
    from torchwork.result import Run

    predictions = Run.open(options.run, trust=options.trust).predict(options.input)
    if options.json:
        print(json.dumps([prediction.as_dict() for prediction in predictions], indent=2))
    else:
        tables.print_predictions(predictions, options.top)


def export(options: argparse.Namespace) -> None:
    """Writes the best weights of a run, the whole model, or its experiment as a script to a file."""
    if options.to == "script":
        from torchwork.cli.script import export_script

        return export_script(options)
    from torchwork.result import Run

    path = Run.open(options.run, trust=options.trust).export(options.to, options.output)
    print(f"wrote {path}")


def schema(options: argparse.Namespace) -> None:
    """Prints the JSON Schema of the document."""
    from torchwork.experiment import json_schema

    names: dict[str, dict[str, Any]] | None = None
    if not options.short:
        from torchwork.build import schema_names

        names = schema_names()
    json.dump(json_schema(names, model_only=options.model), sys.stdout, indent=1)
    print()
