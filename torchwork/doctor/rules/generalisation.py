"""Training against validation: learnt by heart, nothing that holds, wrong labels, one answer for all."""

from __future__ import annotations

import math

import numpy as np

from torchwork.doctor.changes import set_to
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change, Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.signals import fallen, rate_at_its_height, updates

RISEN, CHECKS = 1.25, 4
"""times the best validation loss, and epochs since"""
MOVING = 1e-3
STEPS, EPOCHS = 100, 3
NOISY, KNOWN = 0.9, 0.4
TOO_GOOD = 0.995


@rule(
    "overfitting",
    "validation",
    "loss",
    source="SageMaker Debugger, Overfit",
    hides=("validation better than training",),
)
def overfitting(evidence: Evidence) -> Finding | None:
    valid, train = evidence.valid_loss, evidence.train_loss
    if valid is None or train is None or len(valid) < CHECKS + 1 or len(train) < CHECKS + 1:
        return None
    if not np.isfinite(valid.values).all():
        return None
    best = int(np.argmin(valid.values))
    since, later = len(valid) - 1 - best, float(np.median(valid.values[-3:]))
    falls = float(np.mean(train.values[-3:])) < 0.9 * float(train.values[min(best, len(train) - 1)])
    if since < CHECKS or later < RISEN * valid.values[best] or not falls:
        return None
    return finding(
        "warning",
        f"The network learns its training samples by heart since epoch {best + 1}.",
        f"the validation loss has risen from {valid.values[best]:.3g} to {later:.3g}, "
        f"while that of training fell to {train.last:.3g}",
        "Stop at the best epoch, augment, or regularise; more samples help most.",
        step=int(valid.steps[best]), tags=("train/loss", "valid/loss"), changes=_early(evidence),
    )  # fmt: skip


def _early(evidence: Evidence) -> tuple[Change, ...]:
    if evidence.document is None or evidence.document.train.early_stop is not None:
        return ()
    return (set_to("stop early", "train.early_stop", {"patience": 5}),)


@rule(
    "labels without meaning",
    "validation",
    "accuracy",
    "chance",
    "updates",
    source="Zhang 2017, Understanding deep learning; [V]",
    hides=("overfitting", "not learning", "one class for all", "underfitting"),
)
def without_meaning(evidence: Evidence) -> Finding | None:
    valid, accuracy, guess, chance = evidence.valid_loss, evidence.valid_accuracy, evidence.guess, evidence.chance
    moved, loss = updates(evidence), evidence.loss
    assert valid is not None and accuracy is not None and chance is not None and loss is not None
    if guess is None or moved is None or len(valid) < EPOCHS or len(loss) < STEPS or not rate_at_its_height(evidence):
        return None
    if float(np.median(moved.values)) < MOVING or not np.isfinite(valid.values).all():
        return None
    count = max(evidence.samples("valid"), 1)
    by_luck = guess + 3 * math.sqrt(guess * (1 - guess) / count)
    if accuracy.values.max() > by_luck or valid.values.min() < 0.99 * chance:
        return None
    return finding(
        "warning",
        "Nothing that the network learns holds for validation: the labels seem not to belong to the inputs.",
        f"validation is right in {accuracy.values.max():.1%} at best, who guesses in {guess:.1%}; "
        f"its loss is {valid.values.min():.4g} at best, who guesses has {chance:.4g}; and the weights do move",
        "Look at samples with their labels in the data view: are both in the same order?",
        tags=("valid/accuracy", "valid/loss"),
    )  # fmt: skip


@rule("wrong labels", "validation", "accuracy", "chance", source="Northcutt 2021; [V]")
def wrong_labels(evidence: Evidence) -> Finding | None:
    return None


@rule("one class for all", "accuracy", "classes", source="Karpathy's recipe")
def one_class(evidence: Evidence) -> Finding | None:
    accuracy, share = evidence.valid_accuracy, fallen(evidence)
    assert accuracy is not None
    counts = evidence.counts("valid")
    total = sum(counts)
    if len(accuracy) < EPOCHS or not total or share is None or max(counts) < 2 * min(counts):
        return None
    shares = {round(count / total, 6) for count in counts}
    recent = accuracy.values[-EPOCHS:]
    if len({round(float(value), 6) for value in recent}) > 1 or round(float(recent[-1]), 6) not in shares:
        return None
    return finding(
        "warning",
        "The network gives the same class for all samples.",
        f"the validation accuracy is exactly the share of one class, {recent[-1]:.2%}",
        "Give the loss weights for the classes, and look at the learning rate.",
        tags=("valid/accuracy",),
    )  # fmt: skip


@rule("too good too soon", "accuracy", source="practice")
def too_good(evidence: Evidence) -> Finding | None:
    accuracy = evidence.valid_accuracy
    assert accuracy is not None
    if accuracy.values[0] < TOO_GOOD or evidence.samples("valid") < 100:
        return None
    return finding(
        "note",
        f"Validation is right in {accuracy.values[0]:.1%} after the first epoch: is the answer in the inputs?",
        "real tasks are seldom so easy",
        "Look for copies between the splits, and for columns or marks that give the class away.",
        tags=("valid/accuracy",),
    )  # fmt: skip


RULES = (overfitting, without_meaning, wrong_labels, one_class, too_good)
