"""A workbench for PyTorch: one document becomes a trained, recorded, resumable model that you can look into.

    import torchwork
    run = torchwork.train(torchwork.Experiment.load("experiment.yaml"))
    run = torchwork.train(model, train=(x, y), loss="CrossEntropyLoss", optimizer={"Adam": {"lr": 0.01}}, epochs=5)
    run.metrics["valid/accuracy"], run.model(), run.predict(["picture.jpg"])
    torchwork.probe(model, x)["features.0"]                # what each layer gives, of any network
    for run in torchwork.runs(lr=[0.01, 0.001], batch_size=[100, 1000]): ...   # your own loop

Torch is loaded by the first name that needs it, not by `import torchwork`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torchwork.errors import TorchworkError
    from torchwork.experiment import Experiment
    from torchwork.inside import probe
    from torchwork.result import Run
    from torchwork.run import resume, train
    from torchwork.sweep import runs

__all__ = ["Experiment", "Run", "TorchworkError", "probe", "resume", "runs", "train"]

HOMES = {
    "Experiment": "torchwork.experiment",
    "Run": "torchwork.result",
    "TorchworkError": "torchwork.errors",
    "probe": "torchwork.inside",
    "resume": "torchwork.run",
    "runs": "torchwork.sweep",
    "train": "torchwork.run",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'torchwork' has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(importlib.import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__]
