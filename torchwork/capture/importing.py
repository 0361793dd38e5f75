"""Import of a target: load it, capture it, and give the model document with its report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from torchwork.build import put_weights, read_weights
from torchwork.capture.capturing import capture
from torchwork.capture.owned import WITH_WEIGHTS
from torchwork.capture.report import ClassReport, Proof, Report
from torchwork.capture.stages import begin
from torchwork.capture.targets import Target, inputs_of, load, refuse_untrusted
from torchwork.errors import TorchworkError
from torchwork.experiment import ModelDocument

WHERE = ".where"
"""The file beside the answer that says where a program was when its time was nearly over."""
SECONDS = 60.0
"""So long may code of one's own take. Installed modules run in this process without a limit: whoever installed them
trusted them, a second process costs seconds to start, and Ctrl-C ends them as it ends any program."""


@dataclass(frozen=True)
class Request:
    """What to import: the target, its inputs as text, weights to load, where the document goes, over an old or not."""

    target: str
    input: str | None = None
    weights: str | None = None
    output: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Imported:
    """The model document of a target, and the report of its capture."""

    document: ModelDocument
    report: Report


def import_target(request: Request, *, trust: bool = False, seconds: float = SECONDS) -> Imported:
    """The document of what a person named; a file of their own runs in a process of its own, and only with `trust`.

    Raises:
        TorchworkError: the target is not to be had, runs too long, or does not run on its inputs.
    """
    target = Target.parse(request.target)
    if not target.own:
        return _imported(import_here(request))
    if not trust:
        refuse_untrusted(target)
    return _imported(_in_a_process(request, target, seconds))


def import_here(request: Request) -> dict[str, Any]:
    """Document and report as JSON, made in this process; weights are written beside the document."""
    begin("loading")
    target = Target.parse(request.target)
    loaded = load(target)
    inputs, notes = inputs_of(request.input, target, loaded.module)
    if request.weights:
        put_weights(loaded.module, read_weights(Path(request.weights)), request.weights)
    captured = capture(loaded.module, inputs, target.name, loaded.made, loaded.origin)
    document: dict[str, Any] = {"name": target.name, "model": captured.model.as_dict()}
    if request.output and (request.weights or _begins_elsewhere(captured.report)):
        file = Path(request.output).with_suffix(".safetensors")
        _save(loaded.module, captured.prefix, file, request.force)
        document["model"]["weights"] = file.as_posix()  # seen, as every path of a document, from where one works
    report = {**asdict(captured.report), "notes": [*captured.report.notes, *notes]}
    return {"document": document, "report": report}


def _begins_elsewhere(report: Report) -> bool:
    """Whether tensors of the model begin with values that the document does not hold."""
    return any(words.endswith(WITH_WEIGHTS) for found in report.classes for words in found.frozen)


def _save(module: nn.Module, prefix: str, file: Path, force: bool) -> None:
    """Write a module's state dict under the names that the document gives its weights."""
    if file.exists() and not force:
        raise TorchworkError(f"{file} exists already, and is where the weights go; name another with -o, or --force")
    state = {f"{prefix}{name}": tensor.detach().clone().contiguous() for name, tensor in module.state_dict().items()}
    save_file(state, file)


def _imported(answer: Mapping[str, Any]) -> Imported:
    report = dict(answer["report"])
    classes = [ClassReport(**{**item, "definitions": tuple(item["definitions"]), "frozen": tuple(item["frozen"])})
               for item in report.pop("classes")]  # fmt: skip
    proof = Proof(**{**report.pop("proof")})
    return Imported(ModelDocument.parse(answer["document"]), Report(classes=classes, proof=proof, **report))


def _stopped_in(target: Target, trace: Path) -> str:
    """The innermost line of the target's file that ran when the time was nearly over."""
    text = trace.read_text("utf-8") if trace.is_file() else ""
    found = re.search(rf'File "{re.escape(str(target.file.resolve()))}", line (\d+)', text) if target.file else None
    return f" in line {found[1]}" if found else ""


def _in_a_process(request: Request, target: Target, seconds: float) -> Mapping[str, Any]:
    """`import_here` in another process, which may not ask, and not run for longer."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        words = [json.dumps(asdict(request)), str(answer), str(time.time() + seconds)]
        command = [sys.executable, "-m", "torchwork.capture.worker", *words]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            where = _stopped_in(target, answer.with_suffix(WHERE))
            fix = "--seconds gives it longer"
            raise TorchworkError(
                f"{target.module} did not finish within {seconds:g} seconds and was stopped{where} ({fix})"
            ) from None
        if not answer.is_file():
            last = (
                done.stderr.decode(errors="replace").strip().splitlines() or [f"its exit status is {done.returncode}"]
            )[-1]
            raise TorchworkError(f"{target.module} ended the process that imported it: {last}")
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    if "error" in found:
        raise TorchworkError(found["error"])
    printed = len(done.stdout.decode(errors="replace").splitlines())
    if printed:
        name = Path(target.module).name
        found["report"]["notes"].append(f"what {name} printed while it ran is left out (lines: {printed})")
    return found
