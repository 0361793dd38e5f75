"""The end of the server: quick and quiet, whatever is being answered."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

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

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Ctrl-C ends the server from here on, also before it runs, where it would tear asyncio's own start apart.

        Raises:
            KeyboardInterrupt: afterwards, if there was one.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self.handle_exit)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        if signal.SIGINT in self._captured_signals:
            raise KeyboardInterrupt

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
