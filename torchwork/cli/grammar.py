"""The grammar of the command line, and how a command ends. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from torchwork.cli import commands, doctoring, explaining, importing, inspecting, opening
from torchwork.errors import TorchworkError

DESCRIPTION = "A workbench for PyTorch: one document becomes a trained, recorded, resumable model."
FIRST_STEPS = "first steps:  torchwork new && torchwork check experiment.yaml && torchwork train experiment.yaml"


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 fine, 2 something to mend."""
    options = parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn  # type: ignore[assignment]
            return int(options.command(options) or 0)
    except TorchworkError as error:
        return _refuse(str(error), error.exit_status)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _refuse(f"{place}{error.strerror or error}; choose another place, or make room and give access there")


def _refuse(text: str, status: int = TorchworkError.exit_status) -> int:
    """Says what is wrong, one line for each problem; the exit status."""
    print("\n".join(f"error: {line}" for line in text.splitlines()), file=sys.stderr)
    return status


def _warn(message: Warning | str, *where: Any) -> None:
    """A warning, of torch most likely, as one line: where in torch's code it came from helps nobody here."""
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    top = argparse.ArgumentParser("torchwork", description=DESCRIPTION, epilog=FIRST_STEPS)
    top.add_argument("--version", action="version", version=commands.version())
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    verbs_in_order = (
        _new, _check, _diff, _train, _resume, _runs, _compare, _predict,
        _inspect, _doctor, _export, _import, _schema, _open,
    )  # fmt: skip
    for add in verbs_in_order:
        add(verbs)
    return top


Verbs = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _verb(verbs: Verbs, command: commands.Command, help_: str) -> argparse.ArgumentParser:  # type: ignore[valid-type]
    name = command.__name__.rstrip("_")
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=help_, description=help_)  # type: ignore[attr-defined]
    verb.set_defaults(command=command)
    return verb


def _new(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.new, "write a first experiment")
    verb.add_argument("name", nargs="?", default="experiment", help="name of the file, without .yaml")
    verb.add_argument("--template", "-t", default="shapes", help="what to begin from (see --list)")
    verb.add_argument("--list", action="store_true", help="list the templates")
    verb.add_argument("--force", action="store_true", help="replace the file if it exists")


def _check(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.check, "validate a document; print layers, shapes, parameters, MAC and memory")
    _document(verb)
    _json(verb)


def _diff(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.diff, "what changed between two documents, in words")
    verb.add_argument("before", help="a document, or the folder of a run")
    verb.add_argument("after", help="another one")
    _trust(verb)
    _json(verb)


def _train(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.train, "train; everything is recorded in a run folder")
    _document(verb)
    verb.add_argument("--runs", default="runs", metavar="DIR", help="where run folders are made (default: runs)")
    verb.add_argument("--run", metavar="DIR", help="this very run folder; it must not exist yet")


def _resume(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.resume, "go on exactly where a run stopped")
    verb.add_argument("run", help="run folder")
    verb.add_argument("--epochs", type=int, help="train so many epochs in all instead")
    _trust(verb)


def _runs(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.runs, "list the runs below a folder")
    verb.add_argument("folder", nargs="?", default="runs", help="default: runs")
    _table(verb)


def _compare(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.compare, "settings that differ and results, run by run")
    verb.add_argument("run", nargs="+", help="run folders")
    _table(verb)


def _predict(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.predict, "predictions with scores; or how right it is on a split of its data")
    verb.add_argument("run", help="run folder")
    verb.add_argument("input", nargs="*", help="pictures, .npy arrays or a .csv table")
    verb.add_argument(
        "--split", choices=["train", "valid", "test"], help="instead of inputs: this split, class by class"
    )
    verb.add_argument("--top", type=_count, default=3, help="so many classes (default: 3)")
    where = verb.add_argument_group("where it looked")
    where.add_argument("--explain", metavar="METHOD", action=explaining.Named, help="the way; `list` names them")
    where.add_argument("--layer", default="", help="look at this layer (default: the best)")
    where.add_argument("--target", metavar="CLASS", help="what speaks for this class (default: the most likely)")
    region = "of a segmentation: what speaks for its class there, in pixels of the input (default: all of the class)"
    where.add_argument("--region", type=explaining.region, metavar="X1,Y1,X2,Y2", help=region)
    where.add_argument("--input", dest="which", metavar="NAME", help="of several inputs (default: the first picture)")
    where.add_argument("--out", metavar="DIR", help="where pictures are written (default: maps)")
    _trust(verb)
    _json(verb)


def _inspect(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, inspecting.inspect, "look inside a trained network: its layers, kernels and feature maps")
    verb.add_argument("run", help="run folder")
    verb.add_argument("--layer", default="*", metavar="PATTERN", help="of names, such as 'features.*' (default: all)")
    verb.add_argument("--out", metavar="DIR", help="write grids of feature maps there, as PNG")
    verb.add_argument("--sample", type=_number, default=0, metavar="N", help="of the first validation samples")
    verb.add_argument("--kernels", action="store_true", help="with --out: the kernels instead")
    verb.add_argument("--together", action="store_true", help="with --out: all channels on one scale, not each")
    verb.add_argument("--all", action="store_true", help="with --out: every picture of large layers, not the first 256")
    _trust(verb)
    _json(verb)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number greater than 0, got {text!r}")
    return int(text)


def _doctor(verbs: Verbs) -> None:  # type: ignore[valid-type]
    help_ = "what is wrong with a training, why, and what to change; exit status 1 when it cannot go well like this"
    verb = _verb(verbs, doctoring.doctor, help_)
    verb.add_argument("target", help="a run folder, a TensorBoard log folder, or a document")
    tries = "also try the network on some of its samples, for half a minute at most: can it learn them by heart?"
    verb.add_argument("--try", dest="try_out", action="store_true", help=tries)
    _changes(verb)
    _json(verb)


def _export(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.export, "write the trained model for other programs, or the experiment as a script")
    verb.add_argument("run", help="run folder; for a script also a document")
    verb.add_argument("--to", choices=["safetensors", "pt2", "script"], required=True, help="format")
    default = "default: model.safetensors, model.pt2 or NAME.py in the run folder; NAME.py here for a document"
    verb.add_argument("--output", "-o", metavar="FILE", help=default)
    verb.add_argument("--force", action="store_true", help="replace a script that exists")
    _changes(verb)


def _import(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, importing.import_, "turn a live module, or an exported script, into a document")
    verb.add_argument("target", help="MODULE:NAME of an installed package, FILE.py:NAME, or an exported script")
    verb.add_argument("--output", "-o", metavar="FILE", help="the document to write (default: NAME.yaml)")
    verb.add_argument("--force", action="store_true", help="replace the document if it exists")
    verb.add_argument("--input", metavar="SHAPES", help="what it takes: 1x3x224x224, or several: 2x16:int64,2x8")
    verb.add_argument("--weights", metavar="FILE", help="weights to load first; they are written beside the document")
    verb.add_argument("--seconds", type=float, default=60.0, help="so long may a file run (default: 60)")
    verb.add_argument("--trust", action="store_true", help="allow the Python file to run")
    _json(verb)


def _schema(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, commands.schema, "print the JSON Schema of the document, for editors")
    verb.add_argument("--model", action="store_true", help="of a document that holds a model alone")
    verb.add_argument("--short", action="store_true", help="without the names and arguments of the catalog")


def _open(verbs: Verbs) -> None:  # type: ignore[valid-type]
    verb = _verb(verbs, opening.open_, "the workbench in the browser: start, watch and compare runs")
    verb.add_argument("folder", nargs="?", default=".", help="a folder of runs or TensorBoard logs, or a document")
    verb.add_argument("--port", type=int, help="the port (default: 6160, or the next that is free)")
    verb.add_argument("--host", default="127.0.0.1", help="where to listen; beyond this machine it needs --password")
    verb.add_argument("--password", help="asked for by the page (or in TORCHWORK_PASSWORD, which others do not see)")
    verb.add_argument("--no-browser", dest="browser", action="store_false", help="only print the address")


def _document(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", help="the experiment, YAML or JSON")
    _changes(verb)


def _changes(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change one setting; may be repeated"
    )
    _trust(verb)


def _trust(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--trust",
        action="store_true",
        help="allow the document to run your own code (data source Code, `code:` in modules)",
    )


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="the answer as JSON")


def _table(verb: argparse.ArgumentParser) -> None:
    how = verb.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="the answer as JSON")
    how.add_argument("--csv", action="store_true", help="the answer as CSV")
