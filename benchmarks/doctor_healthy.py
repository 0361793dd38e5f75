"""Trainings with which nothing is wrong: the doctor should have nothing to say of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from benchmarks.doctor_faults import Document, document, network, train

CNN = network()
NORMED = [
    {"Conv2d": {"out_channels": 16, "kernel_size": 3, "padding": 1}}, "BatchNorm2d", "ReLU",
    {"MaxPool2d": {"kernel_size": 2}},
    {"Conv2d": {"out_channels": 24, "kernel_size": 3, "padding": 1}}, "BatchNorm2d", "ReLU",
    {"MaxPool2d": {"kernel_size": 2}},
    {"Conv2d": {"out_channels": 24, "kernel_size": 3, "padding": 1}}, "BatchNorm2d", "ReLU",
    {"AdaptiveAvgPool2d": {"output_size": 1}}, "Flatten", {"Linear": {"out_features": "classes"}},
]  # fmt: skip
LENET = [
    {"Conv2d": {"out_channels": 6, "kernel_size": 5}}, "Tanh", {"AvgPool2d": {"kernel_size": 2}},
    {"Conv2d": {"out_channels": 16, "kernel_size": 5}}, "Tanh", {"AvgPool2d": {"kernel_size": 2}}, "Flatten",
    {"Linear": {"out_features": 84}}, "Tanh", {"Linear": {"out_features": "classes"}},
]  # fmt: skip
LINEAR = ["Flatten", {"Linear": {"out_features": "classes"}}]
MLP = ["Flatten", {"Linear": {"out_features": 128}}, "ReLU", {"Linear": {"out_features": 64}}, "ReLU",
       {"Linear": {"out_features": "classes"}}]  # fmt: skip
GELU = ["Flatten", {"Linear": {"out_features": 96}}, {"LayerNorm": {"normalized_shape": 96}}, "GELU",
        {"Linear": {"out_features": 96}}, {"LayerNorm": {"normalized_shape": 96}}, "GELU",
        {"Linear": {"out_features": "classes"}}]  # fmt: skip
SIGMOID = ["Flatten", {"Linear": {"out_features": 64}}, "Sigmoid", {"Linear": {"out_features": "classes"}}]
DROPPING = [*NORMED[:8], "Flatten", {"Dropout": {"p": 0.5}}, {"Linear": {"out_features": 64}}, "ReLU",
            {"Dropout": {"p": 0.5}}, {"Linear": {"out_features": "classes"}}]  # fmt: skip
ELU = [*network("ELU")]
LEAKY = [*network("LeakyReLU")]
SOFTMAXED = [*CNN, {"LogSoftmax": {"dim": 1}}]
SMOOTH = {"CrossEntropyLoss": {"label_smoothing": 0.1}}
CLIPPED = {"clip": {"norm": 1.0}}
PASSENGER = {"features": ["sex", "age", "fare", "class", "sibsp"]}
CAR = {"features": ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]}
MOVED = [{"RandomCrop": {"size": 24, "padding": 3}}]
MIRRORED = ["RandomHorizontalFlip"]
COSINE = {"CosineAnnealingLR": {"T_max": "epochs"}}
ONE_CYCLE = {"OneCycleLR": {"max_lr": 0.01, "total_steps": "steps"}}
WARMED = {"CosineAnnealingLR": {"T_max": "steps"}, "every": "step", "warmup": {"linear": {"length": "30 steps"}}}


@dataclass(frozen=True)
class Healthy:
    """A training by its name: a data set of `doctor_data` with changes of its document, or a document of its own."""

    name: str
    data: str
    make: Callable[[str], Document]


def run_of(layers: list[Any], optimizer: Document, **changes: Any) -> Callable[[str], Document]:
    def make(path: str) -> Document:
        made = document(path) | {"model": {"layers": layers}, "optimizer": optimizer}
        for name, value in changes.items():
            made[name] = made[name] | value if name in ("data", "train") else value
        return made

    return make


def template_of(name: str, epochs: int, samples: int = 1500) -> Callable[[str], Document]:
    def make(path: str) -> Document:
        text = (resources.files("torchwork.templates") / f"{name}.yaml").read_text("utf-8")
        made: Document = yaml.safe_load(text)
        made["data"]["limit"] = samples
        made["train"] = made["train"] | train(epochs)
        return made

    return make


def table_of(file: str, target: str, layers: list[Any], epochs: int, **more: Any) -> Callable[[str], Document]:
    def make(path: str) -> Document:
        source = {"Table": {"path": str(Path(path) / "csv" / file), "target": target, **more.get("table", {})}}
        return {
            "seed": 1, "data": {"source": source, "split": {"valid": 0.2}, "batch_size": 32, **more.get("data", {})},
            "model": {"layers": layers}, "loss": more.get("loss", "CrossEntropyLoss"),
            "optimizer": more.get("optimizer", {"Adam": {"lr": 0.01}}), "train": train(epochs),
        }  # fmt: skip

    return make


SGD, NESTEROV = (
    {"SGD": {"lr": 0.05, "momentum": 0.9}},
    {"SGD": {"lr": 0.03, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0005}},
)
ADAM, ADAMW = {"Adam": {"lr": 0.001}}, {"AdamW": {"lr": 0.003, "weight_decay": 0.01}}
SMALL = [{"Linear": {"out_features": 32}}, "ReLU", {"Linear": {"out_features": "classes"}}]
VALUE = [
    {"Linear": {"out_features": 32}},
    "ReLU",
    {"Linear": {"out_features": 32}},
    "ReLU",
    {"Linear": {"out_features": 1}},
]

HEALTHY = [
    Healthy("CNN, SGD", "shapes", run_of(CNN, SGD)),
    Healthy("CNN, SGD", "fashion", run_of(CNN, SGD)),
    Healthy("CNN, SGD", "cifar", run_of(CNN, SGD)),
    Healthy("CNN, Adam, cosine", "fashion", run_of(CNN, ADAM, schedule=COSINE)),
    Healthy("CNN, Adam", "cifar", run_of(CNN, ADAM, data={"augment": MIRRORED})),
    Healthy("CNN, RMSprop", "shapes", run_of(CNN, {"RMSprop": {"lr": 0.001}})),
    Healthy("CNN, plain SGD", "fashion", run_of(CNN, {"SGD": {"lr": 0.1}})),
    Healthy("batch norm, one cycle", "shapes", run_of(NORMED, NESTEROV, schedule=ONE_CYCLE, data={"augment": MOVED})),
    Healthy("batch norm, AdamW, one cycle", "cifar", run_of(NORMED, ADAMW, schedule=ONE_CYCLE)),
    Healthy("batch norm, SGD 0.1", "fashion", run_of(NORMED, {"SGD": {"lr": 0.1, "momentum": 0.9}})),
    Healthy("batch norm, label smoothing", "cifar", run_of(NORMED, ADAMW, loss=SMOOTH)),
    Healthy("LeNet with tanh, Adam", "fashion", run_of(LENET, {"Adam": {"lr": 0.002}})),
    Healthy("LeNet with tanh, SGD", "cifar", run_of(LENET, SGD)),
    Healthy("linear, Adam", "fashion", run_of(LINEAR, ADAM)),
    Healthy("linear, SGD 0.01", "cifar", run_of(LINEAR, {"SGD": {"lr": 0.01}})),
    Healthy("MLP, Adam, 12 epochs", "fashion", run_of(MLP, ADAM, train={"epochs": 12})),
    Healthy("MLP, Adagrad", "shapes", run_of(MLP, {"Adagrad": {"lr": 0.01}})),
    Healthy("MLP, Adadelta", "fashion", run_of(MLP, {"Adadelta": {"lr": 1.0}})),
    Healthy("layer norm and GELU, warm-up", "cifar", run_of(GELU, ADAMW, schedule=WARMED, train=CLIPPED)),
    Healthy("one sigmoid layer, Adam", "fashion", run_of(SIGMOID, {"Adam": {"lr": 0.003}})),
    Healthy("dropout, Adam", "fashion", run_of(DROPPING, ADAM, train={"epochs": 8})),
    Healthy("ELU, NAdam, averaged", "cifar", run_of(ELU, {"NAdam": {"lr": 0.001}}, train={"ema": 0.98})),
    Healthy("leaky ReLU, accumulated", "shapes", run_of(LEAKY, SGD, train={"accumulate": 2, "epochs": 8})),
    Healthy("NLLLoss, bf16", "fashion", run_of(SOFTMAXED, ADAM, loss="NLLLoss", train={"precision": "bf16"})),
    Healthy("template resnet18", "", template_of("resnet18", 5, 768)),
    Healthy("template transformer", "", template_of("transformer", 6, 768)),
    Healthy("template lstm", "", template_of("lstm", 6, 1000)),
    Healthy("template shapes", "", template_of("shapes", 6)),
    Healthy("penguins", "", table_of("penguins.csv", "species", SMALL, 20)),
    Healthy("diamonds, prices", "", table_of("diamonds.csv", "carat", VALUE, 8, loss="MSELoss", data={"limit": 3000})),
    Healthy("titanic", "", table_of("titanic.csv", "survived", SMALL, 12, table=PASSENGER)),
    Healthy("miles per gallon", "", table_of("mpg.csv", "mpg", VALUE, 30, loss="SmoothL1Loss", table=CAR)),
]  # fmt: skip
"""Of some of them validation stops improving before the end: that is no fault of theirs."""
