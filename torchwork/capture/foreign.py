"""What code of one's own did when it ran: its error in a few words, and the line that it came from."""

from __future__ import annotations

import traceback
from pathlib import Path

FOREIGN = (Exception, SystemExit)
"""Whatever such code may raise; a person's Ctrl-C is none of it."""


def told(error: BaseException) -> str:
    """The error in one line: its kind, and what it says."""
    if isinstance(error, SystemExit):
        return "it ends the program"
    if isinstance(error, EOFError) and "reading a line" in str(error):
        return "it asks for input"
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def fix_of(error: BaseException) -> str:
    """What to do about an error in a forward."""
    if isinstance(error, SystemExit | EOFError):
        return "let its forward only compute"
    if "scalar types: Long" in str(error) or "expected torch.LongTensor" in str(error):
        return "say which inputs are whole numbers, as in --input 2x16:int64"
    if "to unpack" in str(error) and isinstance(error, ValueError):
        return "give the sizes that it takes with --input; a tuple needs a module around it that takes its tensors"
    return "give the sizes that it takes with --input"


def line(error: BaseException, file: Path | str | None) -> str:
    """` in line 12` of that file, where the error came from there; else nothing."""
    if file is None:
        return ""
    name = str(Path(file).resolve())
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    return f" in line {lines[-1]}" if lines else ""
