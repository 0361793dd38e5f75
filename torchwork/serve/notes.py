"""What a person notes on runs of others, whose folders nothing is written into: `.torchwork/notes.json`."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from torchwork.serve.inside import OWN, regular, shown
from torchwork.serve.messages import RunChange
from torchwork.serve.refusal import ChangedError, RefusedError

PATIENCE = 5.0  # seconds


class Notes:
    """Name, notes, tags and `archived` of foreign runs, by id."""

    def __init__(self, root: Path) -> None:
        self.folder = root / OWN
        self.file = self.folder / "notes.json"
        self._read: tuple[tuple[int, int], dict[str, dict[str, Any]]] = (0, 0), {}

    def of(self, run: str) -> dict[str, Any]:
        """What was noted on a run, as fields of a `Run`; empty for nothing, and where the file is damaged."""
        with suppress(RefusedError):
            return self._all().get(run, {})
        return {}

    def change(self, run: str, change: RunChange) -> None:
        """Keeps what a person changed.

        Raises:
            RefusedError: the folder cannot be written.
            ChangedError: the notes are others than those that were edited.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            with FileLock(self.folder / "notes.lock", timeout=PATIENCE):
                everything = dict(self._all())
                before = everything.get(run, {})
                refuse_other_notes(run, change, before.get("notes", ""))
                everything[run] = {**before, **fields_of(change)}
                self._write(everything)
        except Timeout:
            raise RefusedError(f"another process keeps {self.file} locked; try again", 409) from None
        except OSError as error:
            raise RefusedError(f"cannot write {self.file}: {error.strerror}; make the folder writable") from None

    def _all(self) -> dict[str, dict[str, Any]]:
        try:
            found = regular(self.file)
            stamp = found.st_mtime_ns, found.st_ino
            if stamp != self._read[0]:
                self._read = stamp, _checked(json.loads(self.file.read_bytes()))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise RefusedError(f"{self.file} cannot be read: {error}; mend it, or remove it") from None
        return self._read[1]

    def _write(self, everything: dict[str, dict[str, Any]]) -> None:
        content = (json.dumps(everything, indent=1, ensure_ascii=False) + "\n").encode()
        unfinished = self.folder / f"notes.{secrets.token_hex(4)}.tmp"
        unfinished.write_bytes(content)
        unfinished.replace(self.file)


def fields_of(change: RunChange) -> dict[str, Any]:
    """What a change sets."""
    return change.model_dump(exclude_none=True, exclude={"notes_before"})


def refuse_other_notes(run: str, change: RunChange, stored: str) -> None:
    """Nothing, unless notes would be replaced that a person has not seen.

    Raises:
        ChangedError: the stored notes are neither those before the change nor those after it.
    """
    seen = change.notes_before, change.notes
    if None not in seen and stored not in seen:
        told = f"the notes of {shown(run)} were changed elsewhere meanwhile; keep one, or join both"
        raise ChangedError(told, stored)


def _checked(content: Any) -> dict[str, dict[str, Any]]:
    """Only what is known, of the right type: the file may be edited by hand."""
    return {run: fields_of(RunChange.model_validate(noted)) for run, noted in content.items()}
