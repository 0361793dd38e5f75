"""What every document can do: be loaded, changed and written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import PrivateAttr, ValidationError

from torchwork.errors import DocumentError, Problem
from torchwork.experiment import files
from torchwork.experiment.override import override, place_of
from torchwork.experiment.part import Section
from torchwork.experiment.place import Place, parse_place, place_text
from torchwork.experiment.problems import problems_of
from torchwork.experiment.sheet import without_sheet
from torchwork.experiment.spec import FORMAT
from torchwork.experiment.values import plain, refused, shown


class Written(Section):
    """A document with its verbs; a wrong one raises `DocumentError` with every problem in it."""

    expected: ClassVar[str] = "a document"

    _file: str = PrivateAttr("")
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)

    def __init__(self, **sections: Any) -> None:
        self._fill(_plain_document(sections, self.expected))

    def _fill(self, document: dict[str, Any]) -> None:
        try:
            super().__init__(**document)
        except ValidationError as error:
            raise DocumentError(problems_of(error, document, type(self))) from None

    def __eq__(self, other: object) -> bool:
        """Equal when they say the same, wherever they were read from."""
        return isinstance(other, Written) and type(other) is type(self) and self._canonical() == other._canonical()

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def parse(cls, document: Any, *, file: str = "", lines: Mapping[str, int] | None = None) -> Self:
        """The document that a mapping describes, as YAML or JSON would write it.

        Raises:
            DocumentError: with every problem, each with its place, and its line where `lines` has it.
        """
        written = cls.__new__(cls)
        try:
            written._fill(_plain_document(document, cls.expected))
        except DocumentError as error:
            raise DocumentError([_located(problem, file, lines or {}) for problem in error.problems]) from None
        written._file, written._lines = file, dict(lines or {})
        return written

    @classmethod
    def load(cls, path: str | Path, settings: Sequence[str] = ()) -> Self:
        """The document in a YAML or JSON file, with `settings` (`path=value`) applied.

        Raises:
            DocumentError: the file is missing, is not text, or holds no valid document.
        """
        return cls.loads(read_text(path), settings, file=str(path))

    @classmethod
    def loads(cls, text: str, settings: Sequence[str] = (), *, file: str = "") -> Self:
        """The document in a YAML or JSON text, with `settings` (`path=value`) applied."""
        document, lines = files.read(text, file)
        if not settings or not isinstance(document, dict):
            return cls.parse(document, file=file, lines=lines)
        return cls._overridden(document, settings, file, lines)

    def with_settings(self, *settings: str) -> Self:
        """A copy with each `path=value` applied, as `--set` does."""
        return self._overridden(self.as_dict(), settings, self._file, self._lines)

    @classmethod
    def _overridden(
        cls, document: dict[str, Any], settings: Sequence[str], file: str, lines: Mapping[str, int]
    ) -> Self:
        changed = override(document, settings)
        # What --set has put there does not stand in any line of the file.
        lineless = {place_text(place_of(setting)): 0 for setting in settings}
        return cls.parse(changed, file=file, lines={**lines, **lineless})

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as written: only what differs from the defaults."""
        return {"torchwork": FORMAT, **self.model_dump(mode="json", exclude_defaults=True)}

    def dumps(self) -> str:
        """The document as YAML; reading it back gives an equal document."""
        return files.write(self.as_dict())

    def save(self, path: str | Path) -> None:
        """Writes the document as YAML, in one step: a reader finds the old one or the new one."""
        unfinished = Path(f"{path}.tmp")
        unfinished.write_text(self.dumps(), "utf-8")
        unfinished.replace(path)

    def digest(self) -> str:
        """SHA-256 of what the document says, whatever its layout: the first 16 hexadecimal digits.

        Where nodes stand on the sheet, and what people note of them, is layout.
        """
        model = without_sheet(self.model)  # type: ignore[attr-defined]
        said = self.model_copy(update={"model": model})._canonical()
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def _canonical(self) -> str:
        """One text for all documents that say the same."""
        return json.dumps(_ordered(self.as_dict()), sort_keys=True)

    def locate(self, problem: Problem) -> Problem:
        """`problem` with the file and line of its place, where they are known."""
        return _located(problem, self._file, self._lines)


def read_text(path: str | Path) -> str:
    """The text of a document's file; DocumentError when there is none."""
    try:
        with Path(path).open(encoding="utf-8-sig") as stream:
            return stream.read(files.LONGEST + 1)
    except OSError as error:
        message = f"cannot read {str(path)!r}: {error.strerror}; `torchwork new` writes a first document"
        raise DocumentError(message) from None
    except UnicodeDecodeError:
        raise DocumentError(f"{path} is not a text file; expected an experiment in YAML or JSON") from None


def _ordered(value: Any) -> Any:
    """`value` with `nodes:` as a list: their order is the order of a network, other mappings have none."""
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    items = {key: _ordered(item) for key, item in value.items()}
    return items | ({"nodes": list(items["nodes"].items())} if isinstance(items.get("nodes"), dict) else {})


def _plain_document(document: Any, expected: str) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise refused((), f"expected {expected}, got {shown(document)}")
    plainly: dict[str, Any] = plain(document)
    version = plainly.get("torchwork")
    if isinstance(version, int) and version > FORMAT:
        message = f"the document has format {version}, but this torchwork reads formats up to {FORMAT}"
        raise refused(("torchwork",), message, "update it with `pip install -U torchwork`")
    return plainly


def _located(problem: Problem, file: str, lines: Mapping[str, int]) -> Problem:
    if problem.line:
        return problem
    try:
        place: Place = parse_place(problem.path)
    except ValueError:
        return problem.at(file, 0)
    while place and place_text(place) not in lines:
        place = place[:-1]
    return problem.at(file, lines.get(place_text(place), 0))
