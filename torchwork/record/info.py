"""`run.json`: what is known of a run besides its measurements."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torchwork.errors import RunFolderError

STATUSES = ("new", "running", "done", "stopped", "failed")


def now() -> str:
    """The time in UTC as ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class RunInfo:
    """The content of `run.json`; times are ISO 8601 in UTC, `settings` is flat, `result` holds the final metrics."""

    id: str
    name: str
    status: str = "new"  # one of STATUSES
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)
    pid: int | None = None
    host: str = ""
    command: tuple[str, ...] = ()
    notes: str = ""
    tags: tuple[str, ...] = ()
    archived: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    result: dict[str, float | None] = field(default_factory=dict)
    error: str | None = None

    def replace(self, **fields: Any) -> RunInfo:
        """A copy with `fields` changed and `updated` set to now; RunFolderError for a field or status not known."""
        unknown = [name for name in fields if name not in FIELDS]
        if unknown:
            raise RunFolderError(f"run.json has no field {', '.join(unknown)}; there are {', '.join(FIELDS)}")
        if fields.get("status", "new") not in STATUSES:
            raise RunFolderError(f"a run's status is one of {', '.join(STATUSES)}, not {fields['status']!r}")
        return dataclasses.replace(self, **{"updated": now(), **fields})


LARGEST = 16_000_000
"""bytes of a run.json; more is another file"""
DEEPEST = 100
"""Levels of objects and lists inside each other."""
TEXTS = ("id", "name", "status", "created", "updated", "host", "notes")
OBJECTS = ("settings", "environment", "data", "result")
FIELDS = tuple(item.name for item in dataclasses.fields(RunInfo))


def without_nan(value: Any) -> Any:
    """`value` as JSON can hold it: NaN and infinities become null."""
    if isinstance(value, Mapping):
        return {str(name): without_nan(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_info(path: Path) -> tuple[RunInfo, dict[str, Any]]:
    """The content of `path`, and the fields in it that this version does not know. RunFolderError when damaged."""
    try:
        text = _text(path)
        content = json.loads(text)
        # Only these can bring what `_check_values` refuses, and it takes as long as all the rest.
        if "\\u" in text or text.count("{") + text.count("[") > DEEPEST:
            _check_values(content, 0)
        if not isinstance(content, dict) or not {"id", "name"} <= content.keys():
            raise ValueError("it is no object with id and name")
        known = {name: value for name, value in content.items() if name in FIELDS}
        for name in ("command", "tags"):
            known[name] = tuple(known.get(name, ()))
        info = RunInfo(**known)
        _check(info)
        return info, {name: value for name, value in content.items() if name not in FIELDS}
    except (FileNotFoundError, NotADirectoryError):
        raise RunFolderError(
            f"{path.parent} is not a run folder: it has no run.json; `torchwork runs` lists those there are"
        ) from None
    except RecursionError:
        raise RunFolderError(
            f"{path} cannot be read: it has thousands of levels; restore it, or remove the folder"
        ) from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RunFolderError(f"{path} cannot be read: {reason}; restore it, or remove the folder") from error


def _text(path: Path) -> str:
    """The file's text; ValueError for what would never end, as a pipe or a device."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is no regular file")
    if found.st_size > LARGEST:
        raise ValueError(f"it has {found.st_size:,} bytes, more than {LARGEST:,}")
    return path.read_text("utf-8")


def _check(info: RunInfo) -> None:
    """TypeError where a text is no text or an object no object, as in a file written by hand."""
    for kind, names, noun in (
        (str, TEXTS, "text"),
        (dict, OBJECTS, "an object"),
        (bool, ("archived",), "true or false"),
    ):
        wrong = [name for name in names if not isinstance(getattr(info, name), kind)]
        if wrong:
            raise TypeError(f"{', '.join(wrong)} must be {noun}")
    if not all(isinstance(text, str) for text in (*info.command, *info.tags, info.error or "")):
        raise TypeError("command and tags must be lists of texts, error a text")
    if info.pid is not None and type(info.pid) is not int:
        raise TypeError("pid must be a whole number")
    if not all(value is None or type(value) in (int, float) for value in info.result.values()):
        raise TypeError("result must hold numbers")
    if info.status not in STATUSES:
        raise TypeError(f"status must be one of {', '.join(STATUSES)}")


def _check_values(value: Any, depth: int) -> None:
    """TypeError for what no message can hold: half a character, or levels without end."""
    if depth > DEEPEST:
        raise TypeError(f"it must have at most {DEEPEST} levels")
    if isinstance(value, str) and not value.isascii():
        value.encode()  # UnicodeEncodeError is a ValueError
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_values(name, depth)
            _check_values(item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_values(item, depth + 1)


def write_info(path: Path, info: RunInfo, unknown: Mapping[str, Any]) -> None:
    """Replace `path` in one step: a reader sees the old content or the new, also after a crash."""
    fields = without_nan({**dataclasses.asdict(info), **unknown})
    content = (json.dumps(fields, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n").encode()
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunFolderError(f"cannot write {path}: {error.strerror}; make room or choose another folder") from error
