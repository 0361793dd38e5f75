"""Pictures that pages have sent, held for a while under names of their own."""

from __future__ import annotations

import base64
import secrets
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from pathlib import Path

from torchwork.serve.inside import shown
from torchwork.serve.refusal import NotFoundError, RefusedError

MOST = 32
"""The oldest is forgotten for one more."""
LARGEST_SHOWN = 8 << 20
"""A larger picture is not sent back: the page has it."""
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp",
    b"II*\0": "image/tiff", b"MM\0*": "image/tiff",
}  # fmt: skip
UNSEEN = frozenset({"image/tiff"})
"""What browsers do not show."""


class HeldPictures:
    """A folder of the system's for temporary files, which goes with the server."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="torchwork-pictures-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._held: OrderedDict[str, Path] = OrderedDict()

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
        place = self._folder / name
        shutil.copyfile(file, place)
        with self._lock:
            self._held[name] = place
            while len(self._held) > self._most:
                self._held.popitem(last=False)[1].unlink(missing_ok=True)
        return name, _url(place, kind)

    def path(self, name: str) -> Path:
        """Where a picture is.

        Raises:
            NotFoundError: it is held no more.
        """
        with self._lock:
            if name not in self._held:
                raise NotFoundError(f"the picture {shown(name)} is no longer held; send it again")
            self._held.move_to_end(name)
            return self._held[name]


def _kind(head: bytes) -> str:
    """The media type by the first bytes; empty: no picture."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def _url(place: Path, kind: str) -> str:
    if kind in UNSEEN or place.stat().st_size > LARGEST_SHOWN:
        return ""
    return f"data:{kind};base64,{base64.b64encode(place.read_bytes()).decode()}"
