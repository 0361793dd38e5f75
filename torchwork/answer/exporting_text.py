"""A document, also one that was not saved, as Python to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from torchwork.answer.checking import look
from torchwork.build import CheckedModel
from torchwork.code import print_network
from torchwork.code.page import import_lines
from torchwork.code.script import print_checked, print_model_file
from torchwork.errors import DocumentError
from torchwork.experiment import ModelDocument


def export_text(text: str, path: str, to: Literal["script", "network"]) -> dict[str, str]:
    """Name and text of the file: the whole training (of a model document its classes), or the network alone.

    Raises:
        DocumentError: with every problem of the document.
    """
    looked = look(text, path)
    if looked.document is None or looked.checked is None:
        raise DocumentError(looked.problems)
    name = looked.document.name.replace(" ", "-") or Path(path).stem
    if to == "script" and isinstance(looked.document, ModelDocument):
        return {"name": f"{name}.py", "text": print_model_file(looked.document, base=Path())}
    if to == "script":
        assert not isinstance(looked.checked, CheckedModel)
        return {"name": f"{name}.py", "text": print_checked(looked.checked, base=Path())}
    resolved = looked.checked.graph
    if resolved is None or resolved.problems or resolved.not_run:
        raise DocumentError(looked.problems)
    network = print_network(looked.document.model, resolved, looked.document.name)
    single = "" if network.make.endswith("()") else f"model = {network.make}"
    body = "\n\n\n".join(item.strip("\n") for item in (network.classes, single) if item)
    return {"name": f"{name}-network.py", "text": f"{import_lines(body, network.imports)}\n\n\n{body}\n"}
