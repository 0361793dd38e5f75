"""One tree of exceptions. Each says what was expected, what came, where, and what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


class TorchworkError(Exception):
    """Anything torchwork refuses or gives up on, as sentences that a person can act on."""

    exit_status = 2


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a document: where, what, and what to do.

    `path` is the place in the document, such as `model.layers[3].Linear.out_features`; `line` that of its file.
    """

    path: str
    message: str
    fix: str = ""
    file: str = ""
    line: int = 0

    def at(self, file: str, line: int) -> Problem:
        return replace(self, file=file, line=line)

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        place = f"{self.file}{line}: " if self.file else ""
        where = f"{self.path}: " if self.path else ""
        return f"{place}{where}{self.message}" + (f" ({self.fix})" if self.fix else "")


class DocumentError(TorchworkError):
    """The document is not right; `problems` lists everything found, in the order of the document."""

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem("", problems)
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class DataError(TorchworkError):
    """Data is missing, empty, damaged or does not fit what the document says of it."""


class WeightsError(TorchworkError):
    """A file of weights is not safe to read, or does not fit the model."""


class CheckpointError(TorchworkError):
    """A checkpoint is damaged, missing, or belongs to another model."""


class RunFolderError(TorchworkError):
    """A run folder does not exist, is in use by another process, or cannot be written."""


class TrainingError(TorchworkError):
    """Training cannot go on."""


class NotFiniteError(TrainingError):
    """The loss became NaN or infinite."""


class OutOfMemoryError(TrainingError):
    """The device or the machine has no memory left for a step."""


class MissingPackageError(TorchworkError):
    """An optional package is needed; the message holds the line that installs it."""


def nearest(name: str, options: Iterable[str]) -> str:
    """`did you mean X?` for the most similar of `options`, or an empty string when nothing is near."""
    names = {str(option).lower(): str(option) for option in options}
    found = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.6)
    return f"did you mean {names[found[0]]}?" if found else ""


def suggested(fix: str) -> str:
    """The name in a fix that `nearest` wrote; empty for any other fix."""
    found = re.fullmatch(r"did you mean (.+)\?", fix)
    return found[1] if found else ""
