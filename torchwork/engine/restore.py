"""Whether a saved state belongs to this model, optimizer and schedules; said in words before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from torchwork.errors import CheckpointError, nearest


def same_kinds(what: str, here: Sequence[str], there: Sequence[str], source: object) -> None:
    """Raises CheckpointError when the names `there` of a checkpoint are not those `here`."""
    if list(here) != list(there):
        raise CheckpointError(
            f"{source} was written with the {what} {' and '.join(there) or 'none'}, this run has "
            f"{' and '.join(here) or 'none'}; resume with the same settings, or begin a new run with these weights"
        )


def restore_optimizer(optimizer: Optimizer, state: dict[str, Any], source: object) -> None:
    """Loads an optimizer's state bit for bit; torch alone would cast it to the type of the parameters.

    Raises:
        CheckpointError: its parameter groups are others.
    """
    here = [len(group["params"]) for group in optimizer.param_groups]
    there = [len(group["params"]) for group in state["param_groups"]]
    if here != there:
        raise CheckpointError(
            f"{source} was written with parameter groups of {there} parameters, {type(optimizer).__name__} has {here}; "
            "resume with the same parameter rules and the same frozen layers"
        )
    optimizer.load_state_dict(state)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index, saved in state["state"].items():
        loaded = optimizer.state[parameters[index]]
        for key, value in saved.items():
            if isinstance(value, Tensor):
                loaded[key] = value.to(loaded[key].device)


def restore_model(model: nn.Module, state: Mapping[str, Any], source: object) -> None:
    """Loads `state` into `model` after every key and shape was compared.

    Raises:
        CheckpointError: it belongs to another model; says which keys are missing, unexpected or of another shape.
    """
    problems = misfits(model.state_dict(), state)
    if problems:
        raise CheckpointError(
            f"{source} belongs to another model: {'; '.join(problems)}; use the model it was written with"
        )
    model.load_state_dict(dict(state))


def misfits(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """How the state dict `there` differs from `here`, in a few phrases; empty when it fits."""
    missing = [_with_guess(key, [name for name in there if name not in here]) for key in here if key not in there]
    unexpected = [key for key in there if key not in here]
    shapes = [
        f"{key} is {list(there[key].shape)}, expected {list(here[key].shape)}"
        for key in here
        if key in there and _shape(here[key]) != _shape(there[key])
    ]
    found = [("missing", missing), ("unexpected", unexpected), ("other shapes", shapes)]
    return [f"{what}: {_some(names)}" for what, names in found if names]


def _with_guess(key: str, options: list[str]) -> str:
    guess = nearest(key, options)
    return f"{key} ({guess})" if guess else key


def _shape(value: Any) -> Any:
    return value.shape if isinstance(value, Tensor) else None


def _some(names: list[str], limit: int = 5) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def not_finite(model: nn.Module) -> str | None:
    """The first parameter with a NaN or an infinity, or None; one reading from the device."""
    names, tensors = zip(*[(name, p) for name, p in model.named_parameters() if p.is_floating_point()], strict=True)
    with torch.no_grad():
        checks = torch.stack([torch.isfinite(tensor).all().to(tensors[0].device) for tensor in tensors])
    bad = (~checks).nonzero()[:, 0].tolist()
    return names[bad[0]] if bad else None
