"""Classes that drop whole samples in training, said with layers that know training from evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from torchwork.capture.builder import Builder, row
from torchwork.capture.foreign import FOREIGN
from torchwork.capture.layers import UnsupportedError
from torchwork.capture.views import Views

Rule = Callable[[Builder, nn.Module, Any], str]
"""Writes what a forward returns for its one input."""
SAMPLES = 512
"""So many samples tell whether a module drops some."""
DRAWN = "drops the same share of samples, but other ones: it draws its numbers in a way of its own"


def rule_of(views: Views) -> Rule | None:
    """How the class of a forward is said, where it drops samples: torchvision's, or one that is seen to do so."""
    module = views.first.module
    if f"{type(module).__module__}.{type(module).__qualname__}" == "torchvision.ops.stochastic_depth.StochasticDepth":
        return _of_torchvision
    changes = views.trained is not None and not views.first.calls and bool(views.trained[0].calls)
    return _seen if changes and not views.first.kwargs and _share(module) is not None else None


def _of_torchvision(b: Builder, module: nn.Module, ref: Any) -> str:
    if module.mode != "row":
        raise UnsupportedError("it drops a whole batch out")
    return _dropped(b, float(module.p), ref)  # type: ignore[arg-type]


def _seen(b: Builder, module: nn.Module, ref: Any) -> str:
    share = _share(module)
    assert share is not None
    usual = _seeded(lambda: nn.functional.dropout(torch.ones(SAMPLES, 1, 1), share))
    if not torch.equal(_tried(module)[:, :1, :1], usual):
        b.freeze(DRAWN)
    return _dropped(b, share, ref)


def _dropped(b: Builder, share: float, ref: Any) -> str:
    """Whole samples dropped out: dropout of one number for each sample, which draws the same numbers."""
    sizes = b.sizes(ref)
    if sizes[0][0] == sizes[0][1]:
        raise UnsupportedError("it drops samples out, and the number of samples was the same twice")
    wanted = [sizes[0], *[(1, 1)] * (len(sizes) - 1)]
    ones = b.emit("ones_like", {"dtype": "float32"}, [row(b, wanted, 0)])
    kept = b.layer("Dropout", {"p": share}, [ones])
    return b.emit("mul", {}, [b.text(ref), kept])


def _share(module: nn.Module) -> float | None:
    """The share of samples that a module without weights drops in training; None where it does something else."""
    if module.state_dict() or any(True for _ in module.children()):
        return None
    try:
        found = _tried(module)
    except FOREIGN:
        return None
    kept = torch.unique(found)
    if found.shape != (SAMPLES, 2, 2) or not torch.equal(found, found[:, :1, :1].expand_as(found)):
        return None
    if len(kept) != 2 or kept[0] != 0 or kept[1] <= 1:
        return None
    share = 1 - 1 / float(kept[1])
    own = [value for value in vars(module).values() if type(value) is float and abs(value - share) < 1e-5]
    return own[0] if own else round(share, 6)


def _tried(module: nn.Module) -> torch.Tensor:
    """What a module makes of ones in training; it is left as it was."""
    before = module.training
    module.training = True
    try:
        return _seeded(lambda: module(torch.ones(SAMPLES, 2, 2)))
    finally:
        module.training = before


def _seeded(make: Callable[[], torch.Tensor]) -> torch.Tensor:
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return make()
