"""What a Python file would do when it is imported, as far as its text shows; the file is not run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from torchwork.errors import TorchworkError

DOES = {
    "parse_args": "parses the command line", "backward": "trains", "fit": "trains", "train_model": "trains",
    "download": "downloads", "urlopen": "downloads", "urlretrieve": "downloads",
    "load_state_dict_from_url": "downloads",
    "input": "asks for input", "open": "opens files", "system": "runs commands", "run": "runs commands",
    "sleep": "waits", "cuda": "needs a GPU",
}  # fmt: skip
"""What calls of such names do."""


def preview(path: Path) -> str:
    """A sentence about what importing the file would do.

    Raises:
        TorchworkError: the file is missing, or is not Python, with the line.
    """
    found = list(dict.fromkeys(_deeds(parsed(path))))
    if not found:
        return "it seems only to define things when it is imported"
    return f"when it is imported it {', '.join(found)}"


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    try:
        return ast.parse(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TorchworkError(
            f"cannot read {path}: {error.strerror}; expected a Python file, as in `my_net.py:Net`"
        ) from None
    except (SyntaxError, ValueError) as error:
        line = f" line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise TorchworkError(f"{path}{line} is not Python: {getattr(error, 'msg', error)}") from None


def names(path: Path) -> list[str]:
    """The classes and functions that a file defines."""
    return [node.name for node in parsed(path).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]


def _deeds(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or _is_main(statement):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                said = DOES.get(name) or next(("downloads" for item in node.keywords if item.arg == "download"), "")
                if said:
                    yield f"{said} (line {node.lineno})"


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)
