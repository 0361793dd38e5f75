"""What a person names to be imported: `torchvision.models:resnet18`, or `my_net.py:Net`."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import site
import sys
import sysconfig
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.capture.constructors import watched
from torchwork.capture.foreign import FOREIGN, line, told
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

    @property
    def own(self) -> bool:
        """Whether it is a person's own code: a file, or a module that lies in no folder of installed packages."""
        return self.file is not None or not _is_installed(self.module.partition(".")[0])

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
class Origin:
    """How Python makes a target again: imports or the source of its file, an expression; what must be at hand."""

    imports: tuple[str, ...]
    source: str
    expression: str
    needs: str


@dataclass(frozen=True)
class Loaded:
    """A live module, with which arguments its parts were made, and how it is made again."""

    module: nn.Module
    made: Mapping[nn.Module, Mapping[str, Any]]
    origin: Origin


def _is_installed(name: str) -> bool:
    """Whether a module comes from Python's or the environment's own folders, or does not exist; nothing is run."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    places = [*(spec.submodule_search_locations or []), spec.origin] if spec else []
    found = [Path(place).resolve() for place in places if place and place not in ("built-in", "frozen")]
    return all(any(folder in place.parents for folder in _installed_folders()) for place in found)


@functools.cache
def _installed_folders() -> frozenset[Path]:
    """Where Python's own modules lie, and where pip puts packages."""
    own = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return frozenset(Path(each).resolve() for each in [*own, *site.getsitepackages(), site.getusersitepackages()])


def refuse_untrusted(target: Target) -> None:
    """Raises TorchworkError for a person's own code: what it would do, and that `--trust` allows it."""
    if target.file is None and target.own:
        says = "is a module of your own, and importing it runs its code"
        raise TorchworkError(f"{target.module} {says}; say --trust if you trust it")
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
    return Loaded(module, made, _origin(target, found))


def _origin(target: Target, found: Any) -> Origin:
    """An import of an installed module or the source of a file, and the call that gives the model."""
    given = "" if isinstance(found, nn.Module) else ", ".join(f"{name}=None" for name in _without_downloads(found))
    instance = isinstance(found, nn.Module)
    expression = f"copy.deepcopy({target.name})" if instance else f"{target.name}({given})"
    imports = ("import copy",) * instance
    if target.file is None:
        whose = "the package" if not target.own else "the file of"
        needs = f"its code imports {target.module}, so that it needs {whose} {target.module.partition('.')[0]}"
        return Origin((*imports, f"from {target.module} import {target.name}"), "", expression, needs)
    needs = f"its code holds all of {target.file.name}, and needs the files beside it that this imports"
    return Origin(imports, target.file.read_text("utf-8-sig").strip(), expression, needs)


def _imported(target: Target) -> Any:
    file = target.file
    try:
        return with_vision(lambda: importlib.import_module(target.module) if file is None else _from_file(file))
    except TorchworkError:
        raise
    except FOREIGN as error:
        raise TorchworkError(f"importing {target.module} fails{line(error, target.file)}: {told(error)}") from None


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
    except FOREIGN as error:
        raise TorchworkError(f"{target.name}() raises{line(error, target.file)}: {told(error)}") from None
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
        given = ", ".join(f"{name}=..." for name in needed)
        fix = f"write `def make(): return {target.name}({given})` with your values in a file, and import FILE.py:make"
        raise TorchworkError(f"{target.name} needs {', '.join(needed)}; {fix}")


def _without_downloads(found: Callable[..., Any]) -> dict[str, Any]:
    """None for torchvision's arguments that would fetch weights by default."""
    if not getattr(found, "__module__", "").startswith("torchvision."):
        return {}
    return {name: None for name in inspect.signature(found).parameters if name in ("weights", "weights_backbone")}


def _a(value: Any) -> str:
    return f"a {type(value).__name__}"


def inputs_of(text: str | None, target: Target, module: nn.Module) -> tuple[list[Tensor], list[str]]:
    """The inputs that `--input` describes, such as `1x3x224x224,2x16:int64`, and what was guessed without it."""
    if text:
        torch.manual_seed(0)
        found: list[Tensor] = []
        for item in text.split(","):
            found.append(_tensor(item.strip(), module, found))
        _refuse_wrong_number(module, len(found))
        return found, []
    if target.module.startswith("torchvision.models"):
        side = PICTURES.get(target.name, PICTURE)
        shape = f"1x3x{side}x{side}"
        return inputs_of(shape, target, module)[0], [f"tried with an input of {shape}; --input says another one"]
    takes = ", ".join(item.name for item in _taken(module)) or "what its forward asks for"
    raise TorchworkError(f"say what {target.name} takes ({takes}), such as {_suggested(module)}")


def _taken(module: nn.Module) -> list[inspect.Parameter]:
    """The parameters of a forward that the inputs fill, one by one."""
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [item for item in inspect.signature(module.forward).parameters.values() if item.kind in places]


def _refuse_wrong_number(module: nn.Module, given: int) -> None:
    """Raises TorchworkError where a forward takes more or fewer inputs than were given."""
    taken, title = _taken(module), type(module).__name__
    needed = [item.name for item in taken if item.default is item.empty]
    several = any(item.kind is item.VAR_POSITIONAL for item in inspect.signature(module.forward).parameters.values())
    if len(needed) <= given and (given <= len(taken) or several):
        return
    names = ", ".join(item.name for item in taken)
    fix = "give one shape for each, with commas between them, as in --input 2x16:int64,2x8"
    if given > len(taken):
        fix += "; where one of them is a tuple, write a small module around it that takes its tensors one by one"
    raise TorchworkError(f"the forward of {title} takes {names or 'nothing'}, but --input gives {given}: {fix}")


def _suggested(module: nn.Module) -> str:
    """An input that suits the first layer of a module."""
    for part in module.modules():
        if isinstance(part, nn.Embedding):
            return "--input 2x16:int64"
        if isinstance(part, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            sides = {nn.Conv1d: "x64", nn.Conv2d: "x224x224"}.get(type(part), "x16x64x64")
            return f"--input 1x{part.in_channels}{sides}"
        if isinstance(part, nn.Linear):
            return f"--input 2x{part.in_features}"
        if isinstance(part, nn.RNNBase):
            return f"--input 2x16x{part.input_size}"
    return "--input 1x3x224x224 or --input 2x16:int64"


def _tensor(text: str, module: nn.Module, before: Sequence[Tensor]) -> Tensor:
    shape_text, _, dtype_text = text.replace(" ", ":").partition(":")
    dtype = getattr(torch, dtype_text or "float32", None)
    if not all(part.isdecimal() and int(part) for part in shape_text.split("x")) or not isinstance(dtype, torch.dtype):
        raise TorchworkError(f"expected an input such as 1x3x224x224 or 2x16:int64, got {text!r}")
    shape = [int(part) for part in shape_text.split("x")]
    if dtype.is_floating_point or dtype.is_complex:
        return torch.rand(shape, dtype=dtype)
    if dtype == torch.bool:
        return torch.randint(0, 2, shape).bool()
    limit = _limit(shape, module, before)
    return torch.randint(min(1, limit - 1), limit, shape).to(dtype)


def _limit(shape: Sequence[int], module: nn.Module, before: Sequence[Tensor]) -> int:
    """Whole numbers stay below it: indices into every table, or lengths of the sequences [batch, time] before them."""
    tables = [part.num_embeddings for part in module.modules() if isinstance(part, nn.Embedding)]
    times = [item.shape[1] + 1 for item in before if len(shape) == 1 and item.dim() > 1 and item.shape[0] == shape[0]]
    return min([*tables, *times, 10])
