"""Weights from a file into a model: safetensors or a plain state dict, never a pickle that could run code."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from torchwork.errors import WeightsError, nearest

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights")
"""Keys under which training scripts commonly put the state dict of the model."""
PICKLED = (b"\x80", b"PK")
"""How the files begin that torch.save writes: a pickle by itself, or in an archive."""
SHOWN = 5


def read_weights(path: Path) -> dict[str, Tensor]:
    """The named tensors of a weights file.

    Raises:
        WeightsError: the file is missing, damaged, a pickle of Python objects, or holds no state dict.
    """
    if not path.is_file():
        raise WeightsError(f"expected a file of weights at {path}, found none")
    return _named_tensors(_load(path), path)


def _load(path: Path) -> Any:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        if not path.read_bytes()[:2].startswith(PICKLED):
            raise WeightsError(f"{path} is no file of weights; expected .safetensors or a plain state dict") from None
        raise WeightsError(
            f"{path} is a pickle of Python objects, and reading it would run code from it; expected .safetensors or a "
            "plain state dict: write one with torch.save(model.state_dict(), ...) where the file was made"
        ) from None
    except (SafetensorError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path} is not a readable file of weights ({reason})") from None


def _named_tensors(value: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(value, Mapping) and "param_groups" in value:
        raise WeightsError(f"{path} holds the state of an optimizer; expected the weights of a model")
    for wrapper in WRAPPERS:
        if isinstance(value, Mapping) and isinstance(value.get(wrapper), Mapping):
            return _named_tensors(value[wrapper], path)
    tensors = (
        {str(key): item for key, item in value.items() if isinstance(item, Tensor)}
        if isinstance(value, Mapping)
        else {}
    )
    if not tensors:
        raise WeightsError(f"{path} holds {type(value).__name__}; expected a state dict (names to tensors)")
    if all(name.startswith("module.") for name in tensors):  # saved from a DataParallel wrapper
        return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    return tensors


def put_weights(model: nn.Module, weights: Mapping[str, Tensor], origin: str) -> None:
    """Copies `weights` into `model`; every name and shape must agree.

    Raises:
        WeightsError: lists missing, unexpected and misshaped names; the model is left as it was.
    """
    check_weights(model, weights, origin)
    model.load_state_dict(dict(weights), strict=True)


def check_weights(model: nn.Module, weights: Mapping[str, Tensor], origin: str) -> None:
    """Raises WeightsError with what is missing, unexpected and misshaped in `weights`."""
    own = model.state_dict()
    missing, unexpected = sorted(own.keys() - weights.keys()), sorted(weights.keys() - own.keys())
    misshaped = [
        f"{name} is {tuple(weights[name].shape)}, expected {tuple(own[name].shape)}"
        for name in own.keys() & weights.keys()
        if weights[name].shape != own[name].shape
    ]
    if missing or unexpected or misshaped:
        pairs = [f"{name} ({nearest(name, missing)})" if nearest(name, missing) else name for name in unexpected]
        listed = {"missing": missing, "unexpected": pairs, "of another shape": sorted(misshaped)}
        raise WeightsError(
            f"{origin} does not fit the model: {'; '.join(_list(*item) for item in listed.items() if item[1])}"
        )


def _list(what: str, names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{len(names)} {what}: {', '.join(names[:SHOWN])}{more}"
