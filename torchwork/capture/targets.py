"""What a person names to be imported: `torchvision.models:resnet18`, or `my_net.py:Net`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.capture.constructors import watched
from torchwork.capture.preview import names, parsed, preview
from torchwork.catalog import with_vision
from torchwork.errors import TorchworkError, nearest

PICTURE = 224
PICTURES = {"inception_v3": 299}
"""Sizes of the pictures that torchvision's models take, where they are not 224."""


@dataclass(frozen=True)
class Target:
    """A module's name or a file, and the name of a class, factory or instance in it."""

    module: str
    name: str

    @property
    def file(self) -> Path | None:
        """The Python file, None for an installed module."""
        return Path(self.module) if self.module.endswith(".py") else None

    @classmethod
    def parse(cls, text: str) -> Target:
        """`MODULE:NAME` or `FILE.py:NAME`; TorchworkError when it is neither."""
        module, _, name = text.rpartition(":")
        if not module or not name.isidentifier():
            raise TorchworkError(
                f"expected MODULE:NAME or FILE.py:NAME, such as torchvision.models:resnet18, got {text!r}"
            )
        return cls(module, name)


@dataclass(frozen=True)
class Loaded:
    """A live module, and with which arguments its parts were made."""

    module: nn.Module
    made: Mapping[nn.Module, Mapping[str, Any]]


def refuse_untrusted(target: Target) -> None:
    """Raises TorchworkError for a file: what it would do, and that `--trust` allows it."""
    if target.file is not None:
        found = names(target.file)
        if target.name not in found and found:
            hint = nearest(target.name, found) or f"it defines {', '.join(found[:5])}"
            raise TorchworkError(f"{target.file} defines no {target.name} ({hint})")
        does = preview(target.file)
        raise TorchworkError(f"importing {target.file} runs its code: {does}; say --trust if you trust it")


def load(target: Target) -> Loaded:
    """The live module of a target; a class or factory is called without arguments.

    Raises:
        TorchworkError: there is no such module or name, it raises, or it gives no nn.Module.
    """
    found = _attribute(target, _imported(target))
    with watched() as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = _made(target, found)
    return Loaded(module, made)


def _imported(target: Target) -> Any:
    file = target.file
    try:
        return with_vision(lambda: importlib.import_module(target.module) if file is None else _from_file(file))
    except SystemExit as error:
        raise TorchworkError(f"{target.module} ends the program when it is imported ({error})") from None
    except TorchworkError:
        raise
    except Exception as error:  # foreign code may raise anything
        raise TorchworkError(f"importing {target.module} fails{_line(error, target)}: {_told(error)}") from None


def _from_file(file: Path) -> Any:
    parsed(file)
    spec = importlib.util.spec_from_file_location(file.stem, file.resolve())
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    sys.path.insert(0, str(file.resolve().parent))
    spec.loader.exec_module(module)
    return module


def _attribute(target: Target, module: Any) -> Any:
    found = getattr(module, target.name, None)
    if found is None:
        known = [name for name in vars(module) if not name.startswith("_")]
        hint = nearest(target.name, known) or "look for the name of a class or a function in it"
        raise TorchworkError(f"{target.module} has no {target.name} ({hint})")
    return found


def _made(target: Target, found: Any) -> nn.Module:
    if isinstance(found, nn.Module):
        return found
    if not callable(found):
        raise TorchworkError(
            f"expected a class, a factory or an instance of nn.Module, but {target.name} is {_a(found)}"
        )
    _refuse_required(target, found)
    try:
        module = found(**_without_downloads(found))
    except SystemExit as error:
        raise TorchworkError(f"{target.name}() ends the program ({error})") from None
    except Exception as error:  # foreign code may raise anything
        raise TorchworkError(f"{target.name}() raises{_line(error, target)}: {_told(error)}") from None
    if not isinstance(module, nn.Module):
        raise TorchworkError(f"expected an nn.Module from {target.name}(), but it gives {_a(module)}")
    return module


def _refuse_required(target: Target, found: Callable[..., Any]) -> None:
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return
    needed = [item.name for item in parameters if item.default is item.empty and item.kind in named]
    if needed:
        fix = "write a function without arguments that makes it, and name that function"
        raise TorchworkError(f"{target.name} needs {', '.join(needed)}; {fix}")


def _without_downloads(found: Callable[..., Any]) -> dict[str, Any]:
    """None for torchvision's arguments that would fetch weights by default."""
    if not getattr(found, "__module__", "").startswith("torchvision."):
        return {}
    return {name: None for name in inspect.signature(found).parameters if name in ("weights", "weights_backbone")}


def _a(value: Any) -> str:
    return f"a {type(value).__name__}"


def _told(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line(error: BaseException, target: Target) -> str:
    """` in line 12`, of the target's own file, where the error came from there."""
    frames = traceback.extract_tb(error.__traceback__)
    file = target.file and str(target.file.resolve())
    lines = [frame.lineno for frame in frames if file and frame.filename == file]
    return f" in line {lines[-1]}" if lines else ""


def inputs_of(text: str | None, target: Target, module: nn.Module) -> tuple[list[Tensor], list[str]]:
    """The inputs that `--input` describes, such as `1x3x224x224,2x16:int64`, and what was guessed without it."""
    if text:
        torch.manual_seed(0)
        return [_tensor(item.strip(), module) for item in text.split(",")], []
    if target.module.startswith("torchvision.models"):
        side = PICTURES.get(target.name, PICTURE)
        shape = f"1x3x{side}x{side}"
        return inputs_of(shape, target, module)[0], [f"tried with an input of {shape}; --input says another one"]
    raise TorchworkError(f"say what {target.name} takes, such as --input 1x3x224x224 or --input 2x16:int64")


def _tensor(text: str, module: nn.Module) -> Tensor:
    shape_text, _, dtype_text = text.replace(" ", ":").partition(":")
    dtype = getattr(torch, dtype_text or "float32", None)
    if not all(part.isdecimal() and int(part) for part in shape_text.split("x")) or not isinstance(dtype, torch.dtype):
        raise TorchworkError(f"expected an input such as 1x3x224x224 or 2x16:int64, got {text!r}")
    shape = [int(part) for part in shape_text.split("x")]
    if dtype.is_floating_point:
        return torch.rand(shape, dtype=dtype)
    tables = [part.num_embeddings for part in module.modules() if isinstance(part, nn.Embedding)]
    return torch.randint(0, 2 if dtype == torch.bool else min([*tables, 10]), shape).to(dtype)
