"""The end of the server: quick and quiet, whatever is being answered."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

import uvicorn

SAID = "timeout graceful shutdown exceeded"
"""In what uvicorn says of answers that were cut off."""


class Server(uvicorn.Server):
    """Calls `close` as soon as it is told to end, so that what waits is answered before it would be cut off.

    It calls `begin` when it runs: what is begun earlier would go on after a Ctrl-C that comes before.
    """

    def __init__(
        self, config: uvicorn.Config, begin: Callable[[], object], close: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._begin, self._close = begin, close
        logging.getLogger("uvicorn.error").addFilter(_matters)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers from now on."""
        await super().startup(sockets)
        if not self.should_exit:
            self._begin()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends connections and answers, those that take too long by force."""
        closing = asyncio.ensure_future(self._close())
        await super().shutdown(sockets)
        await closing
        if self.force_exit:  # a second Ctrl-C leaves this out, and a cancelled lifespan prints its traceback
            await self.lifespan.shutdown()


def _matters(record: logging.LogRecord) -> bool:
    """Whether a person should see it: that an answer was cut off by the end of the server is no news."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError) and SAID not in record.getMessage()
