"""`torchwork export --to script`: the experiment of a run or of a document as one Python file."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from torchwork.code.script import print_model_file, print_script
from torchwork.errors import DocumentError, RunFolderError
from torchwork.experiment import Experiment, ModelDocument, load_document
from torchwork.result import Run


def export_script(options: argparse.Namespace) -> None:
    """Writes the script and says how to start it.

    Raises:
        TorchworkError: no run or document there, one that is not right, or a file that is there already.
    """
    given = Path(options.run)
    document, base, folder = _from_document(options) if given.is_file() else _from_run(options)
    target = Path(options.output or folder / f"{document.name.replace(' ', '-')}.py")
    _check_place(target, options.force)
    _write(target, _printed(document, base, options.trust))
    print(f"wrote {target}\nnext: {_start(target, base)}")


def _from_document(options: argparse.Namespace) -> tuple[Experiment | ModelDocument, Path, Path]:
    """The document, where its paths begin, and the folder for its script."""
    return load_document(options.run, options.set), Path.cwd(), Path()


def _from_run(options: argparse.Namespace) -> tuple[Experiment, Path, Path]:
    if options.set:
        raise DocumentError(f"--set changes a document, and {options.run} is a run; export its experiment.yaml instead")
    run = Run.open(options.run)
    return run.experiment, run.folder.base, run.path


def _printed(document: Experiment | ModelDocument, base: Path, trust: bool) -> str:
    if isinstance(document, ModelDocument):
        return print_model_file(document, base=base, trust=trust)
    return print_script(document, base=base, trust=trust)


def _check_place(target: Path, force: bool) -> None:
    if target.is_dir():
        raise RunFolderError(f"cannot write {target}: it is a folder; choose another place with --output")
    if target.exists() and not force:
        raise RunFolderError(f"{target} exists already; give another name with --output, or --force to replace it")


def _write(target: Path, text: str) -> None:
    """Writes the file in one step, so that one that was there stays as it was where that fails."""
    unfinished = target.with_name(f"unfinished-{target.name}")
    try:
        unfinished.write_text(text, "utf-8")
        unfinished.replace(target)
    except OSError as error:
        raise RunFolderError(f"cannot write {target}: {error.strerror}; choose another place with --output") from None


def _start(target: Path, base: Path) -> str:
    """The command that starts the script, in the folder where its paths begin."""
    if base.resolve() == Path.cwd():
        return f"python {shlex.quote(str(target))}"
    return f"cd {shlex.quote(str(base))} && python {shlex.quote(str(target.resolve()))}"
