"""A model document looked at as a whole: resolved with its own example inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from torchwork import graph
from torchwork.build.plan import code_notes, try_weights
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import ModelDocument


@dataclass
class CheckedModel:
    """A model document looked at from end to end: the model as resolved, and every problem found."""

    document: ModelDocument
    graph: graph.Resolved | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def batch_size(self) -> int:
        """Samples in the first example input."""
        shape = self.graph.inputs[0].shape if self.graph and isinstance(self.graph.inputs[0], graph.TensorSpec) else ()
        return shape[0] if shape and shape[0] else 1

    @property
    def totals(self) -> dict[str, Any]:
        """Parameters, MAC and FLOP for one sample, and bytes of the whole example."""
        if self.graph is None:
            return {}
        totals, batch = self.graph.totals, self.batch_size
        return {
            "parameters": totals.parameters,
            "trainable": totals.trainable,
            "mac": totals.mac // batch,
            "flop": totals.flop // batch,
            "batch_size": batch,
            "state_bytes": totals.parameter_bytes,
            "activation_bytes": totals.activation_bytes,
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON, for programs."""
        found = {"problems": [vars(problem) for problem in self.problems], "notes": self.notes}
        rows = [] if self.graph is None else [row.as_dict() for row in self.graph.rows]
        return {**found, "layers": rows, "totals": self.totals}


def check_model(document: ModelDocument, *, base: Path | None = None, trust: bool = False) -> CheckedModel:
    """Resolves the model with its `example` inputs and lists everything that is wrong; never raises for that."""
    checked, model = CheckedModel(document), document.model
    if model.example is None:
        message = "a model without data is checked with example inputs, and there are none"
        problem = Problem("model.example", message, "write their shapes: `example: [1x3x224x224]`")
        checked.problems = [document.locate(problem)]
        return checked
    checked.graph = graph.resolve(model, [graph.spec_of(text) for text in model.example], trust=trust)
    checked.notes = code_notes(checked.graph)
    problems = list(checked.graph.problems)
    if model.weights and not problems and not checked.graph.not_run:
        problems += _weights_problems(checked.graph, (base or Path.cwd()) / model.weights)
    checked.problems = [document.locate(problem) for problem in problems]
    return checked


def _weights_problems(resolved: graph.Resolved, path: Path) -> list[Problem]:
    try:
        with torch.device("meta"):
            try_weights(resolved.build(), path)
    except DocumentError as error:
        return error.problems
    return []
