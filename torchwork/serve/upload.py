"""The body of a request as a file, no larger than it may be."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import Request

from torchwork.serve.refusal import RefusedError

LARGEST = 32 * 1024 * 1024


@asynccontextmanager
async def receive(request: Request, largest: int = LARGEST) -> AsyncIterator[Path]:
    """The body in a temporary file; RefusedError with status 413 as soon as it is seen to be too large."""
    announced = request.headers.get("content-length", "0")
    _check(int(announced) if announced.isdecimal() else 0, largest)
    with tempfile.NamedTemporaryFile(prefix="torchwork-") as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            _check(size, largest)
            file.write(chunk)
        if not size:
            raise RefusedError("the request has no content; send a file as its body")
        file.flush()
        yield Path(file.name)


def _check(size: int, largest: int) -> None:
    if size > largest:
        raise RefusedError(f"a file may have at most {largest >> 20} MB; make it smaller", 413)
