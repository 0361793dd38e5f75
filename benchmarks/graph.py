"""How long it takes to resolve ResNet-50, cold and warm: `python -m benchmarks.graph`."""

from __future__ import annotations

import statistics
import time
from typing import Any

from torchwork.experiment import Model
from torchwork.graph import TensorSpec, resolve

RUNS = 20


def _conv(channels: str | int, size: int, **more: Any) -> dict[str, Any]:
    return {"Conv2d": {"out_channels": channels, "kernel_size": size, "bias": False, **more}}


def _bottleneck(shortcut: bool) -> dict[str, Any]:
    """1x1, 3x3 and 1x1 convolutions beside a shortcut, which the first of each stage projects."""
    nodes = {
        "conv1": _conv("channels", 1), "bn1": "BatchNorm2d", "relu": {"ReLU": {"inplace": True}},
        "conv2": _conv("channels", 3, padding=1, stride="stride"), "bn2": "BatchNorm2d", "relu2": {"use": "relu"},
        "conv3": _conv("4*channels", 1), "bn3": "BatchNorm2d",
    }  # fmt: skip
    project = {"downsample": {"Project": {"channels": "4*channels", "stride": "stride"}, "from": "input"}}
    added = {"add": {"add": {}, "from": ["bn3", "downsample" if shortcut else "input"]}, "out": {"use": "relu"}}
    return {
        "arguments": {"channels": None, "stride": 1},
        "nodes": {**nodes, **(project if shortcut else {}), **added},
    }


STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
"""Channels, blocks and stride of each."""


def resnet50() -> Model:
    """ResNet-50 as a nested document: one definition for each kind of block."""
    modules: dict[str, Any] = {
        "Bottleneck": _bottleneck(shortcut=False), "First": _bottleneck(shortcut=True),
        "Project": {
            "arguments": {"channels": None, "stride": 1},
            "layers": [_conv("channels", 1, stride="stride"), "BatchNorm2d"],
        },
    }  # fmt: skip
    for number, (channels, blocks, stride) in enumerate(STAGES, 1):
        rest = {"Bottleneck": {"channels": channels}, "repeat": blocks - 1}
        modules[f"Stage{number}"] = {"layers": [{"First": {"channels": channels, "stride": stride}}, rest]}
    nodes = {
        "conv1": _conv(64, 7, stride=2, padding=3), "bn1": "BatchNorm2d", "relu": {"ReLU": {"inplace": True}},
        "maxpool": {"MaxPool2d": {"kernel_size": 3, "stride": 2, "padding": 1}},
        **{f"layer{number}": f"Stage{number}" for number in range(1, 5)},
        "avgpool": {"AdaptiveAvgPool2d": {"output_size": 1}}, "flatten": {"flatten": {"start_dim": 1}},
        "fc": {"Linear": {"out_features": 1000}},
    }  # fmt: skip
    return Model.model_validate({"nodes": nodes, "modules": modules})


def main() -> None:
    """Prints the first time and the median of the others, in milliseconds."""
    model, inputs = resnet50(), [TensorSpec((1, 3, 224, 224))]
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        resolved = resolve(model, inputs)
        times.append((time.perf_counter() - start) * 1000)
    assert not resolved.problems, resolved.problems
    totals = resolved.totals
    print(f"ResNet-50: {totals.parameters:,} parameters, {totals.mac:,} MAC, {len(resolved.rows)} rows")
    warm = times[1:]
    print(f"cold {times[0]:.0f} ms, warm {statistics.median(warm):.1f} ms (median, n={RUNS}, max {max(warm):.1f})")


if __name__ == "__main__":
    main()
