"""Warm-up: the learning rate is dampened at first, in front of any scheduler and without its knowledge.

A scheduler computes with its own undampened rates; the dampened ones stand in the optimizer only while it steps.
The formulas are those of Ma and Yarats, "On the adequacy of untuned warmup for adaptive optimization" (2021).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor
from torch.optim import Optimizer

from torchwork.errors import TrainingError

Kind = Literal["constant", "linear", "exponential", "untuned_linear", "untuned_exponential"]


@dataclass(frozen=True)
class Warmup:
    """A kind of warm-up and its `length` in optimizer steps; the untuned kinds take it from Adam's second beta.

    `start` is the factor of the constant kind.
    """

    kind: Kind
    length: float | None = None
    start: float = 1 / 3

    def length_for(self, group: dict[str, Any]) -> float:
        """The period for a parameter group: 2/(1-beta2) for untuned_linear, 1/(1-beta2) for untuned_exponential.

        Raises:
            TrainingError: no length was given where one is needed, or the optimizer has no betas.
        """
        if not self.kind.startswith("untuned"):
            if self.length is None or self.length <= 0:
                raise TrainingError(
                    f"warm-up {self.kind} needs a length of at least one step, got {self.length}; set length: 500"
                )
            return self.length
        if "betas" not in group:
            raise TrainingError(
                f"{self.kind} needs an optimizer with betas such as Adam; use linear with a length instead"
            )
        return (2.0 if self.kind == "untuned_linear" else 1.0) / (1.0 - float(group["betas"][1]))

    def factor(self, step: int, length: float) -> float:
        """What the rate is multiplied with at `step` (from 0): 1 when warm-up is over."""
        if self.kind == "constant":
            return self.start if step < length else 1.0
        if self.kind.endswith("linear"):
            return min(1.0, (step + 1) / length)
        return 1.0 - math.exp(-(step + 1) / length)


class Dampening:
    """Puts one warm-up in front of the schedulers of some optimizers."""

    def __init__(self, warmup: Warmup | None, optimizers: Sequence[Optimizer]) -> None:
        self.warmup = warmup
        self.optimizers = optimizers
        self.steps = 0
        self.over = warmup is None
        self._rates: list[float] = []
        self._lengths = [warmup.length_for(group) for group in self._groups()] if warmup else []

    def _groups(self) -> list[dict[str, Any]]:
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]

    def apply(self) -> None:
        """Dampens the rates for the coming step."""
        if self.over or self.warmup is None:
            return
        factors = [self.warmup.factor(self.steps, length) for length in self._lengths]
        groups = self._groups()
        self._rates = [float(group["lr"]) for group in groups]
        for group, rate, factor in zip(groups, self._rates, factors, strict=True):
            _set_rate(group, rate * factor)
        self.steps += 1
        # 1 - exp(-x) reaches 1.0 exactly in float64, so every kind ends.
        self.over = all(self.warmup.factor(self.steps, length) == 1.0 for length in self._lengths)

    def release(self) -> None:
        """Puts the undampened rates back, for the schedulers."""
        if self._rates:
            for group, rate in zip(self._groups(), self._rates, strict=True):
                _set_rate(group, rate)
            self._rates = []

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "over": self.over}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps, self.over = state["steps"], state["over"]


def _set_rate(group: dict[str, Any], rate: float) -> None:
    # A rate held in a tensor is shared with compiled or captured code: it must stay the same tensor.
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate
