"""Whether a forward has only one way: torch.fx, one level deep, follows it with no numbers at all."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from torch import fx, nn


class _OneLevel(fx.Tracer):
    """A tracer to which every child is a leaf."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return True


def reason_for_branches(module: nn.Module) -> str:
    """Why the forward could not be followed without numbers; empty when it could, and so has no hidden branch."""
    parameters = inspect.signature(module.forward).parameters.values()
    fixed: dict[str, Any] = {item.name: item.default for item in parameters if item.default is not item.empty}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _OneLevel().trace(module, concrete_args=fixed or None)
    except Exception as error:  # foreign code may raise anything
        return (str(error).strip().splitlines() or [type(error).__name__])[0].partition(". ")[0]
    return ""
