"""What a script has around its functions: a header, the imports that it uses, and its document as comments."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Iterable, Iterator
from importlib import metadata
from io import StringIO

from ruamel.yaml import YAML

from torchwork.code.text import docstring, imports
from torchwork.experiment import Experiment, ModelDocument

WIDTH = 100
MARK = "# "
"""begins each line of the comment at the end of a script that is its document, `# {torchwork: 1, ...}`"""
MODULES = ("functools", "hashlib", "math", "os", "random")
"""modules that a script imports where it names them"""
NAMES = {
    "contextmanager": "from contextlib import contextmanager",
    "islice": "from itertools import islice",
    "fnmatchcase": "from fnmatch import fnmatchcase",
    "AveragedModel": "from torch.optim.swa_utils import AveragedModel",
    "get_ema_multi_avg_fn": "from torch.optim.swa_utils import get_ema_multi_avg_fn",
    "load_file": "from safetensors.torch import load_file",
    "Iterator": "from collections.abc import Iterator",
    "Counter": "from collections import Counter",
    "Any": "from typing import Any",
    "Path": "from pathlib import Path",
    "Tensor": "from torch import Tensor",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
}
"""names that a script imports where they stand in it"""
PACKAGES = {"numpy": "numpy", "PIL": "pillow", "safetensors": "safetensors"}
"""what must be installed beside torch for what is imported"""
FOREIGN_CLASS = re.compile(r"^class (?!\w+\(nn\.)", re.MULTILINE)
"""a class that is not a module: it may name itself in annotations"""


def header(document: Experiment | ModelDocument, imported: str) -> str:
    """The docstring of a file with these import statements: what it is, where it came from and what it needs."""
    title = f"{document.name}, printed by Torchwork {metadata.version('torchwork')} from document {document.digest()}"
    return docstring(f"{title}. Needs {' and '.join(needed(imported))}.")


def needed(imported: str) -> list[str]:
    """The packages that import statements need; what torchvision brings along goes without saying."""
    roots = set(re.findall(r"^(?:import|from) (\w+)", imported, re.MULTILINE))
    if "torchvision" in roots:
        roots -= {"PIL", "numpy"}
    return [
        "torchvision" if "torchvision" in roots else "torch",
        *(PACKAGES[name] for name in PACKAGES if name in roots),
    ]


def import_lines(code: str, wanted: Iterable[str]) -> str:
    """The import statements of a file with this code, of those `wanted` and those that every file may need."""
    lines = {*wanted, *(f"import {name}" for name in MODULES), *NAMES.values()}
    future = {"from __future__ import annotations"} if FOREIGN_CLASS.search(code) else set()
    return imports(future | set(_used(lines, _without_texts(code))))


def _without_texts(code: str) -> str:
    """The code without docstrings and comments, in which a name is only a word."""
    return re.sub(r'"""(?:.|\n)*?"""|  # .*', "", code)


def _used(lines: Iterable[str], code: str) -> Iterator[str]:
    for line in lines:
        module, _, names = line.removeprefix("from ").partition(" import ")
        if line.startswith("import "):
            if _stands_in(code, line.removeprefix("import ").rpartition(" as ")[2]):
                yield line
        elif module != "__future__":
            found = [name.strip() for name in names.split(",") if _stands_in(code, name.rpartition(" as ")[2].strip())]
            yield from (f"from {module} import {name}" for name in found)


def _stands_in(code: str, name: str) -> bool:
    return re.search(rf"(?<![\w.\"']){re.escape(name)}\b(?!['\"])", code) is not None


def stamp(code: str = "") -> str:
    """The comment line that tells an untouched script by its code; without code only how it begins."""
    return f"{MARK}text " + (hashlib.sha256(code.encode()).hexdigest()[:16] if code else "")


def document_lines(document: Experiment | ModelDocument) -> str:
    """The document as comment lines, from which it can be read back."""
    yaml, out = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = True  # type: ignore[assignment]
    yaml.width, yaml.sort_base_mapping_type_on_output = 10**6, False  # type: ignore[assignment]
    yaml.dump(document.as_dict(), out)
    text = out.getvalue().strip()
    lines = textwrap.wrap(text, WIDTH - len(MARK), break_long_words=False, break_on_hyphens=False)
    if type(document).loads("\n".join(lines)) != document:  # text with several spaces in a row
        lines = [text]
    return "".join(f"{MARK}{line}\n" for line in lines)
