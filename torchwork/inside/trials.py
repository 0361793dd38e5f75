"""Short trials of a network on a few samples: they run on copies, end in time, and leave no trace."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.inside.untouched import mapped, untouched

Batch = tuple[Any, Any]
"""Inputs and targets: tensors, or nested tuples, lists and dicts of tensors, samples in the first dimension."""
Loss = Callable[[nn.Module, Batch], Tensor]
"""The 0-d mean loss of a network for a batch."""
Numbers = dict[str, float]
SECONDS = 20.0
FEW, BESIDE = 8, 4
"""samples that are learnt by heart, and those that are looked at for leaks"""
STEPS, RATES = 250, (0.003, 0.0003)
"""of Adam, from the same weights: what one rate cannot learn another may"""
FITTED = 0.01
"""of the first loss: then they are learnt by heart"""
LAST = 5
"""steps whose middle loss is that of now"""


@dataclass(frozen=True)
class Trials:
    """What was measured, by the name of the trial; `skipped` says why others could not be made."""

    found: Mapping[str, Numbers]
    skipped: Mapping[str, str] = field(default_factory=dict)


def trials(model: nn.Module, batch: Batch, loss: Loss, *, seconds: float = SECONDS) -> Trials:
    """Tries a network that is about to be trained on one batch of the training samples, not augmented.

    `start`: the first `loss`, and that of a network whose `outputs are zero`. `inputs`: how much outputs `differ`
    between samples, against their size. `neighbours`: how much an output `changes` with the other samples of its
    batch, in evaluation, against its size. `few samples`: the loss of 8 samples, `first` and at `last` after `steps` of
    Adam on a copy without dropout; fewer steps where `seconds` are over.
    """
    end = time.monotonic() + seconds
    return _each({
        "start": lambda: start(model, batch, loss),
        "inputs": lambda: inputs(model, batch[0]),
        "neighbours": lambda: neighbours(model, batch[0]),
        "few samples": lambda: few_samples(model, _first(batch, FEW), loss, end),
    }, model)  # fmt: skip


def gap(model: nn.Module, batches: Sequence[Batch], loss: Loss) -> Trials:
    """Whether a trained network is another in evaluation; empty for one without batch norm.

    `gap` has the mean loss of the batches with the averages that batch norm has kept (`evaluation`) and with those of
    each batch (`training`), both without dropout.
    """
    if not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules()):
        return Trials({})
    return _each({"gap": lambda: _gap(model, batches, loss)}, model)


def _each(made: Mapping[str, Callable[[], Numbers]], model: nn.Module) -> Trials:
    """All of them; one that fails, as any network may, takes no other with it."""
    found: dict[str, Numbers] = {}
    skipped: dict[str, str] = {}
    for name, trial in made.items():
        with untouched(model):
            torch.manual_seed(0)
            try:
                found[name] = trial()
            except Exception as error:  # of one's own forward, of the loss, of memory: whatever a network may raise
                why = str(error).strip().partition("\n")[0] or type(error).__name__
                skipped[name] = why
    return Trials(found, skipped)


def start(model: nn.Module, batch: Batch, loss: Loss) -> Numbers:
    """The loss before any step, as in training but without dropout; and that of outputs that are all zero."""
    tried = certain(model)
    with torch.no_grad():
        first = float(loss(tried, batch))
        tried.register_forward_hook(lambda _module, _given, output: mapped(torch.zeros_like, output))
        return {"loss": first, "outputs are zero": float(loss(tried, batch))}


def inputs(model: nn.Module, given: Any) -> Numbers:
    """The largest difference between an output and that of the first sample, against the largest output."""
    with torch.no_grad():
        outputs = _outputs(copy.deepcopy(model).eval(), given)
    return {"differ": _against(outputs, [output[:1].expand_as(output) for output in outputs])}


def neighbours(model: nn.Module, given: Any) -> Numbers:
    """How much the output of a sample changes when all others of its batch are copies of it."""
    tried, few = copy.deepcopy(model).eval(), _first(given, BESIDE)
    with torch.no_grad():
        together = _outputs(tried, few)
        alone = [_outputs(tried, mapped(lambda item, at=at: item[at : at + 1].expand_as(item).contiguous(), few))
                 for at in range(len(together[0]))]  # fmt: skip
    own = [torch.stack([made[place][at] for at, made in enumerate(alone)]) for place in range(len(together))]
    return {"changes": _against(together, own), "samples": float(len(alone))}


def few_samples(model: nn.Module, batch: Batch, loss: Loss, end: float) -> Numbers:
    """The loss before and after some hundred steps on the same few samples."""
    best: Numbers = {}
    for rate in RATES:
        losses = list(_steps(certain(model), batch, loss, rate, end))
        found = {"first": losses[0], "last": min(_middles(losses)), "steps": float(len(losses)), "samples": float(FEW)}
        best = min(best or found, found, key=lambda item: item["last"])
        if best["last"] <= FITTED * best["first"] or time.monotonic() > end:
            break
    return best


def _steps(model: nn.Module, batch: Batch, loss: Loss, rate: float, end: float) -> Iterator[float]:
    optimizer = torch.optim.Adam([item for item in model.parameters() if item.requires_grad], lr=rate)
    first = None
    for _ in range(STEPS):
        optimizer.zero_grad()
        with torch.enable_grad():
            value = loss(model, batch)
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        now = float(value.detach())
        first = now if first is None else first
        yield now
        if not now > FITTED * first or time.monotonic() > end:
            return


def _middles(losses: Sequence[float]) -> list[float]:
    """The middle of some losses in a row each, so that one lucky step does not count."""
    sets = [sorted(losses[at : at + LAST]) for at in range(len(losses))]
    return [found[len(found) // 2] for found in sets]


def _gap(model: nn.Module, batches: Sequence[Batch], loss: Loss) -> Numbers:
    evaluated, trained = copy.deepcopy(model).eval(), certain(model)
    with torch.no_grad():
        one = [float(loss(evaluated, batch)) for batch in batches]
        other = [float(loss(trained, batch)) for batch in batches]
    return {"evaluation": sum(one) / len(one), "training": sum(other) / len(other)}


def certain(model: nn.Module) -> nn.Module:
    """A copy in training mode in which nothing is left to chance: without dropout."""
    made = copy.deepcopy(model).train()
    for module in made.modules():
        if "drop" in type(module).__name__.lower() or type(module).__name__ == "StochasticDepth":
            module.eval()
        if isinstance(getattr(module, "dropout", None), float):  # of attention and recurrent layers
            module.dropout = 0.0  # type: ignore[assignment]
    return made


def _first(value: Any, count: int) -> Any:
    return mapped(lambda item: item[:count], value)


def _outputs(model: nn.Module, given: Any) -> list[Tensor]:
    """All floating tensors [N, ...] that a network gives for N samples."""
    sizes: list[int] = []
    mapped(lambda item: sizes.append(len(item)), given)
    found: list[Tensor] = []
    mapped(found.append, model(given))
    kept = [item.float() for item in found if item.is_floating_point() and item.dim() and len(item) == sizes[0]]
    if not kept or sizes[0] < 2:
        raise ValueError("it gives no tensor with one row for each sample, or there is one sample only")
    return kept


def _against(outputs: Sequence[Tensor], others: Sequence[Tensor]) -> float:
    """The largest difference, against the largest value."""
    differs = max(float((one - other).abs().max()) for one, other in zip(outputs, others, strict=True))
    return differs / max(1e-30, *(float(item.abs().max()) for item in outputs))
