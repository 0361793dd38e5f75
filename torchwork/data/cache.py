"""What is measured or decoded once and kept in the user's cache folder. All of it may be deleted at any time."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def default_folder() -> Path:
    """The user's cache folder for torchwork, by the customs of the system."""
    if "XDG_CACHE_HOME" in os.environ:
        return Path(os.environ["XDG_CACHE_HOME"]) / "torchwork"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "torchwork" / "cache"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "torchwork"


class Cache:
    """Small JSON facts and folders of decoded pictures, by key. A cache that cannot be written is as good as empty."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def fact(self, kind: str, key: str) -> Any | None:
        """What was kept under this key, None when nothing (readable) was."""
        try:
            return json.loads(self._file(kind, key).read_text())
        except (OSError, ValueError):
            return None

    def keep(self, kind: str, key: str, value: Any) -> None:
        """Keep a JSON value; written beside and renamed, so that nobody reads half of it."""
        if not key:
            return
        target = self._file(kind, key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, suffix=".tmp") as file:
                json.dump(value, file)
            Path(file.name).replace(target)
        except OSError:
            return

    def store(self, key: str) -> Path:
        """The folder of a decoded split, whether it is there or not."""
        return self.folder / "decoded" / key

    @contextmanager
    def making(self, key: str) -> Iterator[Path]:
        """An empty folder to decode into, put in its place at the end; OSError when the cache cannot be written."""
        target = self.store(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{key}."))
        try:
            yield made
            shutil.rmtree(target, ignore_errors=True)  # one that was there and did not load
            with suppress(OSError):  # another process was quicker: what it made is as good
                made.rename(target)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _file(self, kind: str, key: str) -> Path:
        return self.folder / kind / f"{key}.json"
