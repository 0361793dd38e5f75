"""What norms of gradients say: too small in front, too large, adding up, none at all."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from torchwork.doctor.changes import set_to
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.rules.document import SYMPTOMS
from torchwork.doctor.signals import fallen, front_to_back

VANISHED, DEPTH, HARDLY = 1e-2, 5, 0.05
"""of the largest gradient; weights in a row; of the loss"""
EXPLODED, GROWN = 30.0, 10.0
"""norm of all gradients, and deviation of what a layer gives, in the first steps"""
ADDED, EVENLY = 0.9, 0.85
"""of the root of their number: so large is a sum of gradients that have nothing to do with each other, and one of such
that agree is larger; and the share of steps in which it grows"""
SUMMED = 15
"""steps, for fewer grow by luck in healthy runs"""
NEVER, ROUNDING = 8, 1e-6
"""looks at which a weight has not moved; and gradients against the size of their weight, of float32's rounding"""


@rule(
    "vanishing gradients",
    "gradients",
    "loss",
    source="AutoTrainer; Glorot and Bengio 2010",
    hides=("learning rate too low", "not learning", "saturated units", "labels without meaning"),
)
def vanishing(evidence: Evidence) -> Finding | None:
    found, share = front_to_back(evidence), fallen(evidence)
    if found is None or share is None or share > HARDLY or len(found[0]) < DEPTH:
        return None
    names, norms = found
    front = float(norms[: max(1, len(norms) // 3)].max())
    back = float(norms[-1])
    if not back > 0 or front > VANISHED * back or _dead(evidence):
        return None
    return finding(
        "alarm",
        f"Gradients hardly reach the first layers: {names[0]} does not learn.",
        f"their norm is {norms[0]:.1e} there and {back:.1e} in {names[-1]}; the loss has fallen by {share:.1%}",
        "Take ReLU or GELU with kaiming_normal_, put a normalisation behind each layer, or let inputs pass by.",
        layers=(names[0],), tags=(f"gradient_norm/{names[0]}", f"gradient_norm/{names[-1]}"),
    )  # fmt: skip


def _grows(evidence: Evidence) -> bool:
    """Whether a layer before the last gives far too large values from the start, where that was recorded."""
    first = [float(curve.values[0]) for curve in evidence.group("output_std").values()]
    return not first or max(first[:-1], default=0.0) > GROWN


def _dead(evidence: Evidence) -> bool:
    """Whether a whole layer is dead, which lets no gradient through either."""
    return any(curve.last > 0.95 for curve in evidence.group("dead_units").values())


@rule(
    "exploding gradients",
    "gradients",
    source="Pascanu 2013; AutoTrainer",
    hides=("learning rate too high", "diverged", "not learning", "loss spikes", "too sure at the start"),
)
def exploding(evidence: Evidence) -> Finding | None:
    norms = evidence.gradient
    assert norms is not None
    early = np.nan_to_num(norms.values[:3], nan=np.inf)
    usual = float(np.median(early))
    if len(early) < 3 or evidence.chance is None or usual < EXPLODED or not _grows(evidence):
        return None
    return finding(
        "alarm",
        f"Gradients are far too large from the start: their norm is {usual:.3g}.",
        f"{norms.values[0]:.3g} at step {norms.steps[0]}, {np.nanmax(norms.values):.3g} at most; "
        "healthy networks begin with 0.1 to 10",
        "Begin with smaller weights (of a recurrent layer orthogonal ones), normalise, and clip the gradients.",
        step=int(norms.steps[0]), tags=("step/gradient_norm",),
        changes=(set_to("clip at norm 1", "train.clip", {"norm": 1.0}),) if evidence.document is not None else (),
    )  # fmt: skip


@rule(
    "gradients add up",
    "gradients",
    source="measured on planted faults",
    hides=("learning rate too high", "exploding gradients", "diverged", "loss spikes", "not learning", "dead units"),
)
def adding_up(evidence: Evidence) -> Finding | None:
    norms = evidence.gradient
    assert norms is not None
    first = norms.values[norms.steps <= 20]
    if evidence.document is not None or evidence.facts:
        return None
    summed = [count for count in range(SUMMED, len(first) + 1) if _is_a_sum(first[:count])]
    if not summed:
        return None
    first = first[: summed[-1]]
    return finding(
        "alarm",
        "Gradients add up from step to step: zero_grad seems to be missing.",
        f"their norm grows evenly from {first[0]:.3g} to {first[-1]:.3g} in the first {len(first)} steps",
        "Call optimizer.zero_grad() before each loss.backward().",
        step=int(norms.steps[0]), tags=("step/gradient_norm",),
    )  # fmt: skip


def _is_a_sum(norms: NDArray[np.float64]) -> bool:
    """Whether norms [n] grow as evenly, and as much, as those of a sum to which each step adds one."""
    evenly = float((np.diff(norms) > 0).mean()) >= EVENLY
    return evenly and bool(norms[-1] >= ADDED * math.sqrt(len(norms)) * norms[0])


@rule("never trained", "updates", source="SageMaker Debugger, UnchangedTensor")
def never_trained(evidence: Evidence) -> Finding | None:
    found = {name: curve for name, curve in evidence.group("update_ratio").items() if len(curve) >= NEVER}
    still = [name for name, curve in found.items() if not np.nan_to_num(curve.values).any() and _asked(evidence, name)]
    if not still or len(still) == len(found):
        return None
    return finding(
        "warning",
        f"{still[0]} is never changed by the optimizer.",
        f"{len(still)} of {len(found)} parameters are as they were at the start",
        "Give the optimizer all parameters: it has to be made after the whole model.",
        layers=tuple(still), tags=tuple(f"update_ratio/{name}" for name in still[:3]),
    )  # fmt: skip


def _asked(evidence: Evidence, name: str) -> bool:
    """Whether a parameter has gradients that would move it, or none ever came, as of one that no optimizer knows.

    The bias in front of a batch norm has some, of rounding alone, and is too large to be moved by them.
    """
    norms, size = evidence.curve(f"gradient_norm/{name}"), evidence.curve(f"weight_norm/{name}")
    least = ROUNDING * (float(np.median(size.finite)) if size is not None and len(size.finite) else 0.0)
    return norms is None or bool((np.nan_to_num(norms.values) > max(least, 1e-12)).mean() > 0.5)


@rule("weights begin at zero", "updates", source="CS231n, symmetry breaking", hides=SYMPTOMS)
def from_zero(evidence: Evidence) -> Finding | None:
    changes = {name: item for name, item in evidence.group("update_ratio").items() if name.endswith("weight")}
    first = [(name, float(curve.values[0])) for name, curve in changes.items() if curve.steps[0] <= 1]
    zero = [name for name, value in first if abs(value - 1) < 1e-4 or _is_zero(evidence, name)]
    if len(zero) < 2 or 2 * len(zero) < len(first):
        return None
    return finding(
        "alarm",
        f"{len(zero)} of {len(first)} weights begin at zero, so all units of a layer learn the same, or nothing.",
        f"the first step changes {zero[0]} by as much as it has",
        "Let weights begin at random; only biases may begin at zero.",
        layers=tuple(zero), step=1, tags=(f"weight_norm/{zero[0]}",),
    )  # fmt: skip


def _is_zero(evidence: Evidence, name: str) -> bool:
    """Whether a weight is zero after the first step too."""
    norm = evidence.curve(f"weight_norm/{name}")
    return norm is not None and norm.values[0] == 0


@rule("not trained", "updates", source="measured on planted faults")
def not_trained(evidence: Evidence) -> Finding | None:
    trained = set(evidence.group("update_ratio"))
    there = [tag.removeprefix("weights/") for tag in evidence.kinds if tag.startswith("weights/")]
    still = [name for name in there if name not in trained]
    if evidence.document is not None or not still:
        return None
    return finding(
        "note",
        f"{still[0]} is frozen.",
        f"{len(still)} of {len(there)} parameters have requires_grad = False",
        "That is right where their weights were trained before; else let them be trained.",
        layers=tuple(still),
    )  # fmt: skip


RULES = (adding_up, from_zero, not_trained, exploding, vanishing, never_trained)
