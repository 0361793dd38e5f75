"""A run's model or experiment as a file to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from torchwork.code.script import print_script
from torchwork.result import Run

SUFFIXES = {"safetensors": ".safetensors", "pt2": ".pt2", "script": ".py"}


def export(run: str, to: Literal["safetensors", "pt2", "script"], folder: str) -> str:
    """Writes the best weights, the whole model, or the experiment as a script into `folder`; the file's path.

    Raises:
        TorchworkError: the run has no checkpoint or document, or torch cannot make a program of its model.
    """
    opened = Run.open(run)
    target = Path(folder) / f"model{SUFFIXES[to]}"
    if to == "script":
        target.write_text(print_script(opened.experiment, base=opened.folder.base), "utf-8")
        return str(target)
    return str(opened.export(to, target))
