"""What the loss itself says: where it began, whether it falls, whether it is a number."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from torchwork.doctor.changes import set_to
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.rules.document import BLOWING_UP, SOFTMAX, SYMPTOMS
from torchwork.doctor.signals import RECENT, fallen, now, rate_at_its_height, start

SURE = 1.3, 0.5
"""times what guessing costs, and so much more than it"""
STUCK, LONG, LUCK = 0.01, 200, 3.0
"""of the loss, so many steps, and standard errors by which the later half may lie below the earlier by luck"""
SPIKE, JUMP = 10.0, 2.0


@rule("diverged", "loss", source="SageMaker Debugger, ExplodingTensor")
def diverged(evidence: Evidence) -> Finding | None:
    loss, norms = evidence.loss, evidence.gradient
    assert loss is not None
    bad = loss.steps[~np.isfinite(loss.values)].tolist()
    bad += norms.steps[~np.isfinite(norms.values)].tolist()[1:] if norms is not None else []
    if not bad and not evidence.broke:
        return None
    step = min(bad) if bad else int(loss.steps[-1])
    return finding(
        "alarm",
        f"The loss is no number any more since step {step:,}.",
        evidence.broke or f"{len(bad)} values are NaN or infinite",
        "Lower the learning rate, clip the gradients, and look for logarithms of 0 and divisions by 0.",
        step=step, tags=("step/loss",),
        changes=(set_to("clip at norm 1", "train.clip", {"norm": 1.0}),) if evidence.document is not None else (),
    )  # fmt: skip


@rule("softmax twice, by what it gives", "outputs", source="measured on planted faults", hides=SYMPTOMS)
def softmax_output(evidence: Evidence) -> Finding | None:
    if evidence.document is not None or evidence.loss_name not in ("", "CrossEntropyLoss"):
        return None
    means, stds = evidence.group("output_mean"), evidence.group("output_std")
    name, mean = list(means.items())[-1]
    value, spread = mean.values, stds[name].values
    loss = evidence.loss
    if len(value) < 5 or loss is None or loss.values.min() < 0 or np.abs(value - value[0]).max() > 1e-4 * value[0]:
        return None
    classes = 1 / value[0] if value[0] > 0 else 0.0
    if classes < 2 or abs(classes - round(classes)) > 0.01 or spread.max() > 0.5 or spread.max() <= 0:
        return None
    return finding(
        "alarm",
        f"The network ends with {SOFTMAX[0]}: the outputs of its last layer are shares of 1.",
        f"their mean is always 1/{round(classes)}; if the loss is CrossEntropyLoss it takes the softmax once more, "
        f"and cannot fall below {math.log(math.e + classes - 1) - 1:.3g}",
        "Remove the softmax: the loss wants scores as they are.",
        layers=(name,), tags=(f"output_mean/{name}",),
    )  # fmt: skip


@rule("loss below zero", "loss", source="torch's documentation of NLLLoss", hides=BLOWING_UP)
def below_zero(evidence: Evidence) -> Finding | None:
    loss = evidence.loss
    assert loss is not None
    if evidence.loss_name not in ("NLLLoss", "CrossEntropyLoss", "BCELoss", "BCEWithLogitsLoss"):
        return None
    low = loss.steps[loss.values < -1e-4]
    if not len(low):
        return None
    return finding(
        "alarm",
        f"{evidence.loss_name} cannot be below zero, and it is since step {low[0]:,}.",
        f"its lowest value is {loss.finite.min():.3g}; what it gets are no logarithms of probabilities",
        "Take CrossEntropyLoss, or end the network with LogSoftmax.",
        step=int(low[0]), tags=("step/loss",),
    )  # fmt: skip


@rule(
    "too sure at the start",
    "loss",
    "chance",
    source="CS231n; Karpathy's recipe",
    hides=(
        "learning rate too high",
        "dead units",
        "not learning",
        "vanishing gradients",
        "loss spikes",
        "diverged",
    ),
)
def too_sure(evidence: Evidence) -> Finding | None:
    loss, classes = evidence.loss, evidence.classes
    assert loss is not None and classes is not None
    guessing = math.log(classes)
    first = float(loss.values[0])
    if loss.steps[0] > 1 or not first > max(SURE[0] * guessing, guessing + SURE[1]) or _trained_before(evidence):
        return None
    return finding(
        "warning",
        f"Before it has learnt anything the network is sure of wrong answers: its first loss is {first:.3g}.",
        f"who guesses among {classes} classes has {guessing:.3g}",
        "Begin with smaller weights in the last layer, and look at the scale of the inputs.",
        step=int(loss.steps[0]), tags=("step/loss",),
    )  # fmt: skip


def _trained_before(evidence: Evidence) -> bool:
    return evidence.document is not None and bool(evidence.document.model.weights)


@rule("not learning", "loss", source="SageMaker Debugger, LossNotDecreasing")
def not_learning(evidence: Evidence) -> Finding | None:
    loss, share = evidence.loss, fallen(evidence)
    assert loss is not None
    if share is None or len(loss) < LONG or share > STUCK or evidence.diverged or not rate_at_its_height(evidence):
        return None
    if _creeps_down(loss.values[RECENT:]):
        return None
    return finding(
        "warning",
        f"The loss has not fallen in {loss.steps[-1]:,} steps.",
        f"it is {now(evidence):.4g}; who knows nothing has {start(evidence):.4g}",
        "Try to overfit one batch: if that fails, loss or network are wrong; if not, try other learning rates.",
        tags=("step/loss",),
    )  # fmt: skip


def _creeps_down(losses: NDArray[np.float64]) -> bool:
    """Whether the later half [n] lies lower by more than luck, as of recurrent networks that leave their plateau."""
    earlier, later = np.array_split(losses, 2)
    error = math.sqrt(earlier.var() / len(earlier) + later.var() / len(later))
    return bool(earlier.mean() - later.mean() > LUCK * error)


@rule("loss spikes", "loss", "gradients", source="Google's tuning playbook")
def spikes(evidence: Evidence) -> Finding | None:
    loss, norms = evidence.loss, evidence.gradient
    assert loss is not None and norms is not None
    if len(norms.finite) < 30 or len(loss) < 200:
        return None
    middle = float(np.median(norms.finite))
    high = norms.steps[(norms.values > SPIKE * middle) & (norms.steps > 100)]
    jumps = [step for step in high.tolist() if _jumped(evidence, step)]
    if len(jumps) < 2:
        return None
    return finding(
        "note",
        f"The loss jumps up again and again, first at step {jumps[0]:,}.",
        f"{len(jumps)} times the gradients were more than {SPIKE:g} times as large as usual",
        "Clip the gradients, or warm up for longer.",
        step=jumps[0], tags=("step/gradient_norm", "step/loss"),
        changes=(set_to("clip at norm 1", "train.clip", {"norm": 1.0}),) if evidence.document is not None else (),
    )  # fmt: skip


def _jumped(evidence: Evidence, step: int) -> bool:
    loss = evidence.loss
    assert loss is not None
    place = int(np.searchsorted(loss.steps, step))
    before, there = loss.values[max(0, place - 50) : place], loss.values[place : place + 5]
    return bool(len(before) and len(there) and there.max() > JUMP * np.median(before))


RULES = (softmax_output, below_zero, diverged, too_sure, not_learning, spikes)
