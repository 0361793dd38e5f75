"""How far a capture is, told to whoever waits for it in another process."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

Stage = Literal["loading", "recording", "rebuilding", "comparing"]
FILE = "TORCHWORK_STAGE"
"""The variable that names the file to tell it in; without it nothing is told."""


def begin(stage: Stage) -> None:
    """Says what is done from now on; the word replaces the one before in the file."""
    if os.environ.get(FILE):
        with suppress(OSError):  # a full disk: then nobody hears of it, and the capture goes on
            Path(os.environ[FILE]).write_text(stage, "ascii")
