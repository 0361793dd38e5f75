"""A class as a code definition."""

from __future__ import annotations

from torchwork.capture.draft import Code
from torchwork.capture.layers import Unsupported
from torchwork.capture.recording import Frame


def code_of(frame: Frame, reason: str) -> Code:
    """The code definition of a frame's class."""
    raise Unsupported(f"{type(frame.module).__name__}: {reason}")
