"""The parameters and buffers that a module owns itself, as nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.capture.draft import DraftNode
from torchwork.capture.recording import FEW

WITH_WEIGHTS = "its values come with the weights"
"""so ends what a report says of a tensor that no document holds"""


def owned(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """A module's own tensors by name, without those of its children, in the order of its state dict."""
    yield from module.named_parameters(recurse=False, remove_duplicate=False)
    yield from module.named_buffers(recurse=False, remove_duplicate=False)


def node_of(module: nn.Module, name: str, tensor: Tensor) -> tuple[DraftNode | None, str]:
    """The node of a tensor of a module, and what a report must say of it; None where nothing brings its values."""
    parameter = isinstance(tensor, nn.Parameter)
    saved = parameter or name not in module._non_persistent_buffers_set
    begins = _beginning(tensor, parameter)
    if begins is None and not saved:
        return None, f"its buffer {name} is not saved with the weights, and too large for the document"
    fixed = {"requires_grad": False} if parameter and not tensor.requires_grad else {}
    dtype = {} if tensor.dtype == torch.float32 else {"dtype": str(tensor.dtype).removeprefix("torch.")}
    persistent = {} if saved else {"persistent": False}
    args = {"size": list(tensor.shape), **(begins or {}), **dtype, **fixed, **persistent}
    words = "" if begins is not None else f"{name} begins at zeros: {WITH_WEIGHTS}"
    return DraftNode(name, "Parameter" if parameter else "Buffer", args, [], stateful=True), words


def constant_of(name: str, tensor: Tensor) -> DraftNode:
    """The node of a tensor that is always the same, and is in no state dict."""
    dtype = {} if tensor.dtype == torch.float32 else {"dtype": str(tensor.dtype).removeprefix("torch.")}
    args = {"size": list(tensor.shape), **(_beginning(tensor, False) or {}), **dtype, "persistent": False}
    return DraftNode(name, "Buffer", args, [], stateful=True)


def _beginning(tensor: Tensor, parameter: bool) -> dict[str, Any] | None:
    """The number that fills a tensor, or the few of a buffer; None for values that no document holds."""
    flat = tensor.detach().flatten()
    if not flat.numel():
        return {}
    if flat.is_complex() or (flat.numel() > FEW and not bool((flat == flat[0]).all())):
        return None
    if not bool(flat.isfinite().all()):
        return None
    if bool((flat == flat[0]).all()):
        number = float(_short(flat[0]))
        return {"fill": number} if number else {}
    return None if parameter else {"value": [_short(number) for number in flat]}


def _short(number: Tensor) -> Any:
    """A number with as few digits as its type needs."""
    value = number.item()
    if not number.is_floating_point():
        return value
    texts = (float(f"{value:.{digits}g}") for digits in range(1, 18))
    return next((text for text in texts if torch.tensor(text, dtype=number.dtype) == number), value)
