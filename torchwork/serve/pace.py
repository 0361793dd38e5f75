"""How long a run took that trained the same document here: no training is needed to expect as much of the next."""

from __future__ import annotations

import json
import math
import socket
from typing import Any

import numpy as np

from torchwork.errors import TorchworkError
from torchwork.experiment import Experiment
from torchwork.record import flat
from torchwork.serve.messages import Run
from torchwork.serve.workspace import Workspace

EPOCH = "time/epoch"
ELSEWHERE = (
    "schedule",
    "parameters",
    "optimizer.",
    "train.epochs",
    "train.early_stop",
    "train.checkpoint",
    "train.record",
)
"""Settings that hardly change how long an epoch takes."""
COUNTED = ("data", "model", "loss", "optimizer", "train")


def expected(workspace: Workspace, text: str, path: str) -> dict[str, Any]:
    """Seconds of the whole run, and what that rests on; empty without a run of the same document on this machine."""
    try:
        document = Experiment.loads(text, file=path)
    except TorchworkError:
        return {}
    wanted = _deciding(flat(document.as_dict()))
    for run in workspace.runs(age=5.0):
        if run.own and run.host in ("", socket.gethostname()) and _deciding(run.settings) == wanted:
            epoch = _seconds(workspace, run)
            if epoch is not None:
                basis = f"as long as {run.name} took, {epoch:.3g} s for each epoch"
                return {"seconds": epoch * document.train.epochs, "basis": basis}
    return {}


def _deciding(settings: dict[str, Any]) -> str:
    """The settings that decide how long an epoch takes, to be compared."""
    kept = {name: value for name, value in settings.items() if name.startswith(COUNTED)}
    kept = {name: value for name, value in kept.items() if not name.startswith(ELSEWHERE)}
    optimizers = sorted({name.split(".")[1] for name in settings if name.startswith("optimizer.")})
    return json.dumps([kept, optimizers], sort_keys=True, default=str)


def _seconds(workspace: Workspace, run: Run) -> float | None:
    """Of an epoch as a rule; None where none was finished."""
    try:
        with workspace.reading(run.id) as tail:
            values = tail.log[EPOCH].values if EPOCH in tail.log else np.empty(0)
    except TorchworkError:
        return None
    median = float(np.median(values)) if len(values) else math.nan
    return median if math.isfinite(median) else None
