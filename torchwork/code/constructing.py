"""Objects of torchvision as expressions: `v2.RandomRotation(degrees=10)`."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from torchwork.catalog import Entry, catalog
from torchwork.code.text import literal
from torchwork.experiment.spec import Transform

IMPORTS = {
    r"\bv2\.([A-Z]|functional)": "from torchvision.transforms import v2",
    r"\btv_tensors\.[A-Z]": "from torchvision import tv_tensors",
    r"\btorch\.": "import torch",
    r"\bAny\b": "from typing import Any",
}
"""what expressions need, by patterns of them"""


@dataclass(frozen=True)
class Text:
    """An expression that stands for a value."""

    text: str


def construction(entry: Entry, args: Mapping[str, Any], prefix: str, texts: Mapping[str, Text] | None = None) -> str:
    """The call that makes what `entry.construct(args)` makes; `texts` replace the values of some arguments."""
    positional, named = entry.converted(args, _nested)
    shown = [expression(value) for value in positional]
    shown += [f"{name}={expression(value)}" for name, value in (named | dict(texts or {})).items()]
    return f"{prefix}.{entry.name}({', '.join(shown)})"


def transform_text(part: Transform) -> str:
    """A transform of the document as an expression."""
    return construction(catalog().find("transform", part.name, ""), part.args, "v2")


def _nested(kind: str, value: Any, path: str) -> Text:
    return Text(transform_text(Transform.model_validate(value)))


def expression(value: Any) -> str:
    """A value that the catalog made of the document's, as an expression."""
    if isinstance(value, Text):
        return value.text
    if isinstance(value, torch.dtype):
        return str(value)
    if isinstance(value, enum.Enum):
        return f"{_home(value)}.{type(value).__name__}.{value.name}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{expression(key)}: {expression(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        items = ", ".join(map(expression, value))
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' * (len(value) == 1)})"
    return literal(value)


def _home(value: enum.Enum) -> str:
    """Where torchvision offers an enumeration."""
    return "v2" if type(value).__name__ in ("InterpolationMode", "AutoAugmentPolicy") else "tv_tensors"


def imports_of(text: str) -> set[str]:
    """The imports that the text needs for expressions of this file."""
    return {line for pattern, line in IMPORTS.items() if re.search(pattern, text)}
