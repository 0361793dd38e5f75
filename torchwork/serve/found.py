"""The documents below a folder, found quickly and again and again."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from torchwork.serve.inside import SKIPPED, is_text
from torchwork.serve.messages import DocumentFile

SUFFIXES = (".yaml", ".yml", ".json")
LARGEST = 4_000_000
"""bytes of a document"""
ENTRIES = 20_000
"""So many files and folders are looked at, the nearest first: a folder of pictures must not hold up the page."""
SETTLED = 2.0
"""Seconds after which a folder's time is believed: within the same tick of the clock more may come."""
MARK = re.compile(r"^torchwork\s*:\s*\d", re.MULTILINE)
MODEL = re.compile(r"^model\s*:\s*(\{.*|#.*)?$", re.MULTILINE)
NODES = re.compile(r"\b(layers|nodes)\"?\s*:")
NAME = re.compile(r"^name\s*:\s*[\"']?([^\"'#\n]+)", re.MULTILINE)
JSON_MARK = re.compile(r"\"torchwork\"\s*:\s*\d|\"model\"\s*:\s*\{")
JSON_NAME = re.compile(r"\"name\"\s*:\s*\"([^\"\n]+)\"")


@dataclass(frozen=True)
class _Folder:
    """A folder's content that matters, as of a time of change."""

    time: int
    count: int
    folders: tuple[str, ...]
    files: tuple[str, ...]


class Finder:
    """Lists the documents below `root`; what has not changed is not read again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, _Folder] = {}
        self._files: dict[str, tuple[int, DocumentFile | None]] = {}

    def documents(self) -> list[DocumentFile]:
        """All documents, the last changed first."""
        found = [document for path in self._candidates() if (document := self._document(path))]
        return sorted(found, key=lambda document: (document.modified, document.path), reverse=True)

    def _candidates(self) -> Iterator[str]:
        """Relative paths of files with the suffix of a document, breadth first."""
        waiting, seen = deque([""]), 0
        while waiting and seen < ENTRIES:
            place = waiting.popleft()
            folder = self._folder(place)
            seen += folder.count
            waiting.extend(f"{place}{name}/" for name in folder.folders)
            yield from (f"{place}{name}" for name in folder.files)

    def _folder(self, place: str) -> _Folder:
        path, known = self.root / place, self._folders.get(place)
        try:
            changed = path.stat().st_mtime_ns
            if known is None or known.time != changed:
                known = _read_folder(path, changed)
        except OSError:
            return _Folder(0, 0, (), ())
        if time.time() - changed / 1e9 > SETTLED:
            self._folders[place] = known
        return known

    def _document(self, path: str) -> DocumentFile | None:
        file = self.root / path
        try:
            found = file.stat()
            changed, known = found.st_mtime_ns ^ found.st_size, self._files.get(path)
            if known is None or known[0] != changed:
                document = None
                if found.st_size <= LARGEST and (text := file.read_text("utf-8", "replace")) and is_document(text):
                    modified = datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="milliseconds")
                    document = DocumentFile(
                        path=path, name=name_of(text) or file.stem, modified=modified, size=found.st_size
                    )
                known = self._files[path] = (changed, document)
        except OSError:
            return None
        return known[1]


def _read_folder(path: Path, changed: int) -> _Folder:
    """What is in a folder; nothing of a run, whose files are its own."""
    folders, files, count = [], [], 0
    with os.scandir(path) as entries:
        for entry in entries:
            count += 1
            if entry.name == "run.json":
                return _Folder(changed, count, (), ())
            if entry.name.startswith(".") or entry.name in SKIPPED or not is_text(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.name.lower().endswith(SUFFIXES) and entry.is_file(follow_symlinks=False):
                files.append(entry.name)
    return _Folder(changed, count, tuple(sorted(folders)), tuple(sorted(files)))


def is_document(text: str) -> bool:
    """Whether a text looks like a document of ours, also while it is being edited and is no valid YAML."""
    if text.lstrip().startswith("{"):
        return bool(JSON_MARK.search(text) and NODES.search(text))
    return bool(MARK.search(text) or (MODEL.search(text) and NODES.search(text)))


def name_of(text: str) -> str:
    """The name that a document gives itself; empty without one."""
    found = (JSON_NAME if text.lstrip().startswith("{") else NAME).search(text)
    return found[1].strip() if found else ""
