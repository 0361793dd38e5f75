"""Whether the learning rate is too high or too low: never by one sign alone."""

from __future__ import annotations

import numpy as np

from torchwork.doctor.changes import other_rate, peak
from torchwork.doctor.evidence import Curve, Evidence
from torchwork.doctor.finding import Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.signals import fallen, longest_high, rate_at_its_height, start, updates

LARGE, HUGE = 0.06, 0.3
"""of its size, by which the middle weight tensor changes in a step, three looks in a row"""
RISEN, JUMPED = 1.6, 5.0
"""times the loss of guessing"""
HARDLY = 0.05
SMALL = 5e-4
DYING = 0.6
LONG = 100
"""steps"""
BEGUN, LOOKS, GROWING = 20, 8, 1.3
"""steps after which momentum is there, looks since, and times as large as before: so a network leaves its plateau"""
USUAL = {"SGD": 1.5, "Adadelta": 10.0, "LBFGS": 10.0, "Rprop": 1.0, "ASGD": 1.0, "Adagrad": 0.2, "Muon": 0.5}
"""The highest usual learning rates; of the relatives of Adam 0.03."""


@rule(
    "learning rate too high",
    "loss",
    "updates",
    source="CS231n; measured on planted faults",
    hides=(
        "dead units",
        "not learning",
        "diverged",
        "vanishing gradients",
        "loss spikes",
        "labels without meaning",
        "learning rate unusual",
        "saturated units",
        "one class for all",
    ),
)
def too_high(evidence: Evidence) -> Finding | None:
    changes, loss = updates(evidence), evidence.loss
    assert loss is not None
    if changes is None:
        return None
    change, second = longest_high(changes), _second(evidence)
    if change < LARGE or not second:
        return None
    return finding(
        "alarm",
        "The learning rate is too high.",
        f"weights change by {change:.0%} of their size in a step, usual are 0.1 % to 3 %; and {second}",
        "Divide it by 3 to 10, or let it rise slowly with a warm-up.",
        step=int(changes.steps[0]), tags=("step/loss", "step/gradient_norm"), changes=other_rate(evidence, 0.1),
    )  # fmt: skip


def _second(evidence: Evidence) -> str:
    """Another sign that the steps are too large; empty without one."""
    loss, begun, share = evidence.loss, start(evidence), fallen(evidence)
    assert loss is not None
    if evidence.diverged:
        return "the loss is no number any more"
    later = loss.finite[1:]
    if begun and len(later) >= 3 and float(np.sort(later)[-3]) > max(JUMPED * begun, RISEN * float(loss.values[0])):
        return f"the loss has jumped from {begun:.3g} to {later.max():.3g}"
    changes = updates(evidence)
    still = changes is not None and float(np.median(changes.values[-6:])) > LARGE
    if share is not None and share < HARDLY and len(loss) >= LONG and still:
        return f"the loss has fallen by {max(share, 0.0):.1%} only in {loss.steps[-1]:,} steps"
    dead = [curve.last for curve in evidence.group("dead_units").values()]
    if dead and max(dead) > DYING and share is not None and share < HARDLY:
        return f"{max(dead):.0%} of the units of a layer have died"
    return ""


@rule(
    "learning rate too low",
    "loss",
    "updates",
    source="CS231n; measured on planted faults",
    hides=("not learning", "labels without meaning"),
)
def too_low(evidence: Evidence) -> Finding | None:
    changes, share, loss = updates(evidence), fallen(evidence), evidence.loss
    assert loss is not None
    if changes is None or share is None or len(loss) < LONG or evidence.diverged or _grow(changes):
        return None
    if evidence.document is not None and evidence.document.model.weights:
        return None  # who tunes trained weights wants small steps
    change = float(np.median(changes.values[-10:]))
    if not 0 < change < SMALL or not -HARDLY < share < 2 * HARDLY or not rate_at_its_height(evidence):
        return None
    return finding(
        "warning",
        "The learning rate is too low.",
        f"weights change by {change:.2%} of their size in a step, usual are 0.1 % to 3 %; "
        f"and the loss has fallen by {share:.1%} only in {loss.steps[-1]:,} steps",
        "Multiply it by 10, and again while the loss falls faster.",
        tags=("step/loss",), changes=other_rate(evidence, 10.0),
    )  # fmt: skip


def _grow(changes: Curve) -> bool:
    """Whether weights change more and more, or it is too early to tell."""
    later = changes.values[changes.steps > BEGUN]
    if len(later) < LOOKS:
        return True
    before, now = np.array_split(later[-2 * LOOKS :], 2)
    return float(np.median(now)) > GROWING * float(np.median(before))


@rule("learning rate unusual", "document", source="torch's defaults; practice")
def unusual(evidence: Evidence) -> Finding | None:
    found, name = peak(evidence), evidence.optimizer_name
    limit = USUAL.get(name, 0.03)
    if found is None or found[1] <= limit:
        return None
    return finding(
        "note",
        f"A learning rate of {found[1]:g} is higher than usual for {name}.",
        f"usual are up to {limit:g}",
        "Watch the loss in the first steps: if it jumps, divide the rate by 10.",
        tags=("step/loss",), changes=other_rate(evidence, 0.1),
    )  # fmt: skip


RULES = (too_high, too_low, unusual)
