"""Whether the catalogues are complete: every sentence of the source has its translation, with the same holes."""

from __future__ import annotations

import json

from torchwork.words import FOLDER, catalogue
from torchwork.words.templates import ASSEMBLED, UNSEEN, UNSPOKEN, holes, templates


def missing(language: str) -> dict[str, str]:
    """The templates without a translation, each with a place in the source that says it."""
    known = {*json.loads(catalogue(language)), *unspoken()}
    needed = {**templates(), **dict.fromkeys(ASSEMBLED, "words/templates.py")}
    return {
        template: place for template, place in needed.items() if template not in known and not place.startswith(UNSEEN)
    }


def stale(language: str) -> list[str]:
    """Translations, and exceptions from them, of what nothing says any more."""
    said = {*templates(), *ASSEMBLED}
    return [template for template in (*json.loads(catalogue(language)), *unspoken()) if template not in said]


def misfits(language: str) -> list[str]:
    """The templates whose translation has not the same holes; English endings are no holes."""
    return [
        template
        for template, words in json.loads(catalogue(language)).items()
        if sorted(holes(words)) != sorted(set(holes(template)) - {"s"})
    ]


def unspoken() -> list[str]:
    """What looks like a sentence and is none."""
    return list(json.loads((FOLDER / UNSPOKEN).read_text("utf-8")))
