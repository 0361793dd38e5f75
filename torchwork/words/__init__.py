"""What the package says in English, in other languages: templates with numbered holes, for the page to show."""

from __future__ import annotations

from pathlib import Path

__all__ = ["LANGUAGES", "catalogue", "parts"]

FOLDER = Path(__file__).parent
LANGUAGES = ("zh",)
"""The languages that there is a catalogue for, beside English."""


def catalogue(language: str) -> str:
    """JSON of every English template and its translation; `language` is one of LANGUAGES, KeyError for another."""
    return _text(language, "")


def parts(language: str) -> str:
    """JSON of what is said of layers, losses and the like in place of torch's documentation.

    `groups` by heading, `summaries` by kind and name, `arguments` by `Part.argument`, `kind.argument` or `argument`:
    the first that there is. KeyError for a `language` that is none of LANGUAGES.
    """
    return _text(language, "parts-")


def _text(language: str, prefix: str) -> str:
    if language not in LANGUAGES:
        raise KeyError(language)
    return (FOLDER / f"{prefix}{language}.json").read_text("utf-8")
