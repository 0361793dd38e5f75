"""What the package says in English, in other languages: templates with numbered holes, for the page to show."""

from __future__ import annotations

from pathlib import Path

__all__ = ["LANGUAGES", "catalogue"]

FOLDER = Path(__file__).parent
LANGUAGES = ("zh",)
"""The languages that there is a catalogue for, beside English."""


def catalogue(language: str) -> str:
    """JSON of every English template and its translation; `language` is one of LANGUAGES, KeyError for another."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return (FOLDER / f"{language}.json").read_text("utf-8")
