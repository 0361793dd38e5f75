"""The token of a person's servers: kept, so that an open page finds its server again after a restart."""

from __future__ import annotations

import os
import re
import secrets
import sys
from contextlib import suppress
from pathlib import Path

SHAPE = re.compile(r"[\w-]{32,}")


def kept_token() -> str:
    """The token in the person's own folder, which nobody else may read; a new one where it cannot be kept."""
    file = kept_folder() / "token"
    with suppress(OSError):
        found = file.read_text("ascii", "replace").strip()
        if SHAPE.fullmatch(found) and not _readable_by_others(file):
            return found
    made = secrets.token_urlsafe(24)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = file.with_name(f"token.{os.getpid()}")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(made)
        temporary.replace(file)
    return made


def _readable_by_others(file: Path) -> bool:
    return os.name != "nt" and bool(file.stat().st_mode & 0o077)


def kept_folder() -> Path:
    """Where a person's programs keep what should last."""
    if os.environ.get("XDG_STATE_HOME"):
        return Path(os.environ["XDG_STATE_HOME"]) / "torchwork"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "torchwork"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "torchwork"
    return Path.home() / ".local" / "state" / "torchwork"
