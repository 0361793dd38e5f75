"""Classes that a document holds as source: the one place where code of a document runs, and only with trust."""

from __future__ import annotations

import ast
import hashlib
import linecache
import sys
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import unset_fake_temporarily

from torchwork.catalog import vision
from torchwork.errors import DocumentError, Problem, nearest
from torchwork.experiment import Module
from torchwork.graph.value import Unknown

NOT_RUN = Unknown("it is code; --trust runs it")
"""What code gives that may not run."""
NEEDS_TRUST = "look at it, and run it with --trust"


@dataclass(frozen=True)
class ClassSource:
    """The text of one or more classes with their imports, and the name of the class that is meant."""

    text: str
    name: str

    @property
    def file(self) -> str:
        """The name under which Python knows the text, in tracebacks and for `inspect.getsource`."""
        return f"<code of {self.name} {hashlib.sha256(self.text.encode()).hexdigest()[:12]}>"

    def problem(self, path: str) -> Problem | None:
        """What can be seen to be wrong without running anything; `path` is that of the definition."""
        try:
            with warnings.catch_warnings(action="ignore"):  # such as those of invalid escapes in strings
                tree = ast.parse(self.text)
        except SyntaxError as error:
            return Problem(f"{path}.code", f"this is no Python: {error.msg} in line {error.lineno}", "mend that line")
        except (ValueError, RecursionError, MemoryError) as error:
            return Problem(f"{path}.code", f"this is no Python: {error}", "write the source of a class")
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        if self.name in classes:
            return None
        fix = nearest(self.name, classes) or (f"write `class:` with one of {', '.join(classes)}" if classes else "")
        return Problem(f"{path}.class", f"there is no class {self.name} in the code", fix or "write its class")

    def make(self, args: Mapping[str, Any], path: str) -> nn.Module:
        """An instance of the class; runs the code, so that whoever calls it must have been trusted.

        Raises:
            DocumentError: the code, or the constructor, raises; says in which line.
        """
        kind = _loaded(self, path)
        try:
            return _on_meta(kind, args) if torch.get_default_device().type == "meta" else kind(**args)
        except Exception as error:  # foreign code may raise anything
            message = f"{self.name} cannot be made: {self.told(error)}"
            raise DocumentError(Problem(path, message, "change its arguments or its code")) from None

    def told(self, error: BaseException) -> str:
        """What an error says, with the line of the code that it came from."""
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.file]
        words = (str(error).splitlines() or [""])[0]
        return (
            f"{type(error).__name__}{': ' if words else ''}{words}{f' (line {lines[-1]} of its code)' if lines else ''}"
        )


def source_of(module: Module, name: str) -> ClassSource | None:
    """The source of the definition called `name`, None for one of nodes."""
    return None if module.code is None else ClassSource(module.code, module.class_name or name)


def _on_meta(kind: type[nn.Module], args: Mapping[str, Any]) -> nn.Module:
    """An instance without weights; constructors that compute with numbers run on the CPU first."""
    try:
        return kind(**args)
    except (NotImplementedError, RuntimeError):
        with torch.device("cpu"):
            return kind(**args).to("meta")


@lru_cache(256)
def _loaded(source: ClassSource, path: str) -> type[nn.Module]:
    """The class of a source, made in a module of its own.

    Raises:
        DocumentError: running the text fails, or what it defines is no nn.Module.
    """
    module = ModuleType(f"torchwork_code_{source.file[-13:-1]}")
    sys.modules[module.__name__] = module  # dataclasses and pickling of its objects look it up
    linecache.cache[source.file] = (len(source.text), None, source.text.splitlines(keepends=True), source.file)
    if "torchvision" in source.text:
        vision()  # so that its plain import works beside any torch
    try:
        with unset_fake_temporarily(), torch.device("cpu"):  # its tensors are kept for models with real weights
            exec(compile(source.text, source.file, "exec"), module.__dict__)  # the person said --trust
    except Exception as error:
        message = f"running the code fails: {source.told(error)}"
        raise DocumentError(Problem(f"{path}.code", message, _lacking(error))) from None
    kind = getattr(module, source.name, None)
    if isinstance(kind, type) and issubclass(kind, nn.Module):
        return kind
    raise DocumentError(Problem(f"{path}.class", f"{source.name} is no nn.Module", "derive it from nn.Module"))


def _lacking(error: Exception) -> str:
    """What to do about code that fails: a run folder is opened anywhere, so nothing beside a document belongs to it."""
    if isinstance(error, ModuleNotFoundError):
        return f"files beside a document are not seen: write what it needs of {error.name} into it, or install that"
    return "write all that it needs into it"
