"""The body of a request as a file, no larger than it may be."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import Request

from torchwork.serve.inside import shown
from torchwork.serve.refusal import RefusedError

LARGEST = 32 * 1024 * 1024


@asynccontextmanager
async def receive(request: Request, name: str, largest: int = LARGEST) -> AsyncIterator[Path]:
    """The body, the file that a person calls `name`, in a temporary file.

    Raises:
        RefusedError: it is empty; or, with status 413 and as soon as that is seen, it is too large.
    """
    announced = request.headers.get("content-length", "0")
    _check(int(announced) if announced.isdecimal() else 0, name, largest)
    with tempfile.NamedTemporaryFile(prefix="torchwork-") as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            _check(size, name, largest)
            file.write(chunk)
        if not size:
            raise RefusedError(f"{shown(name)} is empty; choose another file")
        file.flush()
        yield Path(file.name)


def _check(size: int, name: str, largest: int) -> None:
    if size > largest:
        raise RefusedError(f"{shown(name)} is too large: at most {largest >> 20} MB are taken; make it smaller", 413)
