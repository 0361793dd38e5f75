"""What facts of the data say: inputs that are not normalised, copies, order, classes that are missing or rare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torchwork.doctor.changes import set_to
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change, Finding
from torchwork.doctor.network import NORMS
from torchwork.doctor.rule import finding, rule
from torchwork.doctor.rules.document import BLOWING_UP, SYMPTOMS

LOW, HIGH = 0.02, 8.0
"""the deviation of healthy inputs; means lie within FAR deviations"""
FAR = 4.0
UNEVEN = 100.0
"""how much more the widest feature of a table varies than a usual one"""
APART = 0.5
"""deviations between the means of two splits, or twice as wide"""
FEW_COPIES, MANY_COPIES = 0.005, 0.05
IN_ORDER = 0.5
"""how much more often than by chance a label is that of the sample before"""
RARE, FEW = 10.0, 3
"""times the rarest class; so many samples are no matter of classes"""
MOST, LEARNABLE = 0.7, 30
"""of all samples in one class; and samples of a class that something may be learnt from"""
WIDE_TARGET = 100.0


def _inputs(evidence: Evidence, split: str) -> list[Mapping[str, Any]]:
    found = (evidence.facts.get("inputs") or {}).get(split) or []
    return [item for item in found if "mean" in item]


def _auto(evidence: Evidence) -> tuple[Change, ...]:
    return (set_to("normalize: auto", "data.normalize", "auto"),) if evidence.document is not None else ()


@rule(
    "inputs not normalised",
    "facts",
    source="Karpathy's recipe; measured on planted faults",
    hides=(*BLOWING_UP, "splits differ"),
)
def not_normalised(evidence: Evidence) -> Finding | None:
    first = next((layer for layer in evidence.layers if layer.type not in ("Flatten", "flatten")), None)
    if first is not None and first.is_a("Embedding", *NORMS):
        return None
    for item in _inputs(evidence, "train"):
        mean, std = item["mean"], item["std"]
        stds = sorted(item.get("feature_std") or [std])
        wide = stds[-1] > HIGH and stds[-1] > UNEVEN * max(stds[len(stds) // 2], 1e-12)
        if not LOW <= std <= HIGH or abs(mean) > FAR * std or wide:
            return finding(
                "alarm" if not LOW / 5 <= std <= HIGH * 5 else "warning",
                "The network gets inputs that are not normalised.",
                f"mean {mean:.3g}, deviation {std:.3g}, from {item['min']:.3g} to {item['max']:.3g}; "
                "it learns best with mean 0 and deviation 1",
                "Normalise the inputs with the mean and deviation of the training samples.",
                changes=_auto(evidence),
            )  # fmt: skip
    return None


@rule(
    "inputs without content",
    "facts",
    source="Karpathy's recipe",
    hides=(*SYMPTOMS, "inputs not normalised", "splits differ"),
)
def constant_inputs(evidence: Evidence) -> Finding | None:
    flat = [item for item in _inputs(evidence, "train") if item["max"] - item["min"] < 1e-6]
    if not flat:
        return None
    return finding(
        "alarm",
        "All inputs of the network have the same value.",
        f"from {flat[0]['min']:.3g} to {flat[0]['max']:.3g} in all samples that were looked at",
        "Look at the samples in the data view, and at data.prepare.",
    )  # fmt: skip


@rule("splits differ", "facts", source="Karpathy's recipe", hides=("labels without meaning", "overfitting"))
def splits_differ(evidence: Evidence) -> Finding | None:
    pairs = zip(_inputs(evidence, "train"), _inputs(evidence, "valid"), strict=False)
    for train, valid in pairs:
        shift = abs(valid["mean"] - train["mean"]) / max(train["std"], 1e-12)
        scale = valid["std"] / max(train["std"], 1e-12)
        if min(evidence.samples("train"), evidence.samples("valid")) >= 50 and (shift > APART or not 0.5 <= scale <= 2):
            return finding(
                "alarm",
                "Validation samples do not look like those of training.",
                f"training has mean {train['mean']:.3g} and deviation {train['std']:.3g}, "
                f"validation {valid['mean']:.3g} and {valid['std']:.3g}",
                "Prepare both alike, and draw them from the same source.",
            )  # fmt: skip
    return None


@rule("validation copied from training", "facts", source="Barz and Denzler 2020, ciFAIR")
def copied(evidence: Evidence) -> Finding | None:
    share, usual = evidence.facts.get("copies", 0.0), evidence.facts.get("repeats", 0.0)
    if share - 2 * usual <= FEW_COPIES or _by_luck(share, 2 * usual, evidence.samples("valid")):
        return None
    return finding(
        "alarm" if share - 2 * usual > MANY_COPIES else "warning",
        f"{share:.1%} of the validation samples are also in training.",
        "each is equal to a training sample in every value, so its result says nothing of new samples",
        "Take them out of one of the two, or split by whatever the copies have in common.",
    )  # fmt: skip


def _by_luck(share: float, usual: float, samples: int) -> bool:
    """Whether so few of so many samples are copies that rows which repeat by chance explain it, as one row of iris."""
    return 0 < share * samples <= usual * samples + 3 * math.sqrt(max(usual * samples, 1.0))


@rule("samples in order", "facts", "classes", source="measured on planted faults", hides=SYMPTOMS)
def in_order(evidence: Evidence) -> Finding | None:
    counts = evidence.counts("train")
    by_chance = sum((count / max(sum(counts), 1)) ** 2 for count in counts)
    again = evidence.facts.get("sorted", 0.0)
    if evidence.document is None or evidence.document.data.shuffle or again - by_chance < IN_ORDER * (1 - by_chance):
        return None
    return finding(
        "alarm",
        "Training samples come class by class, for they are not shuffled.",
        f"{again:.0%} have the label of the one before; by chance it would be {by_chance:.0%}",
        "Shuffle them.",
        changes=(set_to("shuffle", "data.shuffle", True),),
    )  # fmt: skip


@rule("classes missing", "classes", source="practice", hides=("class imbalance",))
def missing(evidence: Evidence) -> Finding | None:
    train, valid = evidence.counts("train"), evidence.counts("valid")
    names = evidence.spec.get("classes") or [str(number) for number in range(len(train))]
    not_learnt = [names[place] for place, count in enumerate(train) if not count]
    not_tried = [names[place] for place, count in enumerate(valid) if not count and train[place]]
    if not not_learnt and not not_tried:
        return None
    where, gone = ("training", not_learnt) if not_learnt else ("validation", not_tried)
    shown = ", ".join(map(str, gone[:5])) + (", ..." if len(gone) > 5 else "")
    return finding(
        "alarm" if not_learnt else "warning",
        f"There is not one sample of some classes in {where}.",
        f"none of {shown}",
        "Split the samples so that each class is in both, for example a fraction of train.",
        changes=(set_to("valid: 0.1", "data.split.valid", 0.1),) if evidence.document is not None else (),
    )  # fmt: skip


@rule("class imbalance", "classes", source="SageMaker Debugger; Karpathy's recipe")
def imbalance(evidence: Evidence) -> Finding | None:
    counts = [count for count in evidence.counts("train") if count]
    weighted = evidence.document is not None and "weight" in evidence.document.loss.args
    if weighted or evidence.spec.get("encoding", {}).get("attached") or max(counts) <= RARE * (min(counts) + FEW):
        return None
    harms = max(counts) > MOST * sum(counts) or min(counts) < LEARNABLE
    return finding(
        "warning" if harms else "note",
        f"The most frequent class has {max(counts) / min(counts):.0f} times as many samples as the rarest.",
        f"{max(counts):,} and {min(counts):,} samples; "
        f"who always says the most frequent is right in {max(counts) / sum(counts):.0%}",
        "Give the loss weights for the classes, and look at each class in the predictions.",
        changes=_class_weights(evidence),
    )  # fmt: skip


def _class_weights(evidence: Evidence) -> tuple[Change, ...]:
    """Weights that count the square root of how rare a class is: the whole of it makes rare samples too loud."""
    counts = evidence.counts("train")
    if (
        evidence.document is None
        or evidence.document.loss.name != "CrossEntropyLoss"
        or not all(counts)
        or len(counts) > 50
    ):
        return ()
    mean = sum(counts) / len(counts)
    weights = [float(f"{math.sqrt(mean / count):.3g}") for count in counts]
    return (set_to("weights for the classes", "loss.CrossEntropyLoss.weight", weights),)


@rule("targets far from zero", "facts", source="practice", hides=("cannot learn a few samples",))
def wide_targets(evidence: Evidence) -> Finding | None:
    values = (evidence.facts.get("targets") or {}).get("train") or {}
    size = max(abs(values.get("mean", 0.0)), values.get("std", 0.0))
    if size <= WIDE_TARGET or evidence.loss_name not in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
        return None
    return finding(
        "warning",
        "The values to predict are large, so that the loss and its gradients are too.",
        f"mean {values['mean']:.3g}, deviation {values['std']:.3g}",
        "Divide them by their deviation before training, or by a round number such as 1000.",
    )  # fmt: skip


@rule("values that are no numbers", "facts", source="practice", hides=BLOWING_UP)
def no_numbers(evidence: Evidence) -> Finding | None:
    found = [item for split in (evidence.facts.get("inputs") or {}).values() for item in split]
    share = min((item.get("finite", 1.0) for item in found), default=1.0)
    if share >= 1.0:
        return None
    return finding(
        "alarm",
        "Some inputs of the network are NaN or infinite.",
        f"{1 - share:.2%} of the values that were looked at; one is enough to make all weights NaN",
        "Mend the data, or leave these samples out.",
    )  # fmt: skip


RULES = (no_numbers, constant_inputs, not_normalised, in_order, missing, copied, splits_differ, imbalance, wide_targets)
