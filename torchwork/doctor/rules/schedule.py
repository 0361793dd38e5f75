"""Settings of the training that cannot fit: schedules in other units, too few steps, momentum, decay, clipping."""

from __future__ import annotations

import math

import numpy as np

from torchwork.doctor.changes import set_to, unset
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change, Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.rules.document import BLOWING_UP, SYMPTOMS

SLOW = ("not learning", "learning rate too low", "labels without meaning", "wrong labels")
"""What is only a consequence of steps that are too few or too small."""
GONE = 1e-3
"""of the highest learning rate"""
EARLY = 0.6
"""of the training still to come"""
FEW_STEPS, HARDLY_ANY = 60, 30
COUPLED = ("SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Adamax", "ASGD")
"""optimizers whose weight decay is added to the gradient"""
HIGH_DECAY, HIGH_DECOUPLED = 0.1, 1.0
HIGH_MOMENTUM = 0.99
CLIPPED, HARD = 0.9, 20.0
ADAPTIVE = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "RMSprop", "Adagrad", "Adadelta", "Rprop", "Muon", "Adafactor")


def _units(evidence: Evidence) -> float | None:
    """How often the schedule steps in the whole training."""
    document = evidence.document
    if document is None or document.schedule is None:
        return None
    by_step = document.schedule.every == "step" or document.schedule.name in ("OneCycleLR", "CyclicLR")
    return evidence.planned if by_step else evidence.epochs


@rule(
    "learning rate gone too soon",
    "document",
    source="Google's tuning playbook",
    hides=(*SLOW, "learning rate gone"),
)
def gone(evidence: Evidence) -> Finding | None:
    document, units = evidence.document, _units(evidence)
    assert document is not None
    if document.schedule is None or not units:
        return None
    args, name = document.schedule.args, document.schedule.name
    gamma, size = args.get("gamma", 0.1), args.get("step_size", 1)
    if (
        name not in ("StepLR", "ExponentialLR")
        or not isinstance(gamma, int | float)
        or not isinstance(size, int | float)
    ):
        return None
    if not 0 < gamma < 1:
        return None
    until = math.log(GONE) / math.log(gamma) * size
    if until > (1 - EARLY) * units:
        return None
    changes: tuple[Change, ...] = ()
    if document.schedule.every == "step":
        changes = (set_to("every: epoch", "schedule.every", "epoch"),)
    return finding(
        "warning",
        f"{name} takes the learning rate away long before the training ends.",
        f"after {until:.0f} of {units:g} steps of the schedule it is a thousandth",
        "Let it step each epoch instead of each batch, or give it larger numbers.",
        tags=("step/lr",), changes=changes,
    )  # fmt: skip


@rule(
    "learning rate gone",
    "rate",
    "loss",
    source="Google's tuning playbook",
    hides=("learning rate too low", "not learning"),
)
def gone_already(evidence: Evidence) -> Finding | None:
    rate, planned = evidence.rate, evidence.planned
    assert rate is not None
    if planned is None or len(rate) < 5 or not rate.finite.size or rate.steps[-1] > EARLY * planned:
        return None
    highest = float(rate.finite.max())
    if rate.last > GONE * highest or evidence.written_schedule in (
        "CosineAnnealingWarmRestarts",
        "CyclicLR",
        "OneCycleLR",
    ):
        return None
    place = int(rate.steps[int(np.argmax(rate.values <= GONE * highest))])
    return finding(
        "warning",
        "The learning rate is as good as nothing, and most of the training is still to come.",
        f"{rate.last:.2g} since step {place:,} of {planned:,}; it was {highest:.2g}",
        "Look at the schedule: does it count epochs or steps?",
        step=place, tags=("step/lr",),
    )  # fmt: skip


@rule("schedule longer than training", "document", source="Google's tuning playbook")
def longer(evidence: Evidence) -> Finding | None:
    document, units = evidence.document, _units(evidence)
    assert document is not None
    if document.schedule is None or not units:
        return None
    name = document.schedule.name
    key = {
        "CosineAnnealingLR": "T_max",
        "StepLR": "step_size",
        "OneCycleLR": "total_steps",
        "PolynomialLR": "total_iters",
    }.get(name)
    length = document.schedule.args.get(key) if key else None
    if not isinstance(length, int | float) or length < 3 * units:
        return None
    unit = "steps" if units == evidence.planned else "epochs"
    return finding(
        "warning",
        f"{name} is made for {length:g} steps of its own, and the training gives it {units:g}.",
        f"{key}: {length:g}; so the learning rate hardly changes",
        "Give it the length of the training.",
        tags=("step/lr",), changes=(set_to(f"{key}: {unit}", f"schedule.{name}.{key}", unit),),
    )  # fmt: skip


@rule("schedule shorter than training", "document", source="torch's documentation of CosineAnnealingLR")
def shorter(evidence: Evidence) -> Finding | None:
    document, units = evidence.document, _units(evidence)
    assert document is not None
    if document.schedule is None or not units or document.schedule.name != "CosineAnnealingLR":
        return None
    length = document.schedule.args.get("T_max")
    if not isinstance(length, int | float) or length > 0.7 * units:
        return None
    unit = "steps" if units == evidence.planned else "epochs"
    return finding(
        "warning",
        "CosineAnnealingLR is at its end before the training is, and then lets the learning rate rise again.",
        f"T_max: {length:g}; the training has {units:g} such steps",
        "Give it the length of the training, or take CosineAnnealingWarmRestarts if that is meant.",
        tags=("step/lr",), changes=(set_to(f"T_max: {unit}", "schedule.CosineAnnealingLR.T_max", unit),),
    )  # fmt: skip


@rule("too few steps", "document", source="practice", hides=SLOW)
def too_few(evidence: Evidence) -> Finding | None:
    document, planned = evidence.document, evidence.planned
    assert document is not None
    if planned is None or planned >= FEW_STEPS or document.model.weights or document.optimizer.name == "LBFGS":
        return None
    samples = evidence.samples("train")
    change = set_to("batch_size 32", "data.batch_size", 32)
    if document.data.batch_size <= 32:
        change = set_to("ten times the epochs", "train.epochs", 10 * document.train.epochs)
    return finding(
        "warning" if planned < HARDLY_ANY else "note",
        f"The whole training has only {planned} steps.",
        f"{samples:,} samples in batches of {document.data.batch_size}, {document.train.epochs} epochs; "
        "most networks need hundreds",
        "Take smaller batches or more epochs.",
        changes=(change,),
    )  # fmt: skip


@rule("momentum too high", "document", source="Goh 2017, Why Momentum Really Works", hides=BLOWING_UP)
def momentum(evidence: Evidence) -> Finding | None:
    assert evidence.document is not None
    optimizer = evidence.document.optimizer
    found = optimizer.args.get("momentum")
    if not isinstance(found, int | float) or found <= HIGH_MOMENTUM:
        return None
    return finding(
        "warning",
        f"With a momentum of {found:g} each gradient acts on for {1 / max(1 - found, 1e-9):,.0f} steps.",
        f"so the steps become {1 / max(1 - found, 1e-9):,.0f} times as large as the learning rate says; usual is 0.9",
        "Lower the momentum.",
        changes=(set_to("momentum 0.9", f"optimizer.{optimizer.name}.momentum", 0.9),),
    )  # fmt: skip


@rule("weight decay too high", "document", source="practice; measured on planted faults", hides=SYMPTOMS)
def decay(evidence: Evidence) -> Finding | None:
    assert evidence.document is not None
    optimizer = evidence.document.optimizer
    found = optimizer.args.get("weight_decay")
    limit = HIGH_DECAY if optimizer.name in COUPLED else HIGH_DECOUPLED
    decoupled = optimizer.args.get("decoupled_weight_decay") is True
    if not isinstance(found, int | float) or found < (HIGH_DECOUPLED if decoupled else limit):
        return None
    return finding(
        "warning",
        f"A weight decay of {found:g} pulls the weights to zero faster than they can learn.",
        f"usual for {optimizer.name} are {'0.0001 to 0.001' if limit == HIGH_DECAY else '0.01 to 0.1'}",
        "Lower it.",
        changes=(set_to(f"weight_decay {limit / 200:g}", f"optimizer.{optimizer.name}.weight_decay", limit / 200),),
    )  # fmt: skip


@rule(
    "clipping too hard",
    "document",
    "gradients",
    source="Google's tuning playbook",
    hides=("learning rate too low", "not learning", "labels without meaning"),
)
def clipping(evidence: Evidence) -> Finding | None:
    document, norms = evidence.document, evidence.gradient
    assert document is not None and norms is not None
    clip = document.train.clip
    limit = clip.norm if clip is not None else None
    if limit is None or len(norms.finite) < 5 or document.optimizer.name in ADAPTIVE:
        return None
    middle = float(np.median(norms.finite))
    share = float((norms.finite > limit).mean())
    if share < CLIPPED or middle < HARD * limit:
        return None
    usual = f"{float(np.quantile(norms.finite, 0.9)):.1g}"
    return finding(
        "warning",
        f"Gradients are cut to a norm of {limit:g} in {share:.0%} of the steps.",
        f"their norm is {middle:.3g} in the middle, "
        f"so the steps are {middle / limit:.0f} times as small as the learning rate says",
        "Raise the limit to about the largest tenth of the norms, or take it away.",
        tags=("step/gradient_norm",),
        changes=(set_to(f"clip at {usual}", "train.clip.norm", float(usual)), unset("no clipping", "train.clip")),
    )  # fmt: skip


RULES = (gone, gone_already, longer, shorter, too_few, momentum, decay, clipping)
