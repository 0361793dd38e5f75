"""What short trials before training say: whether the network can learn at all, and whether its samples stay apart."""

from __future__ import annotations

from torchwork.doctor.changes import with_args
from torchwork.doctor.evidence import CROSS_ENTROPIES, Evidence
from torchwork.doctor.finding import Change, Finding
from torchwork.doctor.rule import finding, rule

UNLEARNT, ENOUGH = 0.3, 150
"""of the first loss is left, after so many steps"""
SAME, MIXED = 1e-5, 1e-3
"""of the size of the outputs"""
SURE, SURER, KNOWING = (1.3, 0.5), 4.0, 0.7
"""times the loss of equal scores and so much more; of other losses times that of zeros; of the loss of equal scores"""
APART, NOTABLE = 1.5, 0.05
"""times the loss with the averages of each batch; of the loss of equal scores"""
TAKING_TURNS = ("RNN", "LSTM", "GRU", "MultiheadAttention", "Transformer", "TransformerEncoderLayer",
                "TransformerDecoderLayer")  # fmt: skip
"""layers that take time before samples, unless told otherwise"""
SCORED = (*CROSS_ENTROPIES, "BCEWithLogitsLoss")


@rule(
    "samples mix in a batch", "neighbours", source="Karpathy's recipe",
    hides=("cannot learn a few samples", "not learning", "labels without meaning", "another network in evaluation"),
)  # fmt: skip
def mixed(evidence: Evidence) -> Finding | None:
    changes = evidence.trials["neighbours"]["changes"]
    if not changes > MIXED:
        return None
    layers = [layer for layer in evidence.layers if layer.type in TAKING_TURNS and not layer.args.get("batch_first")]
    fixes: tuple[Change, ...] = tuple(
        change for layer in layers for change in with_args(layer, "batch_first: true", batch_first=True)
    )
    advice = "Look for reshape, permute, flatten or softmax over the dimension of the samples, which is the first."
    return finding(
        "alarm",
        "What the network says of a sample depends on the other samples of its batch.",
        f"its outputs change by {changes:.1%} of their size with other neighbours, in evaluation too",
        f"{layers[0].name} takes time before samples: set batch_first." if layers else advice,
        layers=tuple(layer.name for layer in layers), changes=fixes,
    )  # fmt: skip


@rule(
    "inputs without effect", "few samples", "inputs", source="Karpathy's recipe",
    hides=("cannot learn a few samples", "not learning", "labels without meaning", "dead units"),
)  # fmt: skip
def without_effect(evidence: Evidence) -> Finding | None:
    differ = evidence.trials["inputs"]["differ"]
    if differ > SAME or not _unlearnt(evidence):
        return None
    return finding(
        "alarm",
        "The network gives the same outputs whatever it gets, and cannot learn otherwise.",
        f"outputs differ by {differ:.1g} of their size between samples; {_tried(evidence)}",
        "Look for layers that are dead, that get no input, or that shrink everything to nothing.",
    )  # fmt: skip


@rule("cannot learn a few samples", "few samples", source="CS231n; Karpathy's recipe", hides=("not learning",))
def few(evidence: Evidence) -> Finding | None:
    if not _unlearnt(evidence):
        return None
    return finding(
        "alarm",
        "The network cannot even learn a few samples by heart.",
        _tried(evidence),
        "Loss, labels or network are wrong: look at a sample with its label, and at what the network gives for it.",
    )  # fmt: skip


def _unlearnt(evidence: Evidence) -> bool:
    found = evidence.trials["few samples"]
    return found["steps"] >= ENOUGH and not found["last"] <= UNLEARNT * found["first"]


def _tried(evidence: Evidence) -> str:
    found = evidence.trials["few samples"]
    return (
        f"after {found['steps']:.0f} steps of Adam on the same {found['samples']:.0f} samples the loss is "
        f"{found['last']:.3g}, it began at {found['first']:.3g}"
    )


@rule("loss at the start", "start", source="CS231n; Karpathy's recipe", hides=("too sure at the start",))
def first_loss(evidence: Evidence) -> Finding | None:
    found = evidence.trials["start"]
    loss, guess = found["loss"], found["outputs are zero"]
    if not guess > 0 or (evidence.document is not None and evidence.document.model.weights):
        return None
    scored = evidence.loss_name in SCORED
    if loss > (max(SURE[0] * guess, guess + SURE[1]) if scored else SURER * guess):
        sentence = "Before it has learnt anything the network is sure of wrong answers."
        advice = "Begin with smaller weights in the last layer, and look at the scale of the inputs."
    elif scored and loss < KNOWING * guess:
        sentence = "Before it has learnt anything the network knows the answers."
        advice = "Look for the labels among the inputs, and at how the loss is made."
    else:
        return None
    return finding("warning", sentence, f"its loss is {loss:.3g}; outputs of zero would have {guess:.3g}", advice)


@rule("another network in evaluation", "gap", source="Karpathy's recipe; torch's documentation of BatchNorm2d")
def gap(evidence: Evidence) -> Finding | None:
    found = evidence.trials["gap"]
    evaluated, trained = found["evaluation"], found["training"]
    notable = NOTABLE * evidence.trials.get("start", {}).get("outputs are zero", trained)
    if not evaluated > max(APART * trained, trained + notable):
        return None
    norms = [layer for layer in evidence.layers if layer.is_a("BatchNorm") and layer.args.get("momentum", 0.1) != 0.1]
    fixes: tuple[Change, ...] = tuple(
        change for layer in norms for change in with_args(layer, "momentum: 0.1", momentum=0.1)
    )
    return finding(
        "warning",
        "In evaluation the network is much worse than in training, on the same samples.",
        f"its loss is {evaluated:.3g} with the averages that batch norm has kept, and {trained:.3g} with those of the "
        "batch at hand",
        "Train for longer, take larger batches or a higher momentum of batch norm, or GroupNorm instead.",
        layers=tuple(layer.name for layer in norms), changes=fixes,
    )  # fmt: skip


RULES = (mixed, without_effect, few, first_loss, gap)
