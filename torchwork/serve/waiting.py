"""Questions that somebody waits for: when the page gives one up, it leaves the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from torchwork.serve.refusal import RefusedError

T = TypeVar("T")


async def wanted(request: Request, answer: Coroutine[Any, Any, T]) -> T:
    """The answer; it is cancelled when the page closes the connection before it comes."""
    asked, left = asyncio.ensure_future(answer), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({asked, left}, return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise RefusedError("nobody waits for this any more", 499)
        return asked.result()
    finally:
        for task in (asked, left):
            task.cancel()


async def _left(request: Request) -> None:
    """Ends when the page has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
