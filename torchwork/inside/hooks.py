"""Hooks by name: read or change what passes through a network, and leave nothing behind.

A hook is called with the name of its module and a value; what it returns, unless None, takes the value's place.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import partial
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor, nn

from torchwork.errors import TorchworkError, nearest
from torchwork.inside.untouched import mapped

Pattern = str | type[nn.Module] | Callable[[str, nn.Module], bool]
"""Of names (`features.*`, `layer?.0.conv1`), a class (`nn.Conv2d`), or what says of name and module if it is meant."""
Hook = Callable[[str, Any], Any]


def exactly(name: str) -> Pattern:
    """The module of this very name, whatever signs are in it."""
    return lambda given, _: given == name


class Handle:
    """Takes off what one call has put on."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def add(self, hook: Any) -> None:
        """`hook` is a handle of torch's."""
        self._stack.callback(hook.remove)

    def remove(self) -> None:
        """May be called again."""
        self._stack.close()


class Hooks:
    """Hooks on modules of `model`, which `with` takes off at its end; a compiled model runs uncompiled meanwhile."""

    def __init__(self, model: nn.Module) -> None:
        self.model: nn.Module = getattr(model, "_orig_mod", model)
        self._stack = ExitStack()
        self._eager = is_compiled(model)

    def __enter__(self) -> Self:
        if self._eager:  # hooks that come after the first call of a compiled model are not in its graph
            self._stack.enter_context(torch.compiler.set_stance("force_eager"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()

    def remove(self) -> None:
        """Takes all hooks off."""
        self._stack.close()

    def names(self, pattern: Pattern) -> list[str]:
        """The modules that a pattern means, in the order in which they were made.

        Raises:
            TorchworkError: there is none.
        """
        modules = dict(self.model.named_modules())
        found = [name for name, module in modules.items() if _means(pattern, name, module)]
        if not found:
            raise TorchworkError(_none(pattern, modules))
        return found

    def forward(self, pattern: Pattern, hook: Hook) -> Handle:
        """`hook(name, output)` after each call."""
        return self._put(pattern, lambda name, module: module.register_forward_hook(partial(_after, name, hook)))

    def forward_pre(self, pattern: Pattern, hook: Hook) -> Handle:
        """`hook(name, inputs)` before each call; `inputs` is the tuple of positional arguments."""
        return self._put(pattern, lambda name, module: module.register_forward_pre_hook(partial(_before, name, hook)))

    def backward(self, pattern: Pattern, hook: Hook) -> Handle:
        """`hook(name, gradient)` with the gradient of each tensor that the module gave, as it was given.

        An operation that changes that tensor in place later changes nothing here: the hook sits on the value.
        """
        return self.forward(pattern, lambda name, output: _on_gradients(output, partial(hook, name)))

    def tensor(self, tensor: Tensor, hook: Callable[[Tensor], Tensor | None]) -> Handle:
        """`hook(gradient)` when the gradient of this tensor is there.

        Raises:
            TorchworkError: it gets none.
        """
        if not tensor.requires_grad:
            raise TorchworkError("this tensor gets no gradient: requires_grad is False; set it before it is used")
        return self._kept([_on_gradient(tensor, hook)])

    def _put(self, pattern: Pattern, put: Callable[[str, nn.Module], Any]) -> Handle:
        modules = dict(self.model.named_modules())
        return self._kept([put(name, modules[name]) for name in self.names(pattern)])

    def _kept(self, hooks: list[Any]) -> Handle:
        handle = Handle()
        for hook in hooks:
            handle.add(hook)
        self._stack.callback(handle.remove)
        return handle


def _after(name: str, hook: Hook, _: nn.Module, __: Any, output: Any) -> Any:
    return hook(name, output)


def _before(name: str, hook: Hook, _: nn.Module, inputs: Any) -> Any:
    return hook(name, inputs)


def _on_gradients(output: Any, hook: Callable[[Tensor], Any]) -> None:
    mapped(lambda tensor: _on_gradient(tensor, hook) if tensor.requires_grad else None, output)


def _on_gradient(tensor: Tensor, hook: Callable[[Tensor], Any]) -> Any:
    # A view whose base was changed in place makes its grad_fn anew when it is asked for; register_hook does not ask,
    # and ends the process (pytorch#196459).
    _ = tensor.grad_fn
    return tensor.register_hook(hook)  # type: ignore[no-untyped-call]


def _means(pattern: Pattern, name: str, module: nn.Module) -> bool:
    if isinstance(pattern, str):
        return fnmatchcase(name, pattern)
    return isinstance(module, pattern) if isinstance(pattern, type) else pattern(name, module)


def _none(pattern: Pattern, modules: dict[str, nn.Module]) -> str:
    if isinstance(pattern, type):
        kinds = {type(module).__name__ for module in modules.values()}
        hint = nearest(pattern.__name__, kinds) or f"there are {', '.join(sorted(kinds))}"
        return f"no module of this network is a {pattern.__name__}; {hint}"
    if not isinstance(pattern, str):
        return f"{getattr(pattern, '__name__', 'this function')} takes none of the {len(modules)} modules; give another"
    return no_such(pattern, [name for name in modules if name])


def no_such(pattern: str, names: list[str]) -> str:
    """The sentence for a layer that is not there, with the nearest names."""
    if not names:
        return f"no layer is called {pattern}; the network is one layer, whose name is empty"
    hint = nearest(pattern, names) or f"there are {', '.join(names[:8])}{', …' * (len(names) > 8)}"
    return f"no layer is called {pattern}; {hint}"


def is_compiled(model: nn.Module) -> bool:
    """Whether a module in it runs by torch.compile."""
    return any(hasattr(module, "_orig_mod") or module._compiled_call_impl is not None for module in model.modules())
