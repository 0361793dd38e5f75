"""A printed script back into its document, with the edits that a document can say.

An edit is taken when the document that has it prints what the person wrote: every document near the one that the
script was printed from is printed and compared, so that reading needs no second grammar.
"""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from torchwork.build import Checked, check
from torchwork.code.bodies import body_of, classes_of
from torchwork.code.canonical import canonical
from torchwork.code.defining import Sized, redefined
from torchwork.code.edits import Document, edits
from torchwork.code.page import MARK, stamp
from torchwork.code.script import device_of, print_checked, print_model_file
from torchwork.errors import DocumentError, TorchworkError
from torchwork.experiment import Experiment, ModelDocument, diff, files, told
from torchwork.experiment.document import is_model_only

HEADER = re.compile(r'"""[^"]*printed by Torchwork ')
ROUNDS = 20
"""edits that are taken one after the other at most"""


@dataclass(frozen=True)
class Read:
    """A script read back: its document with the edits in words, and the lines that no document says."""

    document: Document
    taken: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def is_export(text: str) -> bool:
    """Whether a Python text is a script that `torchwork export` printed."""
    return HEADER.match(text) is not None


def read_script(text: str, *, base: Path, file: str = "the script", trust: bool = False) -> Read:
    """The document of a script, unedited or edited; `base` is the folder that its paths begin in.

    Raises:
        DocumentError: it is no Python, or the comment at its end that holds its document is gone.
    """
    document, code = _split(text, file)
    tree = _parsed(text, file)
    if stamp(code) in text.splitlines()[-1]:
        return Read(document)
    reader = _Reader(text, tree, base, trust)
    return reader.read(document)


def _split(text: str, file: str) -> tuple[Document, str]:
    """The document in the comment at the end, and the code before it."""
    lines = text.rstrip("\n").split("\n")
    end = len(lines)
    while end and lines[end - 1].startswith(MARK.strip()):
        end -= 1
    comment = [line.removeprefix(MARK) for line in lines[end:] if not line.startswith(stamp())]
    content = "\n".join(comment)
    try:
        kind = ModelDocument if is_model_only(files.read(content, "")[0]) else Experiment
        return kind.loads(content), "\n".join(lines[:end])
    except DocumentError as error:
        raise DocumentError(
            f"{file} does not end with the comment that holds its document ({str(error).splitlines()[0]}); bring it "
            f"back from the export, or take the network alone with `torchwork import {file}:CLASS --trust`"
        ) from None


def _parsed(text: str, file: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise DocumentError(f"{file}:{error.lineno}: this is no Python: {error.msg}; mend that line") from None


class _Reader:
    """Looks for the document whose print is nearest to an edited script."""

    def __init__(self, text: str, tree: ast.Module, base: Path, trust: bool) -> None:
        self.text, self.tree, self.base, self.trust = text, tree, base, trust
        self.words = _words(canonical(tree))
        self.opened: Checked | None = None

    def read(self, document: Document) -> Read:
        """Takes one edit after the other, each time the one that brings the print nearest."""
        before, printed = document, self._print(document)
        document, printed = self._redefined(document, printed)
        distance = self._distance(printed)
        for _ in range(ROUNDS):
            found = self._nearer(document, printed, distance)
            if found is None:
                break
            document, printed, distance = found
        return Read(document, [str(line) for line in told(diff(before, document))], self._lost(printed))

    def _redefined(self, document: Document, printed: ast.Module) -> tuple[Document, ast.Module]:
        """The document with the classes that a person changed, each taken only if it is printed as it stands here."""
        best, nearest = (document, printed), self._distance(printed)
        sized: Sized = frozenset()
        for _ in range(2):
            wanted = _differing(printed, self.tree)
            tried = None
            while wanted and nearest:
                found = self._with_classes(document, printed, wanted, sized)
                tried = tried or found
                wrong = (
                    wanted if found is None else [name for name in wanted if name in _differing(found[1], self.tree)]
                )
                if found is not None and not wrong and (apart := self._distance(found[1])) < nearest:
                    best, nearest = found, apart
                wanted = [name for name in wanted if name not in wrong] if wrong else []
            sized = _unlike(tried[1], self.tree) if tried else None
        return best

    def _with_classes(
        self, document: Document, printed: ast.Module, wanted: list[str], sized: Sized
    ) -> tuple[Document, ast.Module] | None:
        model = redefined(document, printed, self.tree, wanted, sized)
        if model is None:
            return None
        try:
            changed = type(document).parse({**document.as_dict(), "model": model})
            return changed, self._print(changed)
        except TorchworkError:
            return None  # no document, or one that cannot be

    def _print(self, document: Document) -> ast.Module:
        if isinstance(document, ModelDocument):
            return ast.parse(print_model_file(document, base=self.base, trust=self.trust))
        device = device_of(document)
        if self.opened and device_of(self.opened.experiment) != device:
            self.opened = None
        checked = check(document, base=self.base, trust=self.trust, device=device, opened=self.opened)
        self.opened = checked if checked.bundle else self.opened  # most edits leave the data as they are
        return ast.parse(print_checked(checked, base=self.base))

    def _nearer(
        self, document: Document, printed: ast.Module, distance: int
    ) -> tuple[Document, ast.Module, int] | None:
        best = None
        for edit in edits(document, printed, self.tree):
            try:
                changed = edit.applied(document)
                text = self._print(changed)
            except TorchworkError:
                continue  # no document, or one that cannot be: not this edit
            apart = self._distance(text)
            if apart < (distance if best is None else best[2]):
                best = changed, text, apart
            if apart == 0:
                break
        return best

    def _distance(self, printed: ast.Module) -> int:
        """Words by which the person's script and the printed one differ."""
        matcher = SequenceMatcher(None, _words(canonical(printed)), self.words, autojunk=False)
        return sum(max(j - i, m - k) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")

    def _lost(self, printed: ast.Module) -> list[str]:
        """The lines that differ still: what was added or changed, with its number, and what was taken away."""
        same = classes_of(self.tree).keys() - set(_differing(printed, self.tree))
        mine, other = _statements(self.tree, same), _statements(printed, same)
        lost = []
        matcher = SequenceMatcher(None, [words for _, words in other], [words for _, words in mine], autojunk=False)
        for tag, i, j, k, m in matcher.get_opcodes():
            if tag in ("insert", "replace"):
                lost += [f"line {line}: {_short(words)}" for line, words in mine[k:m]]
            elif tag == "delete":
                lost += [f"taken away: {_short(words)}" for _, words in other[i:j]]
        return lost


def _short(statement: str) -> str:
    return textwrap.shorten(statement, 100, placeholder=" ...")


def _words(tree: ast.Module) -> list[str]:
    """The words of a script without its docstrings and layout."""
    text = ast.unparse(_without_docstrings(tree))
    return [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.string.strip()]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    bare = ast.parse(ast.unparse(tree))
    for node in ast.walk(bare):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1 and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                body.pop(0)
    return bare


def _differing(printed: ast.Module, edited: ast.Module) -> list[str]:
    """The module classes of an edited script that are not in the printed one, or not so."""
    old, new = (
        {name: ast.dump(node) for name, node in classes_of(_without_docstrings(canonical(tree))).items()}
        for tree in (printed, edited)
    )
    return [name for name, text in new.items() if old.get(name) != text]


def _unlike(printed: ast.Module, edited: ast.Module) -> Sized:
    """The attributes, each behind its class, that are made otherwise than they are printed."""
    old, new = (
        {
            (name, key): ast.dump(value)
            for name, node in classes_of(tree).items()
            for key, value in body_of(node).made.items()
        }
        for tree in map(canonical, (printed, edited))
    )
    return [place for place, text in new.items() if old.get(place) != text]


def _statements(tree: ast.Module, same: Collection[str]) -> list[tuple[int, str]]:
    """Every simple statement and every head of a compound one, with its line; without the classes that are the same."""
    return list(_each([node for node in tree.body if not (isinstance(node, ast.ClassDef) and node.name in same)]))


def _each(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        inner = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        text = ast.unparse(node)
        yield node.lineno, text.partition("\n")[0] if any(inner) else text
        for part in inner:
            yield from _each(part)
