"""What can be brought in: torchvision's models, the classes of a Python file, the tensors of a file of weights."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torchwork.build import read_weights
from torchwork.capture.preview import parsed, preview
from torchwork.capture.targets import PICTURE, PICTURES
from torchwork.catalog import with_vision
from torchwork.code.reading import is_export
from torchwork.errors import TorchworkError

GROUPS = {"segmentation": "segmentation", "video": "video"}
CLIP = "1x3x16x112x112"
LEFT_OUT = ("detection", "optical_flow", "quantization")
"""They take lists of pictures, or two at once, or run in whole numbers: no document says that."""
LONGEST = 200


def vision_models() -> list[dict[str, str]]:
    """Torchvision's models with their targets, and an input that suits each.

    Raises:
        TorchworkError: torchvision is not installed.
    """
    try:
        return with_vision(lambda: list(_models()))
    except ImportError:
        raise TorchworkError("torchvision is not installed; pip install torchvision, then start anew") from None


def _models() -> Iterator[dict[str, str]]:
    from torchvision import models

    for name in models.list_models():
        builder = models.get_model_builder(name)
        home = builder.__module__.split(".")
        if any(part in home for part in LEFT_OUT):
            continue
        group = next((GROUPS[part] for part in home if part in GROUPS), "classification")
        side = PICTURES.get(builder.__name__, PICTURE)
        yield {
            "name": name,
            "target": f"{builder.__module__}:{builder.__name__}",
            "group": group,
            "input": CLIP if group == "video" else f"1x3x{side}x{side}",
        }


def python_file(file: str) -> dict[str, Any]:
    """Classes and functions of a Python file that may give a module; the file is read, never run.

    Raises:
        TorchworkError: it is no Python, with the line.
    """
    try:
        tree = parsed(Path(file))
    except (RecursionError, MemoryError):
        raise TorchworkError(f"{file} is nested too deeply to be read; write it in smaller steps") from None
    text = Path(file).read_text("utf-8-sig")
    if is_export(text):
        return {"exported": True}
    found = [*_modules(tree), *_factories(tree)]
    if not found:
        raise TorchworkError(f"{file} defines no class or function that could give an nn.Module; choose another file")
    return {"found": found, "does": preview(Path(file))}


def _modules(tree: ast.Module) -> list[dict[str, Any]]:
    """Classes that are modules, or that may be: those that no other class of the file uses first."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found = [node for node in classes.values() if _is_module(node, classes, frozenset())]
    used = {name for node in found for name in _names(node) if name != node.name}
    return [_class(node, classes) for node in sorted(found, key=lambda node: node.name in used)]


def _is_module(node: ast.ClassDef, classes: dict[str, ast.ClassDef], before: frozenset[str]) -> bool:
    """Whether one of its bases is a module, as far as names say: `nn.Module`, `Sequential`, a class of the file."""
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        own = classes.get(name)
        if own is not None and name not in before and _is_module(own, classes, before | {name}):
            return True
        if own is None and name not in ("object", "Enum", "Dataset", "NamedTuple", "Protocol", "ABC", "Exception", ""):
            return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def _class(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> dict[str, Any]:
    made, forward = _method(node, "__init__", classes), _method(node, "forward", classes)
    return {
        "name": node.name,
        "kind": "class",
        "arguments": _arguments(made)[1:] if made else [],
        "takes": [item["name"] for item in _arguments(forward)[1:]] if forward else [],
        "summary": _summary(node),
        "free": made is None or _is_free(made),
    }


def _method(node: ast.ClassDef, name: str, classes: dict[str, ast.ClassDef]) -> ast.FunctionDef | None:
    """The method of a class, or that of its bases in the file."""
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        owner = waiting.pop(0)
        for item in owner.body:
            if isinstance(item, ast.FunctionDef) and item.name == name:
                return item
        seen.add(owner.name)
        bases = [base.id for base in owner.bases if isinstance(base, ast.Name)]
        waiting += [classes[base] for base in bases if base in classes and base not in seen]
    return None


def _factories(tree: ast.Module) -> list[dict[str, Any]]:
    """Functions that return something, the likeliest first: those that say they return a module."""
    functions = [
        node for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _returns(node)
    ]  # fmt: skip
    functions.sort(key=lambda node: "Module" not in (ast.unparse(node.returns) if node.returns else ""))
    return [
        {
            "name": node.name,
            "kind": "function",
            "arguments": _arguments(node),
            "summary": _summary(node),
            "free": _is_free(node),
        }
        for node in functions
    ]


def _returns(node: ast.FunctionDef) -> bool:
    return any(isinstance(item, ast.Return) and item.value is not None for item in ast.walk(node))


def _arguments(node: ast.FunctionDef) -> list[dict[str, Any]]:
    """The arguments by name, with their defaults as written."""
    given = node.args
    places = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(places) - len(given.defaults))
    pairs = [*zip(places, [*defaults, *given.defaults], strict=True)]
    pairs += [*zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return [
        {
            "name": item.arg,
            "default": ast.unparse(default)[:LONGEST] if default else "",
            "required": default is None,
        }
        for item, default in pairs
    ]


def _is_free(node: ast.FunctionDef) -> bool:
    return node.args.kwarg is not None or node.args.vararg is not None


def _summary(node: ast.ClassDef | ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0][:LONGEST]


def weights(file: str) -> dict[str, Any]:
    """How many tensors a file of weights holds, and numbers in them; nothing of it runs.

    Raises:
        WeightsError: it is damaged, a pickle of Python objects, or holds no state dict.
    """
    tensors = read_weights(Path(file))
    return {"tensors": len(tensors), "numbers": sum(tensor.numel() for tensor in tensors.values())}
