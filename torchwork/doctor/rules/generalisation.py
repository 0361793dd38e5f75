"""Training against validation: learnt by heart, nothing that holds, wrong labels, one answer for all."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from torchwork.doctor.changes import set_to
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change, Finding
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.signals import fallen, rate_at_its_height, updates

RISEN, CHECKS, WOBBLES = 1.25, 4, 2.0
"""times the best validation loss, epochs since, and how many of its usual changes from one epoch to the next"""
MOVING = 1e-3
STEPS, EPOCHS = 300, 3
NOISY, KNOWN, SETTLED = 1.0, 0.2, 5
"""surprise, accuracy above chance, and epochs"""
LEAST_TRAIN, LEAST_VALID = 0.88, 1.0
MANY_CLASSES, MANY_SAMPLES = 5, 500
TOO_GOOD = 0.995
STILL, FLAT, ALIKE, KNOWN_LOSS = 5, 0.02, 1.05, 0.3
"""epochs in which the loss falls by no more than this; times the training loss; of the loss of guessing"""
EASIER = 0.02
ENOUGH, OFF = 1000, 0.05
"""samples; and the error of calibration, which is also how much surer it is than right"""


@rule(
    "overfitting",
    "validation",
    "loss",
    source="SageMaker Debugger, Overfit",
    hides=(),
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
    if since < CHECKS or later < RISEN * valid.values[best] or not falls or _wobbles(valid.values, best):
        return None
    return finding(
        "warning",
        f"The network learns its training samples by heart since epoch {best + 1}.",
        f"the validation loss has risen from {valid.values[best]:.3g} to {later:.3g}, "
        f"while that of training fell to {train.last:.3g}",
        "Stop at the best epoch, augment, or regularise; more samples help most.",
        step=int(valid.steps[best]), tags=("train/loss", "valid/loss"), changes=_early(evidence),
    )  # fmt: skip


def _wobbles(losses: NDArray[np.float64], best: int) -> bool:
    """Whether losses [n] go up and down so much that the lowest was luck, as where validation has few samples."""
    usual = float(np.median(np.abs(np.diff(losses[max(0, best - 2) :]))))
    return float(np.median(losses[-3:])) - float(losses[best]) < WOBBLES * usual


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
    source="Zhang 2017, Understanding deep learning; measured on planted faults",
    hides=("overfitting", "not learning"),
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
    if valid.last < min(chance, *valid.values[:-1]):
        return None  # it still falls and may only need time: a recurrent network stands on its plateau for long
    return finding(
        "warning",
        "Nothing that the network learns holds for validation: the labels seem not to belong to the inputs.",
        f"validation is right in {accuracy.values.max():.1%} at best, who guesses in {guess:.1%}; "
        f"its loss is {valid.values.min():.4g} at best, who guesses has {chance:.4g}; and the weights do move",
        "Look at samples with their labels in the data view: are both in the same order? If so, try a few samples.",
        tags=("valid/accuracy", "valid/loss"),
    )  # fmt: skip


@rule(
    "wrong labels", "validation", "accuracy", "chance", "updates", source="Northcutt 2021; measured on planted faults"
)
def wrong_labels(evidence: Evidence) -> Finding | None:
    """Mistakes on hard samples fall on few classes; those of wrong labels on all alike, and no loss can be lower."""
    surprise = _surprise(evidence)
    accuracy = evidence.train_accuracy
    moved = updates(evidence)
    if surprise is None or accuracy is None or surprise < NOISY or _softened(evidence):
        return None
    if moved is None or float(np.median(moved.values)) < MOVING:
        return None
    return finding(
        "warning",
        "Some of the labels seem to be wrong.",
        f"training is right in {accuracy.last:.0%}, and its loss is as if every mistake could be any other class; "
        "hard samples are mistaken for few classes",
        "Look at the worst mistakes in the predictions, and at their labels.",
        tags=("train/loss", "valid/loss"),
    )  # fmt: skip


def _surprise(evidence: Evidence) -> float | None:
    """The loss against that of who is wrong as often and then could say any class; training and validation together.

    None while the network knows little, or goes on to learn.
    """
    train, valid, classes = evidence.train_accuracy, evidence.valid_accuracy, evidence.classes
    losses = evidence.train_loss, evidence.valid_loss
    if train is None or valid is None or classes is None or losses[0] is None or losses[1] is None:
        return None
    if classes < MANY_CLASSES or evidence.samples("train") < MANY_SAMPLES:
        return None
    if len(train) < SETTLED or len(valid) < SETTLED or valid.last < 1 / classes + KNOWN or train.last > 0.97:
        return None
    if len(losses[1]) < SETTLED or losses[1].last < losses[1].values[:-1].min():
        return None
    ratios = [
        float(np.median(loss.values[-2:])) / _even(float(np.median(right.values[-2:])), classes)
        for loss, right in zip(losses, (train, valid), strict=True)
        if loss is not None
    ]
    return min(ratios[0] / LEAST_TRAIN, ratios[1] / LEAST_VALID)


def _even(accuracy: float, classes: int) -> float:
    """The lowest cross entropy of who is right so often, where all wrong classes are equally likely."""
    wrong = min(max(1 - accuracy, 1e-6), 1 - 1e-6)
    return -(1 - wrong) * math.log(1 - wrong) - wrong * math.log(wrong / (classes - 1))


def _softened(evidence: Evidence) -> bool:
    """Whether labels are mixed or smoothed, or the network made unsure on purpose."""
    document = evidence.document
    if document is None:
        return False
    mixed = any(part.name in ("MixUp", "CutMix") for part in document.data.augment)
    return mixed or "label_smoothing" in document.loss.args or any(layer.is_a("Dropout") for layer in evidence.layers)


@rule(
    "one class for all",
    "accuracy",
    "classes",
    source="Karpathy's recipe",
    hides=("labels without meaning", "not learning"),
)
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


@rule("underfitting", "validation", "loss", "chance", source="CS231n")
def underfitting(evidence: Evidence) -> Finding | None:
    """Training that stands still, far from done, and no better than validation: never more than worth knowing, for
    wrong labels and hard tasks look the same."""
    train, valid, chance = evidence.train_loss, evidence.valid_loss, evidence.chance
    assert valid is not None and chance is not None
    if (
        train is None
        or min(len(train), len(valid)) < STILL
        or _regularised(evidence)
        or not rate_at_its_height(evidence)
    ):
        return None
    recent, beside = train.values[-STILL:], valid.values[-STILL:]
    if not np.isfinite([*recent, *beside]).all() or not KNOWN_LOSS * chance < recent[-1] < 0.95 * chance:
        return None
    if recent[0] - recent.min() > FLAT * recent[0] or np.median(beside) > ALIKE * np.median(recent):
        return None
    return finding(
        "note",
        "The network has learnt what it can, and training samples are no easier for it than new ones.",
        f"the training loss is {recent[-1]:.3g} and has hardly fallen in {STILL} epochs; validation has "
        f"{beside[-1]:.3g}, who guesses has {chance:.3g}",
        "A larger network may do better, if the labels are right and the inputs say more.",
        tags=("train/loss", "valid/loss"),
    )  # fmt: skip


def _regularised(evidence: Evidence) -> bool:
    """Whether training is made harder on purpose, so that its numbers are no match for those of validation."""
    document = evidence.document
    return _softened(evidence) or (document is not None and bool(document.data.augment))


@rule("validation better than training", "accuracy", "train accuracy", source="Karpathy's recipe")
def better_on_validation(evidence: Evidence) -> Finding | None:
    """Each validation is compared with the epoch behind it, for training is measured while it still learns."""
    train, valid = evidence.train_accuracy, evidence.valid_accuracy
    assert train is not None and valid is not None
    count = min(len(train), len(valid))
    samples = evidence.samples("valid")
    if count < EPOCHS + 1 or not samples or _regularised(evidence) or evidence.document is None:
        return None
    before, behind = valid.values[count - EPOCHS - 1 : count - 1], train.values[count - EPOCHS : count]
    luck = 3 * np.sqrt(np.clip(behind * (1 - behind), 1e-4, None) / samples)
    if not (before > behind + EASIER + luck).all():
        return None
    return finding(
        "warning",
        "Validation is easier than training.",
        f"it was right in {before[-1]:.1%}, and training in {behind[-1]:.1%} in the epoch behind it; "
        "nothing makes training harder on purpose",
        "Look whether both are drawn alike, whether copies are in both, and whether only training has wrong labels.",
        tags=("train/accuracy", "valid/accuracy"),
    )  # fmt: skip


@rule("too sure of itself", "calibration", source="Guo 2017, On Calibration of Modern Neural Networks")
def too_sure_of_itself(evidence: Evidence) -> Finding | None:
    found = evidence.trials["calibration"]
    if found["samples"] < ENOUGH or found["error"] < OFF or found["confidence"] - found["accuracy"] < OFF:
        return None
    return finding(
        "note",
        "The network is surer of its answers than it is right.",
        f"it gives its answers {found['confidence']:.0%} on average, and {found['accuracy']:.0%} of them are right; "
        f"the calibration error is {found['error']:.2f}, from {found['samples']:.0f} samples",
        "Divide its scores by a temperature fitted on validation; label smoothing and stopping earlier help too.",
    )  # fmt: skip


RULES = (overfitting, without_meaning, wrong_labels, one_class, too_good, better_on_validation, underfitting,
         too_sure_of_itself)  # fmt: skip
