"""What is to be imported as the words of `torchwork import`, and the file that it reads."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from torchwork.errors import nearest
from torchwork.serve.bringing import Importable, ImportRequest, PythonFile
from torchwork.serve.inside import regular, shown, visible
from torchwork.serve.refusal import NotFoundError, RefusedError

LARGEST = 1_000_000
"""bytes of a Python file"""
SHAPES = re.compile(r"\s*\d+(x\d+)*(:[a-z0-9]+)?(\s*,\s*\d+(x\d+)*(:[a-z0-9]+)?)*\s*")
NEEDED = frozenset({"torch", "torchvision", "numpy", "safetensors", "pydantic", "yaml", "torchwork"})
"""Modules that an import needs: a file of such a name must not stand in their place."""
EXPORTED = re.compile(r'"""[^"]*printed by Torchwork ')


@dataclass(frozen=True)
class Call:
    """An import that can begin: a target of an installed package, or the text of a file and a name in it."""

    title: str
    name: str
    """of the document"""
    target: str = ""
    file: str = ""
    text: str = ""
    inside: str = ""
    """the class or function"""
    given: str = ""
    """its arguments"""
    beside: str = ""
    """the folder of a file below the opened one: it may import what lies there"""
    input: str = ""
    weights: str = ""

    @classmethod
    def of(cls, root: Path, request: ImportRequest, target: str) -> Self:
        """The call that a request asks for; RefusedError with what is wrong with it."""
        shapes = request.input.strip()
        if shapes and not SHAPES.fullmatch(shapes):
            raise RefusedError(f"expected shapes such as 1x3x224x224 or 2x16:int64,2x8, got {shown(shapes)}")
        weights = request.weights and weights_file(root, request.weights).relative_to(root).as_posix()
        if request.file is None:
            if not target:
                raise RefusedError("name a model of torchvision, or a Python file")
            return cls(request.model, request.model, target, input=shapes, weights=weights)
        file, text, beside = read_python(root, request.file)
        stem = Path(file).stem
        if EXPORTED.match(text) and not request.name:
            return cls(file, _plain(stem), file=file, text=text)
        _refuse_wrong(request, file)
        given = parsed_arguments(request.arguments)
        title = f"{Path(request.file.path or request.file.file).name}:{request.name}"
        return cls(title, request.name, "", file, text, request.name, given, beside, shapes, weights)

    def prepare(self, folder: Path, seconds: float) -> list[str]:
        """Writes the file into a folder; the words of the command, which makes `NAME.yaml` there."""
        words = ["import", self._target(folder), "--json", "-o", str(folder / f"{self.name}.yaml")]
        words += ["--input", self.input] if self.input else []
        words += ["--weights", self.weights] if self.weights else []
        return [*words, "--trust", "--seconds", f"{seconds:g}"] if self.inside else words

    def said(self, text: str) -> str:
        """A sentence of the command in the page's words: without the function that gives the arguments, or options."""
        text = re.sub(r" with --input\b|--input (?=\d)", "", text).replace("but --input gives", "but there came")
        text = text.replace(f"make_{self.inside}()", f"{self.inside}({self.given})") if self.given else text
        ours = len(self.text.rstrip().splitlines())
        text = re.sub(r" in line (\d+)", lambda found: "" if int(found[1]) > ours and self.text else found[0], text)
        return text

    def _target(self, folder: Path) -> str:
        if not self.file:
            return self.target
        place = folder / self.file
        text, name = self.text, self.inside
        if self.given:
            name = f"make_{self.inside}"
            text = f"{text.rstrip()}\n\n\ndef {name}():\n    return {self.inside}({self.given})\n"
        place.write_text(text, "utf-8")
        return f"{place}:{name}" if name else str(place)


def read_python(root: Path, wanted: PythonFile) -> tuple[str, str, str]:
    """Name and text of a Python file, and the folder that it lies in (empty for one that was sent)."""
    if not wanted.path:
        if not re.fullmatch(r"\w[\w.-]{0,99}\.py", wanted.file):
            raise RefusedError(f"expected a Python file such as net.py, got {shown(wanted.file)}")
        _refuse_large(len(wanted.text.encode()), wanted.file)
        return _module_name(wanted.file), wanted.text, ""
    place = visible(root, wanted.path)
    if place.suffix != ".py":
        raise RefusedError(f"{shown(wanted.path)} is no Python file; choose one that ends with .py", 403)
    try:
        _refuse_large(regular(place).st_size, wanted.path)
        return _module_name(place.name), place.read_text("utf-8-sig"), str(place.parent)
    except UnicodeDecodeError:
        raise RefusedError(f"{shown(wanted.path)} is not text in UTF-8, as Python is") from None
    except OSError as error:
        raise NotFoundError(f"cannot read {shown(wanted.path)}: {error.strerror}") from None


def weights_file(root: Path, path: str) -> Path:
    """The place of a file of weights below `root` that is there."""
    place = visible(root, path)
    if place.suffix not in (".safetensors", ".pt", ".pth"):
        raise RefusedError(f"{shown(path)} is no file of weights; choose a .safetensors, .pt or .pth file")
    if not place.is_file():
        raise NotFoundError(f"there is no file {shown(path)} any more")
    return place


def parsed_arguments(text: str) -> str:
    """Arguments of a call as they were given, if they are nothing but values: code in them is refused."""
    try:
        call = ast.parse(f"f({text.strip()}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        call = None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _no_arguments(text)
    try:
        for value in [*call.args, *(item.value for item in call.keywords)]:
            ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise _no_arguments(text) from None
    if any(item.arg is None for item in call.keywords):
        raise _no_arguments(text)
    words = [ast.unparse(value) for value in call.args]
    return ", ".join([*words, *(f"{item.arg}={ast.unparse(item.value)}" for item in call.keywords)])


def refuse_arguments(found: Sequence[Importable], name: str, given: str) -> None:
    """Before anything runs: RefusedError where there is no such class, an argument is unknown, or one is missing."""
    known = {item.name: item for item in found}
    if name not in known:
        hint = nearest(name, known) or f"it defines {', '.join([*known][:5])}"
        raise RefusedError(f"the file has no {shown(name)} ({hint})", 404)
    meant = known[name]
    call = ast.parse(f"f({given})", mode="eval").body
    assert isinstance(call, ast.Call)
    names = [item.name for item in meant.arguments]
    said = [*names[: len(call.args)], *(item.arg or "" for item in call.keywords)]
    wrong = next((word for word in said if word not in names), None)
    if meant.free:
        return
    if wrong is not None:
        hint = nearest(wrong, names) or f"it takes {', '.join(names) or 'none'}"
        raise RefusedError(f"{name} has no argument {wrong} ({hint})")
    missing = [item.name for item in meant.arguments if item.required and item.name not in said]
    if len(call.args) > len(names):
        raise RefusedError(f"{name} takes {len(names)} arguments, got {len(call.args)}")
    if missing:
        raise RefusedError(f"{name} needs {', '.join(missing)}; give it as an argument")


def _no_arguments(text: str) -> RefusedError:
    return RefusedError(f"expected values such as width=64, blocks=[2, 2], got {shown(text)}")


def _refuse_wrong(request: ImportRequest, file: str) -> None:
    if not request.name.isidentifier():
        raise RefusedError(f"say which class or function of {file} gives the module")
    if not request.trust:
        raise RefusedError(f"importing {file} runs it on this machine; say that you trust it", 403)


def _refuse_large(size: int, name: str) -> None:
    if size > LARGEST:
        raise RefusedError(f"{shown(name)} has more than {LARGEST // 10**6} MB; import a smaller file", 413)


def _module_name(name: str) -> str:
    """A name that Python can import, and no other module has that it needs."""
    stem = re.sub(r"\W", "_", name.removesuffix(".py"))
    taken = stem in sys.stdlib_module_names or stem in NEEDED or not stem.isidentifier()
    return f"module_{stem}.py" if taken else f"{stem}.py"


def _plain(stem: str) -> str:
    return re.sub(r"[^\w-]+", "-", stem)
