"""The command line: one noun, plain verbs. Nothing at all is imported before Ctrl-C would be understood."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "process"]

INTERRUPTED = 130
"""The exit status of a command that a signal ended."""


def process() -> int:
    """The program `torchwork`: one command in a process of its own."""
    status = main()
    gc.freeze()  # what torch has defined is not looked through once more at the end, which took half a second to one
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 fine, 2 something to mend, 130 interrupted."""
    try:
        from torchwork.cli import grammar

        return grammar.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
