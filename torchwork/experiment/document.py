"""The two kinds of documents: `Experiment`, and `ModelDocument` for a model without data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from torchwork.experiment import files
from torchwork.experiment.spec import Document, ModelOnly
from torchwork.experiment.values import refused
from torchwork.experiment.written import Written, read_text


class Experiment(Written, Document):
    """One experiment: everything that a run needs, in one typed document.

    `Experiment.load("experiment.yaml")`, `Experiment.parse({...})` and `Experiment(data={...}, ...)` are the same. A
    wrong document raises `DocumentError` with every problem in it. Opening a document never runs code from it.
    """

    expected: ClassVar[str] = "an experiment, a mapping with data, model and loss"

    @classmethod
    def parse(cls, document: Any, *, file: str = "", lines: Mapping[str, int] | None = None) -> Self:
        """The experiment that a mapping describes, as YAML or JSON would write it.

        Raises:
            DocumentError: with every problem, each with its place, and its line where `lines` has it.
        """
        if is_model_only(document):
            message = "this document is a model alone, and an experiment needs data and a loss"
            raise refused((), f"{file}: {message}" if file else message, "add `data:` and `loss:`")
        return super().parse(document, file=file, lines=lines)


class ModelDocument(Written, ModelOnly):
    """A model without data: what `import` writes and `check` tries with the model's `example` inputs."""

    expected: ClassVar[str] = "a model document, a mapping with name and model"


def is_model_only(document: Any) -> bool:
    """Whether a mapping writes a model document: a model, and nothing that only an experiment has."""
    return isinstance(document, Mapping) and "model" in document and document.keys() <= ModelOnly.model_fields.keys()


def load_document(path: str | Path, settings: Sequence[str] = ()) -> Experiment | ModelDocument:
    """The document in a file, whichever it is, with `settings` (`path=value`) applied.

    Raises:
        DocumentError: the file is missing, is not text, or holds no valid document.
    """
    text = read_text(path)
    kind = ModelDocument if is_model_only(files.read(text, str(path))[0]) else Experiment
    return kind.loads(text, settings, file=str(path))
