"""Models that several tests share, and the shortest way from a document to a resolved model."""

from __future__ import annotations

from typing import Any

from torchwork.experiment import Model
from torchwork.graph import Resolved, TensorSpec, resolve

B, T, E, H = 3, 7, 8, 6
"""Batch, time steps, features of the input, hidden size."""

CONV = {"out_channels": "channels", "kernel_size": 3, "padding": 1, "bias": False}
BLOCKS: dict[str, Any] = {
    "BasicBlock": {
        "arguments": {"channels": None},
        "nodes": {
            "conv1": {"Conv2d": CONV},
            "bn1": "BatchNorm2d",
            "relu": {"ReLU": {"inplace": True}},
            "conv2": {"Conv2d": CONV},
            "bn2": "BatchNorm2d",
            "add": {"add": {}, "from": ["bn2", "input"]},
            "out": {"use": "relu"},
        },
    },
    "DownBlock": {
        "arguments": {"channels": None, "stride": 2},
        "nodes": {
            "conv1": {"Conv2d": {**CONV, "stride": "stride"}},
            "bn1": "BatchNorm2d",
            "relu": {"ReLU": {"inplace": True}},
            "conv2": {"Conv2d": CONV},
            "bn2": "BatchNorm2d",
            "downsample": {"Shortcut": {"channels": "channels", "stride": "stride"}, "from": "input"},
            "add": {"add": {}, "from": ["bn2", "downsample"]},
            "out": {"use": "relu"},
        },
    },
    "Shortcut": {
        "arguments": {"channels": None, "stride": None},
        "layers": [
            {"Conv2d": {"out_channels": "channels", "kernel_size": 1, "stride": "stride", "bias": False}},
            "BatchNorm2d",
        ],
    },
    "Stage": {
        "arguments": {"channels": None},
        "layers": [{"DownBlock": {"channels": "channels"}}, {"BasicBlock": {"channels": "channels"}}],
    },
}
RESNET18: dict[str, Any] = {
    "modules": BLOCKS,
    "nodes": {
        "conv1": {"Conv2d": {"out_channels": 64, "kernel_size": 7, "stride": 2, "padding": 3, "bias": False}},
        "bn1": "BatchNorm2d",
        "relu": {"ReLU": {"inplace": True}},
        "maxpool": {"MaxPool2d": {"kernel_size": 3, "stride": 2, "padding": 1}},
        "layer1": {"BasicBlock": {"channels": 64}, "repeat": 2},
        "layer2": {"Stage": {"channels": 128}},
        "layer3": {"Stage": {"channels": 256}},
        "layer4": {"Stage": {"channels": 512}},
        "avgpool": {"AdaptiveAvgPool2d": {"output_size": 1}},
        "flatten": {"flatten": {"start_dim": 1}},
        "fc": {"Linear": {"out_features": "classes"}},
    },
}
POOL = {"MaxPool2d": {"kernel_size": 3, "stride": 2}}
ALEXNET: dict[str, Any] = {
    "layers": [
        {"Features": {}, "name": "features"},
        {"AdaptiveAvgPool2d": {"output_size": 6}, "name": "avgpool"},
        {"flatten": {"start_dim": 1}},
        {"Classifier": {}, "name": "classifier"},
    ],
    "modules": {
        "Features": {
            "layers": [
                {"Conv2d": {"out_channels": 64, "kernel_size": 11, "stride": 4, "padding": 2}},
                {"ReLU": {"inplace": True}},
                POOL,
                {"Conv2d": {"out_channels": 192, "kernel_size": 5, "padding": 2}},
                {"ReLU": {"inplace": True}},
                POOL,
                *(
                    part
                    for channels in (384, 256, 256)
                    for part in (
                        {"Conv2d": {"out_channels": channels, "kernel_size": 3, "padding": 1}},
                        {"ReLU": {"inplace": True}},
                    )
                ),
                POOL,
            ]
        },
        "Classifier": {
            "layers": [
                "Dropout",
                {"Linear": {"out_features": 4096}},
                {"ReLU": {"inplace": True}},
                "Dropout",
                {"Linear": {"out_features": 4096}},
                {"ReLU": {"inplace": True}},
                {"Linear": {"out_features": 1000}},
            ]
        },
    },
}


def resolved(document: dict[str, Any], *shapes: tuple[int, ...] | TensorSpec, **symbols: float) -> Resolved:
    """The document's `model:` section, resolved for inputs of these shapes."""
    inputs = [shape if isinstance(shape, TensorSpec) else TensorSpec(shape) for shape in shapes]
    return resolve(Model.model_validate(document), inputs, symbols)


def chain(*layers: Any) -> dict[str, Any]:
    """A chain as a document."""
    return {"layers": list(layers)}


def told(found: Resolved) -> list[str]:
    """The problems as text."""
    return [str(problem) for problem in found.problems]


def encoder_mac(feedforward: int) -> int:
    """Query, key, value and output projections, scores and their use, two feed-forward matrices."""
    return B * T * 4 * E * E + 2 * B * T * T * E + 2 * B * T * E * feedforward
