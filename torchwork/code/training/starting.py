"""Weights that a script begins from: statements that load them in the shape that their file has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from torchwork.build import read_weights
from torchwork.build.weights import WRAPPERS
from torchwork.code.text import literal

READ = 'weights = torch.load(WEIGHTS, map_location="cpu", weights_only=True)'
TENSORS = "weights = {name: value for name, value in weights.items() if isinstance(value, Tensor)}"
UNWRAPPED = 'weights = {name.removeprefix("module."): value for name, value in weights.items()}'


def starting(path: Path) -> list[str]:
    """Statements that load the file `path`, which a script knows as WEIGHTS, into `model`.

    Raises:
        WeightsError: the file is missing, damaged, or holds no state dict.
    """
    found = read_weights(path)
    if path.suffix == ".safetensors":
        return ["weights = load_file(WEIGHTS)", *_cleaned({**found}, found), "model.load_state_dict(weights)"]
    value: Any = torch.load(path, map_location="meta", weights_only=True)
    keys = ""
    while (key := _wrapper(value)) is not None:
        value, keys = value[key], f"{keys}[{literal(key)}]"
    return [READ + keys, *_cleaned(value, found), "model.load_state_dict(weights)"]


def _wrapper(value: Any) -> str | None:
    """The key under which a file holds its state dict."""
    return next((key for key in WRAPPERS if isinstance(value, Mapping) and isinstance(value.get(key), Mapping)), None)


def _cleaned(value: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """From what the file holds to the names and tensors that were found in it."""
    lines = [TENSORS] if len(value) > len(found) else []
    return lines + ([UNWRAPPED] if not found.keys() <= value.keys() else [])
