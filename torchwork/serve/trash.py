"""What was deleted, kept for a while so that it can be had back."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from torchwork.serve.inside import OWN
from torchwork.serve.refusal import NotFoundError, RefusedError

KEPT = 30 * 24 * 3600.0
"""So many seconds: what was deleted earlier goes for good at the next deletion."""
UNDO = re.compile(r"\d{10}-[0-9a-f]{8}")
LIST = "places.json"


class Trash:
    """Moves files and folders below `root` into `.torchwork/trash`, and back."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / OWN / "trash"
        self._lock = threading.Lock()

    def put(self, places: Sequence[Path]) -> str:
        """Moves them, all or none; the word that brings them back.

        Raises:
            RefusedError: one cannot be moved.
        """
        undo = f"{int(time.time()):010d}-{secrets.token_hex(4)}"
        kept = self.folder / undo
        names = [place.relative_to(self.root).as_posix() for place in places]
        with self._lock:
            self._empty()
            try:
                kept.mkdir(parents=True)
                (kept / LIST).write_text(json.dumps(names), "utf-8")
            except OSError as error:
                shutil.rmtree(kept, ignore_errors=True)
                raise RefusedError(
                    f"cannot make the trash {self.folder}: {error.strerror}; nothing was deleted"
                ) from None
            self._move([(place, kept / str(number)) for number, place in enumerate(places)], kept)
        return undo

    def restore(self, undo: str) -> list[str]:
        """Moves what was deleted back; the paths below `root`.

        Raises:
            NotFoundError: it is not in the trash any more.
            RefusedError: something else has its place by now.
        """
        kept = self.folder / undo
        if not UNDO.fullmatch(undo) or not (kept / LIST).is_file():
            raise NotFoundError("what was deleted is not in the trash any more")
        with self._lock:
            names: list[str] = json.loads((kept / LIST).read_text("utf-8"))
            moves = [(kept / str(number), self.root / name) for number, name in enumerate(names)]
            for _, place in moves:
                if place.exists() or place.is_symlink():
                    raise RefusedError(f"{place.relative_to(self.root)} exists again; rename it, then undo", 409)
                place.parent.mkdir(parents=True, exist_ok=True)
            self._move(moves, kept)
        return names

    def _move(self, moves: Sequence[tuple[Path, Path]], kept: Path) -> None:
        """All or none; the trash forgets them when nothing is left in it."""
        done: list[tuple[Path, Path]] = []
        try:
            for place, target in moves:
                shutil.move(place, target)
                done.append((place, target))
        except OSError as error:
            for place, target in reversed(done):
                shutil.move(target, place)
            raise RefusedError(f"cannot move {moves[len(done)][0].name}: {error.strerror or error}", 409) from None
        finally:
            if kept.is_dir() and {item.name for item in kept.iterdir()} <= {LIST}:
                shutil.rmtree(kept, ignore_errors=True)

    def _empty(self) -> None:
        for kept in self.folder.iterdir() if self.folder.is_dir() else ():
            if UNDO.fullmatch(kept.name) and time.time() - int(kept.name[:10]) > KEPT:
                shutil.rmtree(kept, ignore_errors=True)
