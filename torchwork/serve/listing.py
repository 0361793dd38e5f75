"""What run folders there are below the opened one, from directory entries alone: milliseconds for hundreds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchwork.serve.inside import OWN, SKIPPED, is_text, leads_inside, run_id

HIDDEN = SKIPPED | {OWN, ".git", ".venv"}
INFO = "run.json"
DEEPEST = 32
Stamp = tuple[str, int, int]  # name, size, time of change in ns


@dataclass(frozen=True)
class Folder:
    """A run folder as it lies there; `info` and `events` change when its files do."""

    id: str
    path: Path
    info: Stamp | None
    """of run.json; None: somebody else's folder with event files"""
    events: tuple[Stamp, ...] = ()
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


def folders(root: Path) -> Iterator[Folder]:
    """All run folders below `root`, and `root` itself if it is one; what lies in a run of ours belongs to it."""
    waiting = [(root, 0)]
    while waiting:
        path, depth = waiting.pop()
        found, below = _look(root, path)
        if found:
            yield found
        if (found is None or found.info is None) and depth < DEEPEST:
            waiting += [(child, depth + 1) for child in below]


def folder(root: Path, path: Path) -> Folder | None:
    """The run in one folder, if there is one."""
    return _look(root, path)[0]


def _look(root: Path, path: Path) -> tuple[Folder | None, list[Path]]:
    info: Stamp | None = None
    events: list[Stamp] = []
    below: list[Path] = []
    names = set()
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not is_text(entry.name):
                    continue
                names.add(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    below += [path / entry.name] if entry.name not in HIDDEN else []
                elif entry.is_symlink() and not leads_inside(root, entry.path):
                    continue
                elif entry.name == INFO:
                    info = _stamp(entry)
                elif "tfevents" in entry.name and entry.is_file():
                    events.append(_stamp(entry))
    except OSError:  # gone meanwhile, or not ours to read
        return None, []
    if info is None and not events:
        return None, below
    profile = "plugins" in names and (path / "plugins" / "profile").is_dir()
    found = Folder(run_id(root, path), path, info, tuple(sorted(events)), "projector_config.pbtxt" in names, profile)
    return found, below


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    try:
        status = entry.stat()
    except OSError:  # gone meanwhile
        return entry.name, 0, 0
    return entry.name, status.st_size, status.st_mtime_ns
