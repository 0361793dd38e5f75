"""The English sentences of the package, found in its source: each as a template whose holes are numbered.

`f"no {kind} at {path}, got {n} line{'s' * (n > 1)}"` is `no {0} at {1}, got {2} line{s}`: `{s}` is an English ending,
which other languages do without. Holes that touch are one hole. Literal braces are doubled.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ELSEWHERE = {
    "cli",
    "serve/typescript.py",
    "serve/login.py",
    "__main__.py",
    "__init__.py",
    "words",
    "sweep",
    "templates",
}
"""What speaks on the command line, to Python, or in its own languages; nothing of it comes to the page."""
LIMITS = ("greater than", "of at least", "less than", "of at most")
UNSEEN = ("capture/",)
"""What the page does not show yet: translated as far as it is, not demanded."""
PRINTERS = {"code"}
"""Parts whose strings are Python that they print: only what they raise is a sentence."""
HELP = ("experiment/spec.py",)
"""What describes documents: its docstrings are the help of the editor."""
SPEECHLESS = ("re.", "logging.", "logger.", "struct.", "dump", "getattr", "Field", "Path", "importlib.")
"""Calls whose strings are no sentences."""
ENDING = re.compile(r"(?:e?s|ies|y)?(?: is| are)?")
WORD = re.compile(r"(?<![\w/.\\-])(?:[A-Za-z][a-z']+|an?)(?![\w/\\=(-])")
UNSPOKEN = "unspoken.json"
"""What looks like a sentence and is none: code, patterns, torch's own words by which an error is known."""
TORCH = (
    "{0} must be divisible by {1}",
    "dropout probability has to be between 0 and 1, but got {0}",
    "pad should be at most half of effective kernel size, but got pad={0}, kernel_size={1} and dilation={2}",
    "padding='same' is not supported for strided convolutions",
    "{0}: Provided sizes {1} don't multiply up to the size of dim {2} ({3}) in the input tensor",
    "{0}: Expected input to be 2D or 3D, got {1}D instead",
    "Invalid input shape for pixel_shuffle: {0} with upscale_factor = {1}",
    "permute({0}): number of dimensions in the tensor input does not match the length of the desired ordering of "
    "dimensions i.e. input.dim() = {1} is not equal to len(dims) = {2}",
    "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding {0} "
    "at dimension {1} of input {2}",
    "bilinear(): input batch dimensions do not match at dim {0}: got {1} and {2}",
    "split_with_sizes expects split_sizes to sum exactly to {0} (input tensor's size at dimension {1}), "
    "but got split_sizes={2}",
    "Expected more than 1 value per channel when training, got input size {0}",
    "Given normalized_shape={0}, expected input with shape {1}, but got input of size {2}",
    "Padding_idx must be within num_embeddings",
    "Dimension out of range (expected to be in range of [{0}, {1}], but got {2})",
    "input.size(-1) must be equal to input_size. Expected {0}, got {1}",
    "mat1 and mat2 shapes cannot be multiplied ({0} and {1})",
    "symbolically traced variables cannot be used as inputs to control flow",
    "proj_size should be a positive integer or zero to disable projections",
)
"""Sentences of torch's that a drawing often gets: they stand in ours, as `torch says: ...`."""
ASSEMBLED = (
    *(f"a {whole}number {limit} {{0}}" for whole in ("", "whole ") for limit in LIMITS),
    *(f"a list of {{0}} {kind}" for kind in ("ints", "positive ints", "numbers", "strings", "booleans", "tensors")),
    *TORCH,
    "{0} cannot run on an input of {1} in line {2}: {3} ({4})",
    *("give the sizes that it takes", "say which inputs are whole numbers, as in {0}"),
    "give the sizes that it takes; a tuple needs a module around it that takes its tensors",
    "give one shape for each, with commas between them, as in {0}",
    "the forward of {0} takes {1}, but there came {2}: {3}",
    "sample {0}",
    *("a list of {0}", "ints", "numbers", "strings", "booleans", "tensors", "values", "mappings", "expressions"),
    *("a layer", "a loss", "an optimizer", "a scheduler", "a transform", "a source", "an operation"),
    *("an initializer", "a tensor", "text", "none", "nothing", "grey", "coloured", "damaged"),
    *("there is no warm-up {0}", "moved{0}", "moved to the beginning"),
    *("added another call of `{0}` as `{1}`{2}", "removed another call of `{0}` as `{1}`", "used by {0}", "not used"),
    *(
        "unknown",
        "added the definition {0}",
        "removed the definition {0}",
        "missing: {0}",
        "unexpected: {0}",
        "other shapes: {0}",
    ),
    *("of another shape: {0}", "a list of positive ints", "the server does not answer"),
    *("No such file or directory", "Permission denied", "No space left on device"),
    *("Is a directory", "Not a directory", "File exists"),
    *("Read-only file system", "File name too long", "Directory not empty"),
    *("Input/output error", "Too many open files", "Address already in use"),
    *("Cannot assign requested address", "Disk quota exceeded"),
    *("{0} must be text", "{0} must be an object", "{0} must be true or false"),
)
"""Sentences that the source puts together from parts, single words that stand in holes, and those of the system."""
TOKEN = re.compile(r"\{\{|\}\}|\{(\d+|s)\}")


def templates(package: Path = PACKAGE) -> dict[str, str]:
    """Every template with the first place (`data/split.py:46`) that says it, in the order of the files."""
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        part = name.partition("/")[0]
        if part in ELSEWHERE or name in ELSEWHERE:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        roots = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)] if part in PRINTERS else [tree]
        for line, template in (item for root in roots for item in _strings(root)):
            if is_sentence(template):
                found.setdefault(template, f"{name}:{line}")
        if name in HELP:
            found |= {text: f"{name}:{line}" for line, text in _documented(tree)}
    return found


def holes(template: str) -> list[str]:
    """The names of a template's holes, in their order."""
    return [found[1] for found in TOKEN.finditer(template) if found[1]]


def is_sentence(template: str) -> bool:
    """Whether words of a person stand in it: two of them, or one beside a hole."""
    words = WORD.findall(TOKEN.sub(" ", template))
    return bool(" " in template and words and (len(words) > 1 or holes(template)))


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string below a node as a template, those inside the holes of others too; no docstrings."""
    pieces = _pieces(node)
    if pieces:
        yield node.lineno, _template(pieces)  # type: ignore[attr-defined]
        inner: list[ast.AST] = [piece for piece in pieces if not isinstance(piece, str) and not _is_ending(piece)]
    else:
        inner = [] if _is_speechless(node) else list(ast.iter_child_nodes(node))
    for child in inner:
        yield from _strings(child)


def _documented(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What is written below classes and their fields."""
    for section in (node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")):
        for before, node in zip([None, *section.body], section.body, strict=False):
            if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
                continue
            if before is None or isinstance(before, ast.AnnAssign):
                text = inspect.cleandoc(str(node.value.value))
                yield node.lineno, text.replace("{", "{{").replace("}", "}}")


def _pieces(node: ast.AST) -> list[str | ast.expr]:
    """A string's literal parts and holes; empty for what is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [found for value in node.values for found in _pieces(value)]
    if isinstance(node, ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_pieces(side) for side in (node.left, node.right)]
        return [*(sides[0] or [node.left]), *(sides[1] or [node.right])] if any(sides) else []
    return []


def _template(pieces: list[str | ast.expr]) -> str:
    text, count, open_end = "", 0, False
    for piece in pieces:
        is_hole = not isinstance(piece, str) and not _is_ending(piece)
        if isinstance(piece, str):
            text += piece.replace("{", "{{").replace("}", "}}")
        elif not is_hole:
            text += "{s}"
        elif not open_end:
            text, count = f"{text}{{{count}}}", count + 1
        open_end = is_hole
    return text


def _is_ending(node: ast.AST) -> bool:
    """`'s' * (n > 1)` or `'' if n == 1 else 's'`."""
    if isinstance(node, ast.IfExp):
        sides = [node.body, node.orelse]
    else:
        sides = [node.left] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) else []
    return bool(sides) and all(
        isinstance(side, ast.Constant) and isinstance(side.value, str) and ENDING.fullmatch(side.value)
        for side in sides
    )


def _is_speechless(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).startswith(SPEECHLESS)
    return isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant)
