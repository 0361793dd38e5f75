"""Problems of a document as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torchwork.errors import Problem


def plain(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Each problem as the page's message of that name."""
    return [
        {"message": found.message, "place": found.path, "line": found.line or None, "fix": found.fix}
        for found in problems
    ]
