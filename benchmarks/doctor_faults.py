"""Faults that people make, planted in a training that is healthy without them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.doctor_data import Arrays

Document = dict[str, Any]
EPOCHS = 5


@dataclass(frozen=True)
class Fault:
    """What is wrong, which rules may say so, and how it is planted in a document and its data."""

    name: str
    rules: frozenset[str]
    plant: Callable[[Document, Arrays], None]
    loop: str = ""
    """a training loop of one's own, from `doctor_loops`"""


FAULTS: list[Fault] = []


def fault(name: str, *rules: str, loop: str = "") -> Callable[[Callable[[Document, Arrays], None]], Any]:
    """Puts a function that plants a fault on the list."""

    def keep(plant: Callable[[Document, Arrays], None]) -> Any:
        FAULTS.append(Fault(name, frozenset(rules), plant, loop))
        return plant

    return keep


def document(path: str) -> Document:
    """A small convolutional network, trained as it should be."""
    return {
        "seed": 1,
        "data": {"source": {"Arrays": {"path": path}}, "split": {"valid": "valid"}, "batch_size": 32},
        "model": {"layers": network()},
        "loss": "CrossEntropyLoss",
        "optimizer": {"SGD": {"lr": 0.05, "momentum": 0.9}},
        "train": train(EPOCHS),
    }


def train(epochs: int) -> Document:
    """Settings that cost no time."""
    return {
        "epochs": epochs, "device": "cpu", "threads": 1, "memory_format": "contiguous",
        "checkpoint": {"every": "1000 epochs"}, "record": {"images": 0, "maps": 0},
    }  # fmt: skip


def network(activation: str = "ReLU") -> list[Any]:
    """Two convolutions and two linear layers."""
    return [
        {"Conv2d": {"out_channels": 8, "kernel_size": 3, "padding": 1}}, activation, {"MaxPool2d": {"kernel_size": 2}},
        {"Conv2d": {"out_channels": 16, "kernel_size": 3, "padding": 1}}, activation, {"MaxPool2d": {"kernel_size": 2}},
        "Flatten", {"Linear": {"out_features": 64}}, activation, {"Linear": {"out_features": "classes"}},
    ]  # fmt: skip


def deep(depth: int, activation: str, width: int = 64) -> list[Any]:
    """A plain stack of linear layers."""
    inner = [item for _ in range(depth) for item in ({"Linear": {"out_features": width}}, activation)]
    return ["Flatten", *inner, {"Linear": {"out_features": "classes"}}]


def _scaled(arrays: Arrays, by: float) -> None:
    for name in ("x_train", "x_valid"):
        arrays[name] = arrays[name].astype(np.float32) * by


def _rule(match: str, **what: Any) -> Document:
    return {"match": match, **what}


# The learning rate and the optimizer.


@fault("learning rate 100 times too high", "learning rate too high")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"SGD": {"lr": 5.0, "momentum": 0.9}}


@fault("learning rate 100 times too high, Adam", "learning rate too high")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"Adam": {"lr": 0.2}}


@fault("learning rate 100 times too low", "learning rate too low")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"SGD": {"lr": 0.0005, "momentum": 0.9}}


@fault("learning rate 100 times too low, Adam", "learning rate too low")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"Adam": {"lr": 0.00001}}


@fault("momentum 0.999", "momentum too high")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"SGD": {"lr": 0.05, "momentum": 0.999}}


@fault("weight decay 0.5", "weight decay too high")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"SGD": {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.5}}


@fault("clipping at 0.001", "clipping too hard")
def _(document: Document, arrays: Arrays) -> None:
    document["train"]["clip"] = {"norm": 0.001}


@fault("schedule stepped each batch with numbers of epochs", "learning rate gone too soon")
def _(document: Document, arrays: Arrays) -> None:
    document["schedule"] = {"StepLR": {"step_size": 2, "gamma": 0.5}, "every": "step"}


@fault("schedule of steps stepped each epoch", "schedule longer than training")
def _(document: Document, arrays: Arrays) -> None:
    document["schedule"] = {"CosineAnnealingLR": {"T_max": 10000}, "every": "epoch"}


@fault("too few steps", "too few steps")
def _(document: Document, arrays: Arrays) -> None:
    document["data"]["batch_size"] = 512


@fault("no zero_grad", "gradients add up", loop="accumulating")
def _(document: Document, arrays: Arrays) -> None:
    document["optimizer"] = {"SGD": {"lr": 0.01}}


# The network and how it begins.


@fault("16 ReLU layers with torch's initialisation", "vanishing gradients", "deep default initialisation")
def _(document: Document, arrays: Arrays) -> None:
    document["model"] = {"layers": deep(16, "ReLU")}


@fault("8 sigmoid layers", "vanishing gradients", "deep sigmoid stack")
def _(document: Document, arrays: Arrays) -> None:
    document["model"] = {"layers": deep(8, "Sigmoid")}


@fault("biases of -5", "dead units")
def _(document: Document, arrays: Arrays) -> None:
    document["parameters"] = [_rule(f"{number}.bias", init={"constant_": {"val": -5.0}}) for number in (0, 3)]


@fault("weights of zero", "constant initialisation")
def _(document: Document, arrays: Arrays) -> None:
    document["parameters"] = [_rule("*.weight", init="zeros_")]


@fault("last layer 50 times too large", "too sure at the start")
def _(document: Document, arrays: Arrays) -> None:
    document["parameters"] = [_rule("9.weight", init={"normal_": {"std": 3.6}})]


@fault("softmax before CrossEntropyLoss", "softmax twice")
def _(document: Document, arrays: Arrays) -> None:
    document["model"]["layers"].append({"Softmax": {"dim": 1}})


@fault("softmax twice, in one's own loop", "softmax twice, by what it gives", loop="softmax")
def _(document: Document, arrays: Arrays) -> None:
    pass


@fault("ReLU on the scores", "activation on the scores")
def _(document: Document, arrays: Arrays) -> None:
    document["model"]["layers"].append("ReLU")


@fault("NLLLoss without log_softmax", "log_softmax missing")
def _(document: Document, arrays: Arrays) -> None:
    document["loss"] = "NLLLoss"


@fault("a layer frozen by accident", "never trained", "frozen without being trained before")
def _(document: Document, arrays: Arrays) -> None:
    document["parameters"] = [_rule("3.*", freeze=True)]


@fault("a layer in no optimizer, in one's own loop", "never trained", loop="forgotten")
def _(document: Document, arrays: Arrays) -> None:
    pass


@fault("batch norm with batches of 2", "batch norm with a tiny batch")
def _(document: Document, arrays: Arrays) -> None:
    document["model"]["layers"].insert(8, "BatchNorm1d")
    document["data"] |= {"batch_size": 2, "limit": 256}


@fault("dropout 0.95", "dropout too high")
def _(document: Document, arrays: Arrays) -> None:
    document["model"]["layers"].insert(9, {"Dropout": {"p": 0.95}})


@fault("too small a network", "bottleneck")
def _(document: Document, arrays: Arrays) -> None:
    document["model"]["layers"][7] = {"Linear": {"out_features": 1}}


@fault("exploding recurrent network", "exploding gradients", "learning rate too high")
def _(document: Document, arrays: Arrays) -> None:
    rows = int(np.prod(arrays["x_train"].shape[1:-1]))
    document["model"] = {
        "nodes": {
            "rows": {"Flatten": {"start_dim": 1, "end_dim": 2}},
            "rnn": {"RNN": {"hidden_size": 64, "batch_first": True, "nonlinearity": "relu"}},
            "last": {"select": {"dim": 1, "index": rows - 1}, "from": "rnn[0]"},
            "head": {"Linear": {"out_features": "classes"}},
        }
    }
    document["parameters"] = [_rule("rnn.weight_hh_l0", init={"orthogonal_": {"gain": 2.0}})]
    document["optimizer"] = {"Adam": {"lr": 0.003}}


# The data.


@fault("pixels of 0 to 255", "inputs not normalised")
def _(document: Document, arrays: Arrays) -> None:
    _scaled(arrays, 1.0)
    document["data"]["normalize"] = "none"


@fault("wrong normalisation", "inputs not normalised")
def _(document: Document, arrays: Arrays) -> None:
    channels = arrays["x_train"].shape[1]
    document["data"]["normalize"] = {"mean": [0.5] * channels, "std": [0.5 / 255] * channels}


@fault("validation pictures not normalised", "splits differ")
def _(document: Document, arrays: Arrays) -> None:
    _scaled(arrays, 1 / 255)
    arrays["x_valid"] = arrays["x_valid"] * 255


@fault("shuffled labels", "labels without meaning")
def _(document: Document, arrays: Arrays) -> None:
    arrays["y_train"] = np.random.default_rng(2).permutation(arrays["y_train"])


@fault("30 % wrong labels", "wrong labels")
def _(document: Document, arrays: Arrays) -> None:
    random = np.random.default_rng(3)
    for name in ("y_train", "y_valid"):
        wrong = random.random(len(arrays[name])) < 0.3
        arrays[name] = np.where(wrong, random.integers(0, arrays[name].max() + 1, len(wrong)), arrays[name])
    document["train"]["epochs"] = 2 * EPOCHS


@fault("validation copied from training", "validation copied from training")
def _(document: Document, arrays: Arrays) -> None:
    arrays["x_valid"], arrays["y_valid"] = arrays["x_train"][:256].copy(), arrays["y_train"][:256].copy()


@fault("sorted by class and not shuffled", "samples in order")
def _(document: Document, arrays: Arrays) -> None:
    order = np.argsort(arrays["y_train"], kind="stable")
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][order], arrays["y_train"][order]
    document["data"]["shuffle"] = False


@fault("class imbalance", "class imbalance")
def _(document: Document, arrays: Arrays) -> None:
    rare = np.random.default_rng(4).random(len(arrays["y_train"])) < 0.03
    kept = (arrays["y_train"] == 0) | rare
    for label in range(1, int(arrays["y_train"].max()) + 1):
        kept[np.flatnonzero(arrays["y_train"] == label)[:2]] = True
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][kept], arrays["y_train"][kept]


@fault("64 training samples", "overfitting")
def _(document: Document, arrays: Arrays) -> None:
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][:64], arrays["y_train"][:64]
    document["train"]["epochs"] = 60
    document["data"]["batch_size"] = 16


@fault("a class missing from training", "classes missing")
def _(document: Document, arrays: Arrays) -> None:
    kept = arrays["y_train"] != 3
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][kept], arrays["y_train"][kept]


def planted(chosen: Fault, path: str, content: Mapping[str, np.ndarray]) -> tuple[Document, Arrays]:
    """The document and the arrays with a fault in them."""
    made, arrays = document(path), dict(content)
    chosen.plant(made, arrays)
    return copy.deepcopy(made), arrays
