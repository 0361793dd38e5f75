"""How an edit is refused: one problem with its place and a way out."""

from __future__ import annotations

from torchwork.errors import DocumentError, Problem


def refused(message: str, place: str = "", fix: str = "") -> DocumentError:
    """The error that says `message` of `place`."""
    return DocumentError(Problem(place, message, fix))
