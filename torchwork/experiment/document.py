"""`Experiment`: the document with its verbs. Load it, change it, write it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError

from torchwork.errors import DocumentError, Problem
from torchwork.experiment import files
from torchwork.experiment.override import override
from torchwork.experiment.place import Place, parse_place, place_text
from torchwork.experiment.problems import problems_of
from torchwork.experiment.spec import FORMAT, Document


class Experiment(Document):
    """One experiment: everything that a run needs, in one typed document.

    `Experiment.load("experiment.yaml")`, `Experiment.parse({...})` and `Experiment(data={...}, ...)` are the same. A wrong
    document raises `DocumentError` with every problem in it. Opening a document never runs code from it.
    """

    _file: str = PrivateAttr("")
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)

    def __init__(self, **sections: Any) -> None:
        try:
            super().__init__(**sections)
        except ValidationError as error:
            raise DocumentError(problems_of(error, sections, Document)) from None

    def __eq__(self, other: object) -> bool:
        """Equal when they say the same, wherever they were read from."""
        return isinstance(other, Experiment) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def parse(cls, document: Any, *, file: str = "", lines: Mapping[str, int] | None = None) -> Self:
        """The experiment that a mapping describes, as YAML or JSON would write it.

        Raises:
            DocumentError: with every problem, each with its place, and its line where `lines` has it.
        """
        try:
            _check_outline(document)
            experiment = cls(**document)
        except DocumentError as error:
            raise DocumentError([_located(problem, file, lines or {}) for problem in error.problems]) from None
        experiment._file, experiment._lines = file, dict(lines or {})
        return experiment

    @classmethod
    def load(cls, path: str | Path, settings: list[str] | tuple[str, ...] = ()) -> Self:
        """The experiment in a YAML or JSON file, with `settings` (`path=value`) applied.

        Raises:
            DocumentError: the file is missing, is not text, or holds no valid experiment.
        """
        try:
            text = Path(path).read_text("utf-8")
        except OSError as error:
            raise DocumentError(f"cannot read {path}: {error.strerror}; `torchwork new` writes a first document") from None
        except UnicodeDecodeError:
            raise DocumentError(f"{path} is not a text file; expected an experiment in YAML or JSON") from None
        return cls.loads(text, settings, file=str(path))

    @classmethod
    def loads(cls, text: str, settings: list[str] | tuple[str, ...] = (), *, file: str = "") -> Self:
        """The experiment in a YAML or JSON text, with `settings` (`path=value`) applied."""
        document, lines = files.read(text, file)
        if settings and isinstance(document, dict):
            document = override(document, settings)
            # What --set has put there does not stand in any line of the file.
            lines |= {setting.partition("=")[0].strip(): 0 for setting in settings}
        return cls.parse(document, file=file, lines=lines)

    def with_settings(self, *settings: str) -> Self:
        """A copy with each `path=value` applied, as `--set` does."""
        return type(self).parse(override(self.as_dict(), settings), file=self._file, lines=self._lines)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as written: only what differs from the defaults."""
        return {"torchwork": FORMAT, **self.model_dump(mode="json", exclude_defaults=True)}

    def dumps(self) -> str:
        """The document as YAML; reading it back gives an equal experiment."""
        return files.write(self.as_dict())

    def save(self, path: str | Path) -> None:
        """Writes the document as YAML."""
        Path(path).write_text(self.dumps(), "utf-8")

    def digest(self) -> str:
        """SHA-256 of what the document says, whatever its layout: the first 16 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:16]

    def locate(self, problem: Problem) -> Problem:
        """`problem` with the file and line of its place, where they are known."""
        return _located(problem, self._file, self._lines)


def _check_outline(document: Any) -> None:
    if not isinstance(document, dict):
        raise DocumentError(Problem("", f"expected an experiment with data, model and loss, got {document!r:.60}"))
    strange = [key for key in document if not isinstance(key, str)]
    if strange:
        raise DocumentError(Problem("", f"expected names as keys, got {strange[0]!r}"))
    version = document.get("torchwork", FORMAT)
    if isinstance(version, int) and version > FORMAT:
        message = f"the document has format {version}, this torchwork reads up to {FORMAT}"
        raise DocumentError(Problem("torchwork", message, "update torchwork: pip install -U torchwork"))


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
