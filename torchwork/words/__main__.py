"""`python -m torchwork.words` prints what has no translation yet, as lines to fill in, and what nobody says now."""

from __future__ import annotations

import json

from torchwork.words import LANGUAGES
from torchwork.words.checking import missing, stale


def main() -> None:
    """Prints the lines for each language."""
    for language in LANGUAGES:
        for template, place in missing(language).items():
            print(f"  {json.dumps(template, ensure_ascii=False)}: ,  # {language} {place}")
        for template in stale(language):
            print(f"{language}: nothing says {template!r} any more; take it out")


main()
