"""`capture`: a live module, tried with real inputs at two sizes, becomes a model; then the model is proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.capture.composition import compose
from torchwork.capture.draft import Code, Draft, DraftNode
from torchwork.capture.layers import Unsupported
from torchwork.capture.proof import kept, prove
from torchwork.capture.recording import Frame, Recorder
from torchwork.capture.report import ClassReport, Report
from torchwork.capture.source import code_of
from torchwork.capture.translation import translate
from torchwork.errors import DocumentError
from torchwork.experiment import Model
from torchwork.graph import TensorSpec


@dataclass(frozen=True)
class Captured:
    """A captured module: the model of its document, and the report."""

    model: Model
    report: Report


def capture(module: nn.Module, inputs: Sequence[Tensor], name: str) -> Captured:
    """The nested model of a live module, which is run on `inputs` [batch, ...] and on one sample more, and left as it was.

    Raises:
        DocumentError: the module does not run on these inputs.
    """
    sizes = [list(inputs), [_larger(item) for item in inputs]]
    frames = [_recorded(module, given) for given in sizes]
    draft = _draft(*frames)
    composition = compose(draft)
    model = Model.model_validate(composition.model | _ties(module) | _example(inputs))
    return Captured(model, Report(name, (), prove(module, model, sizes)))


def _draft(first: Frame, second: Frame) -> Draft:
    return translate(first, second, code_of)


def _larger(item: Tensor) -> Tensor:
    """The tensor with its first sample twice."""
    return torch.cat([item, item[:1]]) if item.dim() else item


def _recorded(module: nn.Module, inputs: Sequence[Tensor]) -> Frame:
    with kept(module), torch.no_grad(), torch.random.fork_rng(devices=[]):
        module.eval()
        try:
            return Recorder(module).run([item.clone() for item in inputs])[0]
        except Exception as error:  # foreign code may raise anything
            shapes = ", ".join("x".join(map(str, item.shape)) for item in inputs)
            told = (str(error).splitlines() or [""])[0] or type(error).__name__
            fix = "give the sizes that it takes with --input"
            raise DocumentError(f"{type(module).__name__} cannot run on an input of {shapes}: {told} ({fix})") from error


def _ties(module: nn.Module) -> dict[str, Any]:
    """Parameters that are one under several names."""
    first: dict[int, str] = {}
    found = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        owner = first.setdefault(id(parameter), name)
        if owner != name:
            found[name] = owner
    return {"tie": found} if found else {}


def _example(inputs: Sequence[Tensor]) -> dict[str, Any]:
    if "example" not in Model.model_fields:
        return {}
    return {"example": [str(TensorSpec(tuple(item.shape), str(item.dtype).removeprefix("torch."))) for item in inputs]}
