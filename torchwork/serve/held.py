"""Pictures that pages have sent, held under names of their own, also for the next server of the same person."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import tempfile
import weakref
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from torchwork.serve.inside import shown
from torchwork.serve.refusal import NotFoundError, RefusedError
from torchwork.serve.token import kept_folder

MOST, MOST_BYTES = 32, 256 << 20
"""What was used longest ago is forgotten for more."""
NAME = re.compile(r"[0-9a-f]{16}")
LARGEST_SHOWN = 8 << 20
"""A larger picture is not sent back: the page has it."""
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp",
    b"II*\0": "image/tiff", b"MM\0*": "image/tiff",
}  # fmt: skip
UNSEEN = frozenset({"image/tiff"})
"""What browsers do not show."""


class HeldPictures:
    """A folder that nobody else may read; when each was used last, its files say."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes

    def hold(self, file: Path, called: str) -> tuple[str, str]:
        """A name for a copy of the file that a person calls `called`, and the picture as a data URL where one sees it.

        Raises:
            RefusedError: it is no picture.
        """
        with file.open("rb") as opened:
            kind = _kind(opened.read(16))
        if not kind:
            raise RefusedError(f"{shown(called)} is not a picture: send a PNG, JPEG, GIF, WebP, BMP or TIFF file")
        name = secrets.token_hex(8)
        shutil.copyfile(file, self._folder / name)
        self._forget()
        return name, _url(file, kind)

    def path(self, name: str) -> Path:
        """Where a picture is.

        Raises:
            NotFoundError: it is held no more.
        """
        place = self._folder / name
        if not NAME.fullmatch(name) or not place.is_file():
            raise NotFoundError(f"the picture {shown(name)} is no longer held; send it again")
        os.utime(place)
        return place

    @cached_property
    def _folder(self) -> Path:
        """In the person's own folder; where nothing can be kept there, one that goes with this server."""
        place = kept_folder() / "pictures"
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(place, os.W_OK | os.X_OK):
            return place
        place = Path(tempfile.mkdtemp(prefix="torchwork-pictures-"))
        weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        return place

    def _forget(self) -> None:
        """Several servers may do so at once."""
        with os.scandir(self._folder) as entries:
            found = [(state.st_mtime_ns, state.st_size, entry.path) for entry in entries if (state := _state(entry))]
        size = 0
        for number, (_, its, path) in enumerate(sorted(found, reverse=True)):
            size += its
            if number >= self._most or size > self._most_bytes:
                Path(path).unlink(missing_ok=True)


def _state(entry: os.DirEntry[str]) -> os.stat_result | None:
    with suppress(FileNotFoundError):
        return entry.stat()
    return None


def _kind(head: bytes) -> str:
    """The media type by the first bytes; empty: no picture."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def _url(file: Path, kind: str) -> str:
    if kind in UNSEEN or file.stat().st_size > LARGEST_SHOWN:
        return ""
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
