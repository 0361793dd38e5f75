"""What a document alone says: outputs that do not fit the loss, layers and settings that cannot go well."""

from __future__ import annotations

import math

from torchwork.doctor.changes import behind, set_to, unset, with_args, without
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Finding
from torchwork.doctor.network import NORMS, WEIGHTED, is_plain
from torchwork.doctor.rule import finding, rule

SYMPTOMS = (
    "learning rate too high", "learning rate too low", "vanishing gradients", "dead units", "saturated units",
    "not learning", "too sure at the start", "labels without meaning", "wrong labels", "exploding gradients",
    "one class for all", "loss spikes", "cannot learn a few samples", "inputs without effect", "loss at the start",
    "validation better than training", "underfitting",
)  # fmt: skip
"""What is only a consequence, wherever a cause is known."""
BLOWING_UP = (*SYMPTOMS, "diverged")
"""Of causes that make numbers too large."""
SOFTMAX, SIGMOID, LOG_SOFTMAX = (
    ("Softmax", "softmax"),
    ("Sigmoid", "sigmoid"),
    ("LogSoftmax", "log_softmax", "LogSigmoid"),
)
CUTTING = (
    "ReLU",
    "relu",
    "ReLU6",
    "LeakyReLU",
    "ELU",
    "GELU",
    "SiLU",
    "Tanh",
    "tanh",
    "Sigmoid",
    "sigmoid",
    "Softplus",
)
TINY_BATCH = 4
MOST_DROPOUT = 0.8
DEEP_RELU, DEEP_SIGMOID, DEEP_TANH = 10, 5, 12
KAIMING = {"match": "*.weight", "init": {"kaiming_normal_": {"nonlinearity": "relu"}}}
CONSTANT = ("zeros_", "ones_", "constant_")


@rule("softmax twice", "document", source="torch's documentation of CrossEntropyLoss", hides=SYMPTOMS)
def softmax_twice(evidence: Evidence) -> Finding | None:
    last = evidence.last_layer
    if evidence.loss_name not in ("CrossEntropyLoss", "LinearCrossEntropyLoss") or last is None:
        return None
    if last.type not in SOFTMAX:
        return None
    floor = math.log(math.e + (evidence.classes or 10) - 1) - 1
    return finding(
        "alarm",
        f"The network ends with {last.type}, and CrossEntropyLoss takes the softmax once more.",
        f"so the loss cannot fall below {floor:.3g}, and gradients become small",
        "Remove the softmax: the loss wants scores as they are.",
        layers=(last.name,), changes=without(last),
    )  # fmt: skip


@rule("sigmoid twice", "document", source="torch's documentation of BCEWithLogitsLoss", hides=SYMPTOMS)
def sigmoid_twice(evidence: Evidence) -> Finding | None:
    last = evidence.last_layer
    if evidence.loss_name != "BCEWithLogitsLoss" or last is None or last.type not in SIGMOID:
        return None
    return finding(
        "alarm",
        f"The network ends with {last.type}, and BCEWithLogitsLoss takes the sigmoid once more.",
        "so its outputs, from 0 to 1, are read as probabilities from 0.5 to 0.73",
        "Remove the sigmoid: the loss wants scores as they are.",
        layers=(last.name,), changes=without(last),
    )  # fmt: skip


@rule(
    "log_softmax missing", "document", source="torch's documentation of NLLLoss", hides=(*BLOWING_UP, "loss below zero")
)
def log_softmax_missing(evidence: Evidence) -> Finding | None:
    last = evidence.last_layer
    if evidence.loss_name != "NLLLoss" or last is None or last.type in LOG_SOFTMAX:
        return None
    return finding(
        "alarm",
        f"NLLLoss wants logarithms of probabilities, and the network ends with {last.type}.",
        "so the loss falls without end while nothing is learnt",
        "Take CrossEntropyLoss, or end the network with LogSoftmax.",
        layers=(last.name,),
        changes=(set_to("CrossEntropyLoss", "loss", "CrossEntropyLoss"),
                 *behind(evidence, last, {"LogSoftmax": {"dim": 1}}, "add LogSoftmax")),
    )  # fmt: skip


@rule(
    "activation on the scores",
    "document",
    source="measured on planted faults",
    hides=("dead units", "not learning", "cannot learn a few samples"),
)
def activation_on_scores(evidence: Evidence) -> Finding | None:
    last = evidence.last_layer
    wanting = ("CrossEntropyLoss", "LinearCrossEntropyLoss", "BCEWithLogitsLoss", "MultiMarginLoss")
    if evidence.loss_name not in wanting or last is None or last.type not in CUTTING or _is_sigmoid_twice(evidence):
        return None
    return finding(
        "warning",
        f"The network ends with {last.type}, which cuts the scores that {evidence.loss_name} compares.",
        "a class whose score is cut gives no gradient any more",
        "Remove the last activation.",
        layers=(last.name,), changes=without(last),
    )  # fmt: skip


def _is_sigmoid_twice(evidence: Evidence) -> bool:
    last = evidence.last_layer
    return evidence.loss_name == "BCEWithLogitsLoss" and last is not None and last.type in SIGMOID


@rule("batch norm with a tiny batch", "document", source="Wu and He 2018, Group Normalization", hides=SYMPTOMS)
def tiny_batch(evidence: Evidence) -> Finding | None:
    assert evidence.document is not None
    size = evidence.document.data.batch_size
    norms = [layer for layer in evidence.layers if layer.is_a("BatchNorm")]
    if size > TINY_BATCH or not norms:
        return None
    return finding(
        "warning",
        f"Batch normalisation measures each batch, and a batch has only {size} samples.",
        f"{len(norms)} BatchNorm layers, batch_size {size}; below 8 its estimates are mostly noise",
        "Take larger batches, or GroupNorm or LayerNorm instead.",
        layers=tuple(layer.name for layer in norms), changes=(set_to("batch_size 32", "data.batch_size", 32),),
    )  # fmt: skip


@rule(
    "dropout too high",
    "document",
    source="Srivastava 2014 uses 0.2 to 0.5",
    hides=("not learning", "wrong labels", "dead units", "underfitting"),
)
def dropout_too_high(evidence: Evidence) -> Finding | None:
    chances = ((layer, layer.args.get("p", 0.5)) for layer in evidence.layers if "dropout" in layer.type.lower())
    found = [(layer, p) for layer, p in chances if isinstance(p, int | float) and p >= MOST_DROPOUT]
    if not found:
        return None
    layer, p = found[0]
    return finding(
        "warning",
        f"Dropout takes away {p:.0%} of the values of {layer.name}.",
        "usual are 10 % to 50 %",
        "Lower it.",
        layers=tuple(item.name for item, _ in found), changes=with_args(layer, "p: 0.5", p=0.5),
    )  # fmt: skip


@rule(
    "bottleneck",
    "document",
    "classes",
    source="log2 of the classes",
    hides=(
        "not learning",
        "dead units",
        "wrong labels",
        "learning rate too low",
        "labels without meaning",
        "cannot learn a few samples",
    ),
)
def bottleneck(evidence: Evidence) -> Finding | None:
    last, classes = evidence.last_layer, evidence.classes or 0
    for layer in evidence.layers:
        width = layer.args.get("out_features") if layer.type == "Linear" else None
        if (
            isinstance(width, int)
            and last is not None
            and layer.name != last.name
            and width < math.log2(max(classes, 1))
        ):
            return finding(
                "warning",
                f"All that the network knows of a sample passes through {width} numbers in {layer.name}.",
                f"{classes} classes are hard to tell apart by so few",
                "Make the layer wider.",
                layers=(layer.name,), changes=with_args(layer, "out_features: 64", out_features=64),
            )  # fmt: skip
    return None


@rule(
    "constant initialisation",
    "document",
    source="CS231n, symmetry breaking",
    hides=(*SYMPTOMS, "weights begin at zero"),
)
def constant_initialisation(evidence: Evidence) -> Finding | None:
    assert evidence.document is not None
    last, rules = evidence.last_layer, evidence.document.parameters
    for layer in evidence.layers:
        matching = [number for number, item in enumerate(rules) if item.init and item.matches(f"{layer.name}.weight")]
        if not matching or not layer.is_a(*WEIGHTED) or (last and last.name == layer.name):
            continue
        init = rules[matching[-1]].init
        if init is not None and init.name in CONSTANT:
            return finding(
                "alarm",
                f"All weights of {layer.name} begin with the same value, so all its units learn the same.",
                f"init: {init.name} in rule {matching[-1]} of parameters",
                "Let weights begin at random; only biases may begin alike.",
                layers=(layer.name,), changes=(unset("random weights", f"parameters[{matching[-1]}].init"),),
            )  # fmt: skip
    return None


@rule("frozen without being trained before", "document", source="measured on planted faults", hides=("never trained",))
def frozen(evidence: Evidence) -> Finding | None:
    assert evidence.document is not None
    document = evidence.document
    weighted = [layer for layer in evidence.layers if layer.is_a(*WEIGHTED)]
    stopped = [layer for layer in weighted if _frozen(evidence, f"{layer.name}.weight")]
    if document.model.weights or not stopped:
        return None
    whole = len(stopped) == len(weighted)
    numbers = [number for number, item in enumerate(document.parameters) if item.freeze]
    return finding(
        "alarm" if whole else "warning",
        "Nothing is trained: all layers are frozen." if whole else
        f"{stopped[0].name} is frozen, but its weights are random: it was never trained.",
        f"{len(stopped)} of {len(weighted)} layers with weights are frozen, and model.weights names no file",
        "Let them be trained, or begin with trained weights.",
        layers=tuple(layer.name for layer in stopped),
        changes=tuple(set_to("train them", f"parameters[{number}].freeze", False) for number in numbers[-1:]),
    )  # fmt: skip


def _frozen(evidence: Evidence, parameter: str) -> bool:
    """Whether a parameter is frozen; any rule that says so is enough."""
    assert evidence.document is not None
    return any(item.freeze and item.matches(parameter) for item in evidence.document.parameters)


@rule("deep sigmoid stack", "document", source="Glorot and Bengio 2010", hides=SYMPTOMS)
def deep_sigmoids(evidence: Evidence) -> Finding | None:
    sigmoids = [layer for layer in evidence.layers if layer.type in SIGMOID]
    tanhs = [layer for layer in evidence.layers if layer.type in ("Tanh", "tanh")]
    deep = len(sigmoids) >= DEEP_SIGMOID or len(tanhs) >= DEEP_TANH
    if not deep or not _plain(evidence):
        return None
    found = sigmoids if len(sigmoids) >= DEEP_SIGMOID else tanhs
    return finding(
        "warning",
        f"{len(found)} layers with {found[0].type} in a row let hardly any gradient through to the first.",
        "each takes some of it, a sigmoid three quarters; nothing passes by, nothing is normalised",
        "Take ReLU or GELU, put a normalisation behind each layer, or let inputs pass by.",
        layers=tuple(layer.name for layer in found),
    )  # fmt: skip


@rule("deep default initialisation", "document", source="He 2015; measured on planted faults", hides=SYMPTOMS)
def deep_relus(evidence: Evidence) -> Finding | None:
    assert evidence.document is not None
    weighted = [layer for layer in evidence.layers if layer.is_a("Linear", "Conv")]
    relus = [layer for layer in evidence.layers if layer.type in ("ReLU", "relu", "ReLU6", "LeakyReLU")]
    given = any(
        item.init and item.matches(f"{layer.name}.weight")
        for item in evidence.document.parameters
        for layer in weighted
    )
    trained = bool(evidence.document.model.weights)
    if min(len(weighted), len(relus)) < DEEP_RELU or given or trained or not _plain(evidence):
        return None
    return finding(
        "warning",
        f"{len(weighted)} layers in a row begin with torch's usual weights, which are too small for so many ReLU.",
        f"signals shrink to about {6 ** (-len(relus) / 2):.1e} of themselves on their way; "
        "nothing passes by, nothing is normalised",
        "Begin with kaiming_normal_, put a normalisation behind each layer, or let inputs pass by.",
        layers=tuple(layer.name for layer in weighted),
        changes=(set_to("kaiming_normal_", "parameters", [*_rules(evidence), KAIMING]),),
    )  # fmt: skip


def _rules(evidence: Evidence) -> list[object]:
    assert evidence.document is not None
    return [item.as_dict() for item in evidence.document.parameters]


def _plain(evidence: Evidence) -> bool:
    assert evidence.document is not None
    return is_plain(evidence.document.model) and not any(layer.is_a(*NORMS) for layer in evidence.layers)


RULES = (
    softmax_twice, sigmoid_twice, log_softmax_missing, activation_on_scores, constant_initialisation, frozen,
    deep_sigmoids, deep_relus, tiny_batch, dropout_too_high, bottleneck,
)  # fmt: skip
