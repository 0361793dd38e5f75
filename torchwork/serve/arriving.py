"""Files on their way into the opened folder: checked one by one, kept aside, put in place together or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, BinaryIO, Self

import numpy as np

from torchwork.serve.datasets import ARRAYS, PICTURES, SPLITS, TABLES
from torchwork.serve.inside import LONGEST, LONGEST_NAME, OWN, inside, is_text, shown, visible
from torchwork.serve.refusal import RefusedError

KINDS = PICTURES | TABLES | ARRAYS | {".txt"}
MOST_BYTES, MOST_FILES = 5_000_000_000, 200_000
PLACE = "data"
"""The folder below the opened one that takes them."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|clock\$)(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, with whatever ending."""
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]')
NAME = re.compile(r"\w[\w .-]{0,59}")
STALE = 86_400.0  # seconds
TOLD = 10
"""Names of files left out that are told."""


class Arrival:
    """A temporary folder beside the place where the files go; they are moved there by `settle`, else removed."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, _plain_name(name)
        self.path = f"{PLACE}/{self.name}"
        self.place = visible(root, self.path)
        self._refuse_present()
        self.aside = inside(root, f"{OWN}/uploads/{secrets.token_hex(8)}")
        self.files = self.bytes = 0
        self.left_out: list[str] = []
        self._paths: set[str] = set()

    def __enter__(self) -> Self:
        try:
            self.aside.mkdir(parents=True)
            for left in self.aside.parent.iterdir():  # by a server that was killed
                if time.time() - left.stat().st_mtime > STALE:
                    shutil.rmtree(left, ignore_errors=True)
        except OSError as error:
            raise _unwritable(error) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        shutil.rmtree(self.aside, ignore_errors=True)

    def begin(self, path: str) -> BinaryIO | None:
        """A file to write to; None where the path is of no kind that is taken.

        Raises:
            RefusedError: the path leads out, is no name on every system, stands there twice, or is one too many.
        """
        parts = parts_of(path)
        if parts is None or PurePosixPath(path).suffix.lower() not in KINDS:
            if parts is not None:
                self.left_out.append(parts[-1])
            return None
        self._count(parts)
        target = self.aside.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return target.open("xb")
        except OSError as error:
            raise _unwritable(error, "/".join(parts)) from None

    def write(self, file: BinaryIO, content: bytes | memoryview) -> None:
        """More of a file; RefusedError as soon as all together are too large, or the disk is full."""
        self.bytes += len(content)
        refuse_large(self.bytes)
        try:
            file.write(content)
        except OSError as error:
            raise _unwritable(error) from None

    def end(self, file: BinaryIO) -> None:
        """The file is whole; RefusedError where it holds Python objects."""
        file.close()
        if Path(file.name).suffix.lower() in ARRAYS:
            _refuse_objects(Path(file.name))

    def settle(self) -> Path:
        """Puts all files in place in one step.

        Raises:
            RefusedError: there are none, or there is something in that place meanwhile.
        """
        if not self.files:
            raise RefusedError("there is nothing in it to learn from: pictures, .csv, .tsv, .npy, .npz or .txt files")
        self._refuse_present()
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._unwrapped().rename(self.place)
        except OSError as error:
            raise _unwritable(error) from None
        return self.place

    def notes(self) -> list[str]:
        """What was left out, by name."""
        if not self.left_out:
            return []
        names = ", ".join(sorted(self.left_out)[:TOLD]) + (", ..." if len(self.left_out) > TOLD else "")
        count = len(self.left_out)
        return [f"{count} file{'s are' if count > 1 else ' is'} of other kinds and left out: {names}"]

    def _count(self, parts: list[str]) -> None:
        folded = unicodedata.normalize("NFC", "/".join(parts)).casefold()  # as some disks compare names
        if folded in self._paths:
            raise RefusedError(f"{shown('/'.join(parts))} stands there twice; give each file its own name")
        self._paths.add(folded)
        self.files += 1
        if self.files > MOST_FILES:
            raise RefusedError(f"data may have at most {MOST_FILES:,} files; put more there by hand", 413)

    def _refuse_present(self) -> None:
        if os.path.lexists(self.place):
            raise RefusedError(f"{self.path} exists already; choose another name", 409)

    def _unwrapped(self) -> Path:
        """The folder that is moved: not the one folder around everything, which only repeats the name."""
        [first, *more] = self.aside.iterdir()
        pictures = [path for path in self._paths if PurePosixPath(path).suffix in PICTURES]
        inner = all(path.count("/") >= 2 for path in pictures)  # else the one folder is a class
        alone = not more and first.is_dir() and first.name.lower() not in SPLITS
        return first if alone and inner else self.aside


def refuse_large(size: int) -> None:
    """RefusedError with status 413 for more bytes than are taken."""
    if size > MOST_BYTES:
        raise RefusedError(f"data may have at most {MOST_BYTES // 10**9} GB; put larger ones there by hand", 413)


def parts_of(path: str) -> list[str] | None:
    """The names of a relative path with `/`; None where one of them is hidden, as what systems put beside files is.

    Raises:
        RefusedError: the path is absolute, leads out, or is no path on every system.
    """
    parts = path.split("/")
    wrong = not path or not is_text(path) or len(path) > LONGEST or path.startswith("/")
    if wrong or any(_is_wrong(part) for part in parts):
        raise RefusedError(f"{shown(path)} is no path that every system can hold; rename it", 403)
    hidden = any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts)
    return None if hidden else parts


def _is_wrong(part: str) -> bool:
    odd = not part or part in (".", "..") or part != part.rstrip(" .") or len(os.fsencode(part)) > LONGEST_NAME
    return odd or bool(FORBIDDEN.search(part) or RESERVED.fullmatch(part))


def _plain_name(name: str) -> str:
    if not NAME.fullmatch(name) or _is_wrong(name):
        raise RefusedError(f"expected a name of up to 60 letters, digits, spaces, `.`, `_` or `-`, got {shown(name)}")
    return name


def _refuse_objects(file: Path) -> None:
    """Only the heads of the arrays are read."""
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as arrays:
                for name in arrays.namelist():
                    with arrays.open(name) as array:
                        _refuse_object_type(array)
        else:
            with file.open("rb") as array:
                _refuse_object_type(array)
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        why = "it holds Python objects" if "bject" in str(error) else "it is damaged, or none of numpy's"
        raise RefusedError(f"{file.name} cannot be taken: {why}; save plain arrays") from None


def _refuse_object_type(array: IO[bytes]) -> None:
    version = np.lib.format.read_magic(array)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    if read(array)[2].hasobject:
        raise ValueError("object")


def _unwritable(error: OSError, name: str = "") -> RefusedError:
    what = shown(name) if name else "the data"
    return RefusedError(f"cannot write {what}: {error.strerror or error}; make room, or choose another place", 507)
