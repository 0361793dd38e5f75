"""More trainings with which nothing is wrong, of families that no rule was tuned on: held out, as it were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.doctor_faults import Document, document, network
from benchmarks.doctor_healthy import CNN, COSINE, MLP, NORMED, SMALL, VALUE, Healthy, run_of, table_of, template_of

SEPARABLE = [
    {"Conv2d": {"out_channels": 16, "kernel_size": 3, "padding": 1, "bias": False}}, "BatchNorm2d", "SiLU",
    {"Conv2d": {"out_channels": 16, "kernel_size": 3, "padding": 1, "groups": 16}},
    {"Conv2d": {"out_channels": 32, "kernel_size": 1}}, "BatchNorm2d", "SiLU", {"MaxPool2d": {"kernel_size": 2}},
    {"Conv2d": {"out_channels": 32, "kernel_size": 3, "padding": 1, "groups": 32}},
    {"Conv2d": {"out_channels": 48, "kernel_size": 1}}, "BatchNorm2d", "SiLU",
    {"AdaptiveAvgPool2d": {"output_size": 1}}, "Flatten", {"Linear": {"out_features": "classes"}},
]  # fmt: skip
SELU = ["Flatten", {"Linear": {"out_features": 96}}, "SELU", {"Linear": {"out_features": 96}}, "SELU",
        {"Linear": {"out_features": "classes"}}]  # fmt: skip
DROPPED = ["Flatten", {"Linear": {"out_features": 128}}, "ReLU", {"Dropout": {"p": 0.2}},
           {"Linear": {"out_features": "classes"}}]  # fmt: skip
PASSENGER = [{"Linear": {"out_features": 32}}, "BatchNorm1d", "ReLU", {"Dropout": {"p": 0.3}},
             {"Linear": {"out_features": "classes"}}]  # fmt: skip
LOGISTIC = [{"Linear": {"out_features": "classes"}}]
STONE = {"features": ["carat", "depth", "table", "price", "x", "y", "z"]}
MOVED = [{"RandomCrop": {"size": 24, "padding": 3}}, "RandomHorizontalFlip"]
COLOURED = [*MOVED, {"ColorJitter": {"brightness": 0.3, "contrast": 0.3}}]


def residual(norm: Document) -> Document:
    """Two blocks with a short cut, each normalised."""
    conv = {"Conv2d": {"out_channels": 24, "kernel_size": 3, "padding": 1}}
    block = {"inputs": ["input"], "nodes": {
        "a": conv, "n1": norm, "r1": "ReLU", "b": conv, "n2": norm, "sum": {"add": {}, "from": ["input", "n2"]},
        "out": "ReLU",
    }}  # fmt: skip
    return {
        "layers": [{"Conv2d": {"out_channels": 24, "kernel_size": 3, "stride": 2}}, norm, "ReLU", "Block", "Block",
                   {"AdaptiveAvgPool2d": {"output_size": 1}}, "Flatten", {"Linear": {"out_features": "classes"}}],
        "modules": {"Block": block},
    }  # fmt: skip


def attentive(dropout: float = 0.0) -> Document:
    """A vision transformer of two layers: 36 patches of 4 by 4 pixels."""
    block = {"nodes": {
        "norm1": {"LayerNorm": {"normalized_shape": 48}},
        "look": {"MultiheadAttention": {"embed_dim": 48, "num_heads": 4, "batch_first": True}, "from": ["norm1"] * 3},
        "add1": {"add": {}, "from": ["input", "look[0]"]}, "norm2": {"LayerNorm": {"normalized_shape": 48}},
        "wide": {"Linear": {"out_features": 96}}, "act": "GELU", "drop": {"Dropout": {"p": dropout}},
        "narrow": {"Linear": {"out_features": 48}}, "add2": {"add": {}, "from": ["add1", "narrow"]},
    }}  # fmt: skip
    return {"nodes": {
        "patches": {"Conv2d": {"out_channels": 48, "kernel_size": 4, "stride": 4}},
        "sequence": {"Flatten": {"start_dim": 2}}, "tokens": {"transpose": {"dim0": 1, "dim1": 2}},
        "places": {"Parameter": {"size": [1, 36, 48], "init": {"normal_": {"std": 0.02}}}},
        "placed": {"add": {}, "from": ["tokens", "places"]}, "body": {"Block": {}, "repeat": 2},
        "norm": {"LayerNorm": {"normalized_shape": 48}}, "mean": {"mean": {"dim": 1}},
        "head": {"Linear": {"out_features": "classes"}},
    }, "modules": {"Block": block}}  # fmt: skip


def reading(kind: str) -> Document:
    """A recurrent network that reads pictures row by row, and answers behind the last."""
    return {"nodes": {
        "rows": {"Flatten": {"start_dim": 1, "end_dim": 2}}, "read": {kind: {"hidden_size": 64, "batch_first": True}},
        "last": {"select": {"dim": 1, "index": -1}, "from": "read[0]"}, "head": {"Linear": {"out_features": "classes"}},
    }}  # fmt: skip


def _fine_tuned(path: str) -> Document:
    """The network of an earlier training goes on with a tenth of its learning rate and a new last layer."""
    import torchwork

    earlier = Path(path).parent / "earlier"
    torchwork.train(torchwork.Experiment.parse(document(path)), folder=earlier)
    weights = earlier / "first.safetensors"
    torchwork.Run.open(earlier).export("safetensors", weights)
    changes = {"model": {"layers": CNN, "weights": str(weights)}, "optimizer": {"Adam": {"lr": 0.0003}}}
    return document(path) | changes


def _ants(path: str) -> Document:
    made = template_of("pictures", 12)(path)
    made["data"]["source"] = {"ImageFolder": {"root": str(Path(path) / "hymenoptera_small")}}
    return made


def _labelled(path: str) -> Document:
    made = template_of("unet", 5, 400)(path)
    made["data"]["source"] = {"Shapes": {"size": 48, "train": 400, "valid": 100, "task": "labels"}}
    made["data"]["augment"] = ["RandomHorizontalFlip"]
    made["model"]["nodes"]["out"] = {"Conv2d": {"out_channels": "classes", "kernel_size": 1}}
    return made | {"loss": "CrossEntropyLoss"}


def _net(model: Any, optimizer: Document, **changes: Any) -> Any:
    layers = model if isinstance(model, list) else []
    whole = {} if isinstance(model, list) else {"model": model}
    return run_of(layers, optimizer, **changes, **whole)


ADAM = {"Adam": {"lr": 0.001}}
ADAMW = {"AdamW": {"lr": 0.001, "weight_decay": 0.05}}
SGD = {"SGD": {"lr": 0.05, "momentum": 0.9, "nesterov": True}}

FAMILIES = [
    Healthy("CNN, AdamW, exponential", "fashion", _net(CNN, ADAMW, schedule={"ExponentialLR": {"gamma": 0.8}})),
    Healthy("CNN, RMSprop with momentum", "cifar", _net(CNN, {"RMSprop": {"lr": 0.0003, "momentum": 0.9}})),
    Healthy("CNN, Adagrad", "cifar", _net(CNN, {"Adagrad": {"lr": 0.02}})),
    Healthy("CNN, NAdam, cosine", "fashion", _net(CNN, {"NAdam": {"lr": 0.002}}, schedule=COSINE)),
    Healthy("CNN, RAdam", "shapes", _net(CNN, {"RAdam": {"lr": 0.002}})),
    Healthy("MLP, Adamax", "fashion", _net(MLP, {"Adamax": {"lr": 0.002}})),
    Healthy("MLP, Adafactor", "fashion", _net(MLP, {"Adafactor": {"lr": 0.01}})),
    Healthy(
        "batch norm, SGD, one cycle to 0.3",
        "fashion",
        _net(NORMED, SGD, schedule={"OneCycleLR": {"max_lr": 0.3, "total_steps": "steps"}}),
    ),
    Healthy(
        "transformer, AdamW, warm-up",
        "cifar",
        _net(
            attentive(),
            ADAMW,
            schedule={
                "CosineAnnealingLR": {"T_max": "steps"},
                "every": "step",
                "warmup": {"linear": {"length": "60 steps"}},
            },
            train={"epochs": 8},
        ),
    ),
    Healthy("transformer with dropout, Adam", "fashion", _net(attentive(0.1), ADAM)),
    Healthy("LSTM over rows, Adam", "fashion", _net(reading("LSTM"), {"Adam": {"lr": 0.003}})),
    Healthy(
        "GRU over rows, clipped", "cifar", _net(reading("GRU"), {"Adam": {"lr": 0.002}}, train={"clip": {"norm": 1.0}})
    ),
    Healthy(
        "LSTM over rows, clipped",
        "shapes",
        _net(reading("LSTM"), {"Adam": {"lr": 0.01}}, train={"clip": {"norm": 1.0}, "epochs": 8}),
    ),
    Healthy("U-Net, shape or ground", "", template_of("unet", 6, 400)),
    Healthy("U-Net, labels of pixels", "", _labelled),
    Healthy("fine-tuned", "fashion", _fine_tuned),
    Healthy("dropout 0.2, AdamW", "fashion", _net(DROPPED, ADAMW, train={"epochs": 10})),
    Healthy(
        "bf16, accumulated, clipped",
        "cifar",
        _net(CNN, ADAM, train={"precision": "bf16", "accumulate": 2, "clip": {"norm": 1.0}, "epochs": 8}),
    ),
    Healthy(
        "40 samples of validation", "fashion", _net(CNN, ADAM, data={"split": {"valid": 0.02}}, train={"epochs": 8})
    ),
    Healthy(
        "augmented, SGD, cosine",
        "cifar",
        _net(NORMED, SGD, schedule=COSINE, data={"augment": COLOURED}, train={"epochs": 10}),
    ),
    Healthy("MixUp", "fashion", _net(NORMED, ADAMW, data={"augment": [*MOVED, "MixUp"]}, train={"epochs": 8})),
    Healthy("separable convolutions, AdamW", "cifar", _net(SEPARABLE, {"AdamW": {"lr": 0.003}}, train={"epochs": 6})),
    Healthy("residual, group norm, SGD", "fashion", _net(residual({"GroupNorm": {"num_groups": 4}}), SGD)),
    Healthy(
        "residual, batch norm, warm restarts",
        "cifar",
        _net(
            residual({"BatchNorm2d": {}}),
            SGD,
            schedule={"CosineAnnealingWarmRestarts": {"T_0": 3}},
            train={"epochs": 6},
        ),
    ),
    Healthy(
        "batches of 8, Adam",
        "fashion",
        _net(CNN, {"Adam": {"lr": 0.0005}}, data={"batch_size": 8}, train={"epochs": 3}),
    ),
    Healthy(
        "batches of 256, SGD 0.05",
        "fashion",
        _net(CNN, {"SGD": {"lr": 0.05, "momentum": 0.9}}, data={"batch_size": 256}, train={"epochs": 12}),
    ),
    Healthy("SELU, on a plateau", "cifar", _net(SELU, ADAM, schedule={"ReduceLROnPlateau": {"patience": 1}})),
    Healthy(
        "PReLU, cyclic",
        "shapes",
        _net(network("PReLU"), SGD, schedule={"CyclicLR": {"base_lr": 0.005, "max_lr": 0.08, "step_size_up": 80}}),
    ),
    Healthy(
        "label smoothing, weight decay",
        "fashion",
        _net(
            NORMED,
            {"SGD": {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.005}},
            loss={"CrossEntropyLoss": {"label_smoothing": 0.1}},
        ),
    ),
    Healthy("ants and bees", "", _ants),
    Healthy(
        "penguins, logistic regression",
        "",
        table_of("penguins.csv", "species", LOGISTIC, 20, optimizer={"AdamW": {"lr": 0.05}}),
    ),
    Healthy("iris, SGD", "", table_of("iris.csv", "species", SMALL, 40, optimizer={"SGD": {"lr": 0.1}})),
    Healthy(
        "titanic, dropout",
        "",
        table_of("titanic.csv", "survived", PASSENGER, 15, table={"features": ["sex", "age", "fare", "class"]}),
    ),
    Healthy(
        "colours of diamonds, hard to tell",
        "",
        table_of(
            "diamonds.csv",
            "color",
            [{"Linear": {"out_features": 64}}, "ReLU", *SMALL],
            6,
            table=STONE,
            data={"limit": 4000},
        ),
    ),
    Healthy("tips", "", table_of("tips.csv", "tip", VALUE, 30, loss="HuberLoss", optimizer={"AdamW": {"lr": 0.005}})),
    Healthy(
        "carats, RMSprop",
        "",
        table_of(
            "diamonds.csv",
            "carat",
            VALUE,
            6,
            loss="MSELoss",
            optimizer={"RMSprop": {"lr": 0.003}},
            data={"limit": 3000},
        ),
    ),
]
