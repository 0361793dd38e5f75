"""Paths that come from a request: only what lies inside the opened folder, wherever symlinks lead."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath

from torchwork.serve.refusal import NotFoundError, RefusedError

LONGEST, LONGEST_NAME = 1000, 255
OWN = ".torchwork"
"""The folder for what the workbench itself keeps: jobs, trash, notes on runs of others."""
SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages"})


def inside(root: Path, given: str) -> Path:
    """The place below `root` that a relative path with `/` names; symlinks in it are left as they are.

    Raises:
        RefusedError: it is no relative path, or leads out of `root`.
    """
    parts = PurePosixPath(given).parts
    windows = os.name == "nt" and ("\\" in given or ":" in given)
    long = not is_text(given) or len(given) > LONGEST or any(len(os.fsencode(part)) > LONGEST_NAME for part in parts)
    if not given or long or "\0" in given or given.startswith("/") or ".." in parts or windows:
        raise _outside(given)
    place = root.joinpath(*parts)
    if not leads_inside(root, place):
        raise _outside(given)
    return place


def leads_inside(root: Path, place: str | os.PathLike[str]) -> bool:
    """Whether a place lies below `root` when all symlinks are followed."""
    try:
        return Path(place).resolve().is_relative_to(root)
    except (OSError, ValueError, RuntimeError):  # a name too long, or symlinks in a circle
        return False


def visible(root: Path, given: str) -> Path:
    """`inside`, and in no hidden folder: `.git` and its like are not the page's business."""
    place = inside(root, given)
    names = [*PurePosixPath(given).parts, *place.resolve().relative_to(root).parts]
    if any(name.startswith(".") or name in SKIPPED for name in names):
        raise RefusedError(f"{shown(given)} is in a hidden folder; choose a place that is not", 403)
    return place


def run_folder(root: Path, run: str) -> Path:
    """The folder of a run by its id; `.` is the opened folder itself.

    Raises:
        NotFoundError: there is no such folder any more.
    """
    place = root if run == "." else inside(root, run)
    if not place.is_dir() or OWN in place.resolve().relative_to(root).parts:
        raise NotFoundError(f"there is no run {shown(run)} any more; it was moved or deleted")
    return place


def run_id(root: Path, folder: Path) -> str:
    """The id of the run in a folder below `root`."""
    return folder.relative_to(root).as_posix()


def in_run(root: Path, place: Path) -> bool:
    """Whether a file lies in a run folder, whose content is a record and stays as it is."""
    return any((folder / "run.json").exists() for folder in place.parents if folder.is_relative_to(root))


def is_text(name: str) -> bool:
    """Whether a name is Unicode: on Linux it may be any bytes, which no message can hold."""
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False


def regular(path: Path) -> os.stat_result:
    """The state of a file that can be read to its end; OSError for a pipe or device, which may have none."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return found


def shown(given: str) -> str:
    """What was given, short enough for a sentence and without control characters."""
    text = given if len(given) <= 80 else f"{given[:77]}..."
    return repr(text) if not text.isprintable() or not text else text


def _outside(given: str) -> RefusedError:
    return RefusedError(f"{shown(given)} is no place inside the opened folder; give a path below it, with /", 403)
