"""The queue of trainings as a file, shared by all servers of a folder."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from torchwork.serve.inside import OWN, regular
from torchwork.serve.messages import Job
from torchwork.serve.refusal import RefusedError

PATIENCE = 5.0  # seconds
ENDED = 50
"""So many jobs that ended are remembered."""


class Entry(BaseModel):
    """A job with what is needed to find its process again; `folder` is its run's, planned or there."""

    model_config = ConfigDict(extra="ignore")

    job: Job
    epochs: int | None = None
    folder: str = ""
    pid: int = 0
    began: float = 0.0
    device: str = ""
    killed: float = 0.0
    """when a person said stop for the second time"""

    def change(self, **fields: object) -> None:
        """Replaces fields of the job."""
        self.job = self.job.model_copy(update=fields)


class Content(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(extra="ignore")

    slots: int | None = None
    entries: list[Entry] = []


class Ledger:
    """Reads and changes `.torchwork/jobs/queue.json`; a folder without jobs is left as it is."""

    def __init__(self, root: Path) -> None:
        self.folder = root / OWN / "jobs"
        self.file = self.folder / "queue.json"

    def stamp(self) -> tuple[int, int]:
        """Differs when the file has changed."""
        try:
            found = self.file.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    def read(self) -> Content:
        """What the file holds; one that is damaged counts as empty, for jobs are no data."""
        try:
            regular(self.file)
            return Content.model_validate_json(self.file.read_bytes())
        except (OSError, ValidationError):
            return Content()

    @contextmanager
    def change(self) -> Iterator[Content]:
        """The content, to be changed; written when that is done, one process at a time.

        Raises:
            RefusedError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / "queue.lock", timeout=PATIENCE):
                content = self.read()
                before = content.model_dump_json()
                yield content
                self._forget_old(content)
                if content.model_dump_json() != before:
                    self.keep(content)
        except Timeout:
            raise RefusedError(f"another process keeps {self.folder} locked; try again", 409) from None
        except OSError as error:
            reason = error.strerror or error
            raise RefusedError(
                f"cannot keep the queue in {self.folder}: {reason}; make the folder writable, or room in it"
            ) from None

    def document(self, job: str) -> Path:
        """The copy of a job's document: what is edited meanwhile is not what was queued."""
        return self.folder / f"{job}.yaml"

    def output(self, job: str) -> Path:
        """What a job's process prints."""
        return self.folder / f"{job}.log"

    def remove(self, job: str) -> None:
        """Deletes a job's files."""
        for file in (self.document(job), self.output(job)):
            file.unlink(missing_ok=True)

    def _forget_old(self, content: Content) -> None:
        ended = [entry for entry in content.entries if entry.job.state == "ended"]
        for entry in ended[:-ENDED]:
            content.entries.remove(entry)
            self.remove(entry.job.id)

    def keep(self, content: Content) -> None:
        """Replaces the file, within `change`: OSError when it cannot be written."""
        unfinished = self.folder / f"queue.{secrets.token_hex(4)}.tmp"
        try:
            unfinished.write_text(json.dumps(content.model_dump(), indent=1), "utf-8")
            unfinished.replace(self.file)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
