"""A document's text with settings put in, its comments and layout kept."""

from __future__ import annotations

from collections.abc import Iterable

from torchwork.experiment.files import read
from torchwork.experiment.override import override
from torchwork.experiment.rewriting import rewritten


def edited(text: str, settings: Iterable[str]) -> str:
    """`text` with each `path=value` written at its place, as `--set` would have it.

    Raises:
        DocumentError: not `path=value`, or a path through something that has no parts.
    """
    return rewritten(text, override(read(text)[0], [*settings]))
