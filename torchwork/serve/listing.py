"""What run folders there are below the opened one, from directory entries alone: milliseconds for hundreds."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchwork.serve.inside import OWN, SKIPPED, is_text, leads_inside, run_id

HIDDEN = SKIPPED | {OWN, ".git", ".venv"}
INFO, DOCUMENT = "run.json", "experiment.yaml"
DEEPEST = 32
SETTLED = 2.0
"""Seconds after which a directory's time is believed: within the same tick of the clock more may come."""
Stamp = tuple[str, int, int]  # name, size, time of change in ns


@dataclass(frozen=True)
class Folder:
    """A run folder as it lies there; `info` and `events` change when its files do."""

    id: str
    path: Path
    info: Stamp | None
    """of run.json; None: somebody else's folder with event files"""
    events: tuple[Stamp, ...] = ()
    document: bool = False
    """whether what it was trained from lies there"""
    projector: bool = False
    profile: bool = False

    @property
    def changed(self) -> float:
        """When a file of it was last written, in seconds since 1970."""
        stamps = [stamp[2] for stamp in (self.info, *self.events) if stamp]
        return max(stamps, default=0) / 1e9

    @property
    def recorded(self) -> float:
        """When something was last recorded, in seconds since 1970: a note that a person writes does not count."""
        return max((stamp[2] for stamp in self.events), default=0) / 1e9 or self.changed


@dataclass(frozen=True)
class _Seen:
    """A directory as it was found: as long as its own times and those of its files are the same, so is the rest."""

    state: tuple[int, ...]
    """of the directory itself; empty where it is not to be believed"""
    files: tuple[tuple[str, Stamp], ...]
    """of the run that lies there, by their places"""
    found: Folder | None
    below: tuple[Path, ...]


class Lister:
    """Lists all run folders below `root`, again and again: what lies as it lay is not read again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: dict[Path, _Seen] = {}

    def folders(self) -> Iterator[Folder]:
        """All run folders, and `root` itself if it is one; what lies in a run of ours belongs to it."""
        seen: dict[Path, _Seen] = {}
        waiting = [(self.root, 0)]
        while waiting:
            path, depth = waiting.pop()
            if (there := self._there(path)) is None:
                continue
            seen[path] = there
            if there.found:
                yield there.found
            if (there.found is None or there.found.info is None) and depth < DEEPEST:
                waiting += [(child, depth + 1) for child in there.below]
        self._seen = seen

    def _there(self, path: Path) -> _Seen | None:
        """What lies in a directory; None when it is gone, or not ours to read."""
        known = self._seen.get(path)
        try:
            now = os.stat(path)  # noqa: PTH116 - thousands of times a second
            state = now.st_ino, now.st_mtime_ns, now.st_ctime_ns
            if known and known.state == state and all(_stamp_of(*file) == file[1] for file in known.files):
                return known
        except OSError:
            return None
        found, below, certain = _look(self.root, path)
        files = [(f"{path}/{stamp[0]}", stamp) for stamp in ((found.info, *found.events) if found else ()) if stamp]
        settled = certain and time.time() - max(now.st_mtime, now.st_ctime) > SETTLED
        return _Seen(state if settled else (), tuple(files), found, tuple(below))


def folder(root: Path, path: Path) -> Folder | None:
    """The run in one folder, if there is one."""
    return _look(root, path)[0]


def _look(root: Path, path: Path) -> tuple[Folder | None, list[Path], bool]:
    """The run in a directory, the directories in it, and whether both stay the same while the directory does."""
    info: Stamp | None = None
    events: list[Stamp] = []
    below: list[Path] = []
    names, certain = set(), True
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not is_text(entry.name):
                    continue
                names.add(entry.name)
                certain = certain and not entry.is_symlink()  # it may lead elsewhere without a change here
                if entry.is_dir(follow_symlinks=False):
                    below += [path / entry.name] if entry.name not in HIDDEN else []
                elif entry.is_symlink() and not leads_inside(root, entry.path):
                    continue
                elif entry.name == INFO:
                    info = _stamp(entry)
                elif "tfevents" in entry.name and entry.is_file():
                    events.append(_stamp(entry))
    except OSError:  # gone meanwhile, or not ours to read
        return None, [], False
    if info is None and not events:
        return None, below, certain
    profile = "plugins" in names and (path / "plugins" / "profile").is_dir()
    document, projector = DOCUMENT in names, "projector_config.pbtxt" in names
    found = Folder(run_id(root, path), path, info, tuple(sorted(events)), document, projector, profile)
    return found, below, certain and "plugins" not in names


def _stamp_of(place: str, before: Stamp) -> Stamp:
    status = os.stat(place)  # noqa: PTH116
    return before[0], status.st_size, status.st_mtime_ns


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    try:
        status = entry.stat()
    except OSError:  # gone meanwhile
        return entry.name, 0, 0
    return entry.name, status.st_size, status.st_mtime_ns
