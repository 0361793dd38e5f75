"""Leaves a network as it was: whoever looks into one runs it inside `untouched`."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

HOOKS = (
    "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_forward_hooks", "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called", "_backward_pre_hooks", "_backward_hooks",
)  # fmt: skip
"""The dictionaries in which torch keeps the hooks of a module."""


@contextmanager
def untouched(*models: nn.Module) -> Iterator[None]:
    """Puts back, also when what is inside fails: each module's mode, buffers and hooks, requires_grad, gradients, and
    all random generators.

    Inside there are no gradients, so that a backward pass there adds to none; the old ones come back.
    """
    with ExitStack() as stack:
        stack.enter_context(_random())
        for module in {module: None for model in models for module in model.modules()}:
            stack.enter_context(_module(module))
        for parameter in {parameter: None for model in models for parameter in model.parameters()}:
            stack.enter_context(_gradient(parameter))
        yield


@contextmanager
def _module(module: nn.Module) -> Iterator[None]:
    training, buffers = module.training, dict(module._buffers)
    values = {name: buffer.clone() for name, buffer in buffers.items() if buffer is not None}
    hooks = {name: dict(getattr(module, name)) for name in HOOKS}
    try:
        yield
    finally:
        module.training = training
        module._buffers.clear()
        module._buffers.update(buffers)
        for name, value in values.items():
            _put_back(buffers[name], value)
        for name, kept in hooks.items():
            present = getattr(module, name)
            present.clear()
            present.update(kept)


def _put_back(buffer: Tensor | None, value: Tensor) -> None:
    """The old values, where they differ: a graph that was made before may still need the tensor as it stands.

    They are compared, for batch norm changes its averages behind the back of torch's count of changes.
    """
    if buffer is not None and not torch.equal(buffer, value):
        with torch.inference_mode(buffer.is_inference()), torch.no_grad():
            buffer.copy_(value)


@contextmanager
def _gradient(parameter: nn.Parameter) -> Iterator[None]:
    gradient, wanted = parameter.grad, parameter.requires_grad
    parameter.grad = None
    try:
        yield
    finally:
        if parameter.requires_grad != wanted:  # what was made in inference mode cannot even be set to what it is
            parameter.requires_grad_(wanted)
        parameter.grad = gradient


@contextmanager
def _random() -> Iterator[None]:
    """Python's, numpy's and torch's generators, on all devices that are in use."""
    python, array, state = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if _cuda() else None
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(array)
        torch.set_rng_state(state)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
        if mps is not None:
            torch.mps.set_rng_state(mps)


def _cuda() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def mapped(function: Any, value: Any) -> Any:
    """`value` with `function` of each tensor in it: tuples, named and packed ones too, lists and dicts of any kind."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, tuple) and hasattr(value, "_make"):  # which asks nothing, as a PackedSequence else does
        return type(value)._make(mapped(function, item) for item in value)
    if isinstance(value, list | tuple):
        return type(value)(mapped(function, item) for item in value)
    if isinstance(value, dict):
        made = copy.copy(value)  # an output of one's own kind, whose fields are attributes too
        for key, item in value.items():
            made[key] = mapped(function, item)
        return made
    return value
