"""What outputs of layers say: units that never answer, and units that always answer the same."""

from __future__ import annotations

import numpy as np

from torchwork.doctor.evidence import Curve, Evidence
from torchwork.doctor.finding import Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.signals import fallen

DEAD, ALL = 0.7, 0.95
SATURATED, HARDLY = 0.6, 0.1


@rule(
    "dead units",
    "units",
    source="Lu 2019; SageMaker Debugger",
    hides=("not learning", "learning rate too low", "labels without meaning"),
)
def dead(evidence: Evidence) -> Finding | None:
    shares = evidence.group("dead_units")
    found = {name: curve for name, curve in shares.items() if _persists(curve)}
    if not found:
        return None
    name, worst = max(found.items(), key=lambda item: item[1].last)
    return finding(
        "alarm" if worst.last >= ALL else "warning",
        f"{worst.last:.0%} of the units of {name} are dead: they are 0 whatever comes in.",
        f"so in {len(found)} of {len(shares)} layers; a dead unit gets no gradient and stays dead",
        "Look at biases far below zero and at the scale of the inputs; lower the learning rate, or take LeakyReLU.",
        layers=tuple(found), step=int(worst.steps[0]), tags=tuple(f"dead_units/{item}" for item in found),
    )  # fmt: skip


def _persists(curve: Curve) -> bool:
    """Whether most units were dead twice, or all of them at once."""
    return curve.last >= ALL or (len(curve) >= 2 and bool((curve.values[-2:] >= DEAD).all()))


@rule("saturated units", "saturation", "loss", source="Glorot and Bengio 2010", hides=("not learning",))
def saturated(evidence: Evidence) -> Finding | None:
    share = fallen(evidence)
    high = {
        name: float(np.median(curve.values[-5:]))
        for name, curve in evidence.group("output_saturated").items()
        if len(curve) >= 5 and np.median(curve.values[-5:]) >= SATURATED
    }
    if not high or share is None or share > HARDLY:
        return None
    name = max(high, key=lambda item: high[item])
    return finding(
        "warning",
        f"{high[name]:.0%} of the outputs of {name} lie at the ends of its range, where it has no slope.",
        f"and the loss has fallen by {share:.1%} only",
        "Normalise the inputs, begin with smaller weights, or put a normalisation in front of it.",
        layers=tuple(high), tags=tuple(f"output_saturated/{item}" for item in high),
    )  # fmt: skip


RULES = (dead, saturated)
