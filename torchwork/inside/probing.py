"""`torchwork.probe`: hooks on a network, or everything that its layers give for one input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, overload

import torch
from torch import Tensor, nn

from torchwork.errors import TorchworkError
from torchwork.inside.hooks import Hooks, Pattern, exactly, no_such
from torchwork.inside.layers import layers
from torchwork.inside.untouched import mapped, untouched

Target = Callable[[Any], Tensor]
"""Of the network's output, the number whose gradients are wanted."""


class Outputs(Mapping[str, Any]):
    """What each layer gave, by its name; of one that was called again also as `relu#2`, `relu#3`, ...

    Tensors are copies, detached: what changes them in place afterwards, as `ReLU(inplace=True)` does, does not show.
    `output` is the network's own, `gradients` are by the same names, where they were asked for.
    """

    def __init__(self) -> None:
        self.output: Any = None
        self.gradients: dict[str, Tensor] = {}
        self._found: dict[str, Any] = {}
        self._calls: dict[str, int] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            raise KeyError(no_such(name, list(self._found)))
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        """A line for each: `layer1.0.conv1  2×64×56×56`."""
        return "\n".join(f"{name}  {_shapes(value)}" for name, value in self._found.items())

    def _keep(self, gradients: bool, name: str, output: Any) -> None:
        self._calls[name] = count = self._calls.get(name, 0) + 1
        key = name if count == 1 else f"{name}#{count}"
        self._found[key] = copied(output)
        if gradients:
            mapped(partial(self._await, key), output)

    def _await(self, key: str, tensor: Tensor) -> None:
        """The gradient of the first tensor that gets one."""
        if tensor.requires_grad:
            _ = tensor.grad_fn  # see hooks.py: pytorch#196459
            tensor.register_hook(partial(self._keep_gradient, key))  # type: ignore[no-untyped-call]

    def _keep_gradient(self, key: str, gradient: Tensor) -> None:
        self.gradients.setdefault(key, gradient.detach().clone())


@overload
def probe(model: nn.Module, /) -> Hooks:
    """Hooks on a network, for `with`."""


@overload
def probe(
    model: nn.Module,
    first: Any,
    /,
    *inputs: Any,
    layers: Pattern | None = None,
    gradients: Target | None = None,
    **named: Any,
) -> Outputs:
    """What its layers give for an input."""


@overload
def probe(
    model: nn.Module, /, *, layers: Pattern | None = None, gradients: Target | None = None, **named: Any
) -> Outputs:
    """The same for inputs that are given by name."""


def probe(
    model: nn.Module,
    /,
    *inputs: Any,
    layers: Pattern | None = None,
    gradients: Target | None = None,
    **named: Any,
) -> Hooks | Outputs:
    """Looks into any network, and leaves it as it was.

    `with probe(model) as hooks: hooks.forward("features.*", read)` puts hooks on. `probe(model, x)` runs it once, in
    the mode it is in, and gives all outputs by name: of its layers, or of the modules that `layers` means.
    `gradients` says of which number of the output: `probe(model, x, gradients=lambda scores: scores[0, 3])`. Inputs
    are given as the model takes them, by place or by name.

    Raises:
        TorchworkError: the pattern means no module, or this is no network. An error of the network's own is passed on,
            with a note which layer it was and what it got.
    """
    if not isinstance(model, nn.Module):
        raise TorchworkError(f"expected a network, an nn.Module, got {type(model).__name__}")
    if not inputs and not named:
        return Hooks(model)
    found = Outputs()
    with untouched(model), Hooks(model) as hooks, _told(hooks):
        for name in _chosen(hooks, layers):
            hooks.forward(exactly(name), partial(found._keep, gradients is not None))
        if gradients is None:
            with torch.no_grad():
                found.output = copied(hooks.model(*copied(inputs), **copied(named)))
        else:
            _with_gradients(hooks.model, inputs, named, gradients, found)
    return found


@contextmanager
def _told(hooks: Hooks) -> Iterator[None]:
    """An error says in which layer it came, and of what."""
    names, inside = {name for name, _ in layers(hooks.model)}, list[str]()
    if names:
        hooks.forward_pre(lambda name, _: name in names, lambda name, given: inside.append(f"{name}: {_shapes(given)}"))
        hooks.forward(lambda name, _: name in names, lambda *_: inside.clear())
    try:
        yield
    except Exception as error:
        if inside:
            error.add_note(f"in layer {inside[-1]}")
        raise


def _with_gradients(
    model: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], target: Target, found: Outputs
) -> None:
    with torch.inference_mode(False), torch.enable_grad():
        output = model(*mapped(_leaf, inputs), **mapped(_leaf, named))
        found.output = copied(output)
        wanted = target(output)
        if not isinstance(wanted, Tensor) or wanted.numel() != 1 or not wanted.requires_grad:
            raise TorchworkError(
                f"expected of `gradients` one number of the output that depends on a layer, got {_said(wanted)}; "
                "give a function such as `lambda scores: scores[0, 3]`"
            )
        torch.autograd.backward(wanted.reshape(()))


def _shapes(value: Any) -> str:
    """`2×64×56×56`, several one after the other."""
    shapes: list[str] = []
    mapped(lambda tensor: shapes.append("×".join(map(str, tensor.shape)) or "a number"), value)
    return ", ".join(shapes) or type(value).__name__


def _said(value: Any) -> str:
    return f"a tensor of shape {list(value.shape)}" if isinstance(value, Tensor) else type(value).__name__


def copied(value: Any) -> Any:
    """Each tensor in it as a detached copy."""
    return mapped(lambda tensor: tensor.detach().clone(), value)


def _leaf(tensor: Tensor) -> Tensor:
    """A copy through which gradients flow, also where all parameters are frozen; it may be changed in place."""
    leaf = tensor.detach().clone()
    return leaf.requires_grad_().clone() if leaf.is_floating_point() else leaf


def _chosen(hooks: Hooks, pattern: Pattern | None) -> list[str]:
    return [name for name, _ in layers(hooks.model)] if pattern is None else hooks.names(pattern)
