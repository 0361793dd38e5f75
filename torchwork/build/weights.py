"""Weights from a file into a model: safetensors or a plain state dict, never a pickle that could run code."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from torchwork.errors import WeightsError, nearest

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "module", "params", "weights")
"""Keys under which training scripts commonly put the state dict of the model."""
PICKLED = (b"\x80", b"PK")
"""How the files begin that torch.save writes: a pickle by itself, or in an archive."""
PREFIXES = ("module.", "_orig_mod.")
"""What DataParallel and torch.compile put before every name."""
COUNTERS = "num_batches_tracked"
"""Counters of batches that BatchNorm has since 2018; files older than that have none."""
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
    except Exception as error:  # a damaged file may make the reader raise anything
        if "TorchScript" in str(error):
            raise WeightsError(
                f"{path} is a TorchScript archive, a program with its weights; expected .safetensors or a plain state "
                "dict: write one with torch.save(torch.jit.load(...).state_dict(), ...) where the file was made"
            ) from None
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path} is not a readable file of weights ({reason})") from None


def _named_tensors(value: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(value, Mapping) and "param_groups" in value:
        raise WeightsError(f"{path} holds the state of an optimizer; expected the weights of a model")
    for wrapper in WRAPPERS:
        if isinstance(value, Mapping) and isinstance(value.get(wrapper), Mapping):
            return _named_tensors(value[wrapper], path)
    tensors = _tensors(value)
    inside = {str(key): item for key, item in value.items() if _tensors(item)} if isinstance(value, Mapping) else {}
    if not tensors and len(inside) == 1:
        return _named_tensors(next(iter(inside.values())), path)
    if not tensors and inside:
        raise WeightsError(f"{path} holds weights of several models ({', '.join(inside)}); save the one that is meant")
    if not tensors:
        raise WeightsError(f"{path} holds {type(value).__name__}; expected a state dict (names to tensors)")
    return _without_prefixes(tensors)


def _tensors(value: Any) -> dict[str, Tensor]:
    items = value.items() if isinstance(value, Mapping) else ()
    return {str(key): item for key, item in items if isinstance(item, Tensor)}


def _without_prefixes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The names as the model itself has them, not as its wrappers had."""
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            return _without_prefixes({name.removeprefix(prefix): tensor for name, tensor in tensors.items()})
    return {name.replace("._orig_mod.", "."): tensor for name, tensor in tensors.items()}


def put_weights(model: nn.Module, weights: Mapping[str, Tensor], origin: str) -> None:
    """Copies `weights` into `model`; every name and shape must agree, up to a prefix that all names have.

    Raises:
        WeightsError: lists missing, unexpected and misshaped names; the model is left as it was.
    """
    own = model.state_dict()
    check_weights(model, weights, origin)
    model.load_state_dict({**own, **_aligned(weights, own)}, strict=True)


def check_weights(model: nn.Module, weights: Mapping[str, Tensor], origin: str) -> None:
    """Raises WeightsError with what is missing, unexpected and misshaped in `weights`, and the nearest names."""
    own = model.state_dict()
    weights = _aligned(weights, own)
    missing = sorted(name for name in own.keys() - weights.keys() if not name.endswith(COUNTERS))
    unexpected = sorted(weights.keys() - own.keys())
    misshaped = sorted(
        f"{name} is {tuple(weights[name].shape)}, expected {tuple(own[name].shape)}"
        for name in own.keys() & weights.keys()
        if weights[name].shape != own[name].shape
    )
    if missing or unexpected or misshaped:
        told = [
            _list("missing", missing, unexpected),
            _list("unexpected", unexpected, missing),
            _list("of another shape", misshaped),
        ]
        raise WeightsError(f"{origin} does not fit the model: {'; '.join(filter(None, told))}")


def _aligned(weights: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The weights with the model's names where a prefix of all names is the only difference (`model.` of Lightning)."""
    wanted = {name for name in own if not name.endswith(COUNTERS)}
    if wanted <= weights.keys():
        return weights
    stripped = ({name.removeprefix(prefix): weights[name] for name in weights} for prefix in _common(weights))
    extended = ({f"{prefix}{name}": weights[name] for name in weights} for prefix in _common(own))
    fitting = (found for found in (*stripped, *extended) if wanted <= found.keys() <= own.keys())
    return next(fitting, weights)


def _common(names: Iterable[str]) -> list[str]:
    """The prefixes, each with its dot, that all of `names` have."""
    first, *_ = [*names, ""]
    steps = first.split(".")[:-1]
    prefixes = [".".join(steps[: count + 1]) + "." for count in range(len(steps))]
    return [prefix for prefix in prefixes if all(name.startswith(prefix) for name in names)]


def _list(what: str, names: Sequence[str], others: Sequence[str] = ()) -> str:
    """How many there are and the first few, each with the nearest of `others`; empty when there are none."""
    if not names:
        return ""
    hints = [(name, nearest(name, others)) for name in names[:SHOWN]]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{len(names)} {what}: {', '.join(f'{name} ({hint})' if hint else name for name, hint in hints)}{more}"
