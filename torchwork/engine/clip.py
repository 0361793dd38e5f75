"""Gradient clipping by total norm or by value, sparse gradients included."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from torchwork.experiment import Clip


def clipper(settings: Clip | None) -> Callable[[Sequence[Tensor]], None] | None:
    """The function that clips the gradients of some parameters in place, or None when nothing is clipped."""
    if settings is None:
        return None
    if settings.norm is not None:
        limit = settings.norm
        return lambda parameters: clip_norm(parameters, limit)
    bound = settings.value or 0.0
    return lambda parameters: clip_value(parameters, bound)


def clip_norm(parameters: Sequence[Tensor], limit: float) -> None:
    """Scales all gradients so that their total 2-norm is at most `limit`."""
    gradients = _values(parameters)
    if gradients:
        norm = get_total_norm(gradients)
        torch._foreach_mul_(gradients, torch.clamp(limit / (norm + 1e-6), max=1.0))


def clip_value(parameters: Sequence[Tensor], bound: float) -> None:
    """Clamps every element of the gradients to -bound..bound."""
    gradients = _values(parameters)
    if gradients:
        torch._foreach_clamp_min_(gradients, -bound)
        torch._foreach_clamp_max_(gradients, bound)


def _values(parameters: Sequence[Tensor]) -> list[Tensor]:
    """The gradients' values, sharing their memory; of a sparse gradient those it has."""
    found = []
    for parameter in parameters:
        if parameter.grad is not None and parameter.grad.is_sparse:
            parameter.grad = parameter.grad.coalesce()
            found.append(parameter.grad._values())
        elif parameter.grad is not None:
            found.append(parameter.grad)
    return found
