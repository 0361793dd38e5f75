"""What an upload's body holds: a zip file, one file, or many files one behind the other."""

from __future__ import annotations

import json
import stat
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from torchwork.serve.arriving import MOST_FILES, Arrival
from torchwork.serve.inside import shown
from torchwork.serve.refusal import RefusedError

PIECE = 1 << 20
LENGTH = 4
"""bytes that say how long the head of a file is"""
LONGEST_HEAD = 16_384
ENCRYPTED, UTF_8 = 0x1, 0x800


def unzip(archive: Path, arrival: Arrival) -> None:
    """Every file of a zip file; what its directory says of sizes is not believed.

    Raises:
        RefusedError: it is damaged, encrypted, holds links or paths that lead out, or is too large.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [item for item in opened.infolist() if not item.is_dir()]
            if len(members) > 2 * MOST_FILES:
                raise RefusedError(f"data may have at most {MOST_FILES:,} files; put more there by hand", 413)
            for member in members:
                _check(member)
                with opened.open(member) as content:
                    copy(content, _name(member), arrival)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, OverflowError):
        raise RefusedError("this zip file is damaged or packed in an unknown way; pack it again") from None


def _check(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & ENCRYPTED:
        raise RefusedError("this zip file needs a password; pack it without one")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise RefusedError(f"{shown(member.filename)} is a link or device; pack plain files only", 403)


def _name(member: zipfile.ZipInfo) -> str:
    """Its path; where it does not say that it is UTF-8, as Chinese systems write it where that makes sense."""
    if member.flag_bits & UTF_8:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return member.filename.encode("cp437").decode(encoding)
    return member.filename


def copy(content: IO[bytes], path: str, arrival: Arrival) -> None:
    """One file into the arrival, or nowhere if it is of no kind that is taken."""
    target = arrival.begin(path)
    if target is None:
        return
    with target:
        while piece := content.read(PIECE):
            arrival.write(target, piece)
        arrival.end(target)


class _Head(BaseModel):
    """What stands before each of many files."""

    model_config = ConfigDict(strict=True, extra="ignore")

    path: str
    size: int = Field(ge=0)


class Files:
    """Many files in one stream: each a 4-byte little-endian length, JSON `{path, size}` of that length, its bytes."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self._waiting = bytearray()
        self._left = -1  # bytes to come of the present file
        self._file: BinaryIO | None = None

    def feed(self, content: bytes) -> None:
        """The next bytes of the stream, however it was cut."""
        self._waiting += content
        while self._begin() and self._go_on():
            pass

    def end(self) -> None:
        """RefusedError where the stream ends in the middle of a file."""
        if self._left >= 0 or self._waiting:
            raise RefusedError("the upload ended in the middle of a file; send it again")

    def close(self) -> None:
        """Lets go of a file that is not whole."""
        if self._file is not None:
            self._file.close()

    def _begin(self) -> bool:
        """Whether there is a file to go on with: the present one, or a new one whose head has come."""
        if self._left >= 0:
            return True
        length = int.from_bytes(self._waiting[:LENGTH], "little")
        if len(self._waiting) >= LENGTH and length > LONGEST_HEAD:
            raise RefusedError("the upload is not as expected: a file's head is too long; send it again")
        if len(self._waiting) < LENGTH + length:
            return False
        head = self._head(bytes(self._waiting[LENGTH : LENGTH + length]))
        del self._waiting[: LENGTH + length]
        self._file, self._left = self.arrival.begin(head.path), head.size
        return True

    def _go_on(self) -> bool:
        """Writes what has come of the present file; whether it is whole."""
        piece = bytes(self._waiting[: self._left])
        del self._waiting[: len(piece)]
        self._left -= len(piece)
        if self._file is not None:
            self.arrival.write(self._file, piece)
        if self._left:
            return False
        if self._file is not None:
            self.arrival.end(self._file)
        self._file, self._left = None, -1
        return True

    def _head(self, text: bytes) -> _Head:
        try:
            return _Head.model_validate(json.loads(text))
        except (ValueError, ValidationError, RecursionError):
            raise RefusedError("the upload is not as expected: a file's head is no JSON; send it again") from None
