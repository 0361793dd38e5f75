"""The live socket: one for each page, with everything that changes; and the same by plain calls."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, WebSocket
from pydantic import ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from torchwork.errors import TorchworkError
from torchwork.serve.inside import inside
from torchwork.serve.messages import Hello, Message, Trouble, Watching
from torchwork.serve.news import RunNews, TableNews
from torchwork.serve.workbench import Workbench, workbench_of

router = APIRouter(prefix="/api")
LOG = logging.getLogger("torchwork.serve")
PACE = 0.05  # seconds between two messages of a run: what comes meanwhile goes together
LATEST = 1.0  # seconds until a run is looked at although nothing woke its task: a listing may be older than a change
TABLE = 0.5  # seconds between two looks at runs, jobs and documents
THREADS = ThreadPoolExecutor(8, "torchwork-live")  # few: malloc keeps memory for each
"""Apart from those of other calls: reading a large run must not keep a page from its answers."""


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Everything that a page follows, until it goes away."""
    await socket.accept()
    page = Page(workbench_of(socket), socket)
    try:
        await page.send(Hello(session=workbench_of(socket).session))
        # Without a loop that receives, a page that went away would keep the server from ending.
        async for text in socket.iter_text():
            await page.follow(text)
    except (WebSocketDisconnect, RuntimeError, KeyError):  # gone while something was being sent, or it sent no text
        pass
    finally:
        await page.close()


@router.post("/live")
def once(request: Request, watching: Watching) -> Response:
    """The same news once, for pages to which no socket comes through."""
    workbench = workbench_of(request)
    news = TableNews(workbench).ask() if watching.runs else []
    for watch in watching.watch:
        watch.run.encode()  # UnicodeEncodeError: half a character, which no answer could name
        news += RunNews(workbench.workspace, watch).ask()
    body = ",".join(item.model_dump_json() for item in [Hello(session=workbench.session), *news])
    return Response(f'{{"news":[{body}]}}', media_type="application/json")


@dataclass(frozen=True)
class Followed:
    """A run that a page follows: what wakes its task, when its files have changed."""

    path: Path
    news: RunNews
    wake: asyncio.Event
    task: asyncio.Task[None]


class Page:
    """One page: a task for each run that it follows, and one for the table; a page that does not read holds up only
    its own tasks, and what they did not send yet goes together later."""

    def __init__(self, workbench: Workbench, socket: WebSocket) -> None:
        self._workbench, self._socket = workbench, socket
        self._loop = asyncio.get_running_loop()
        self._sending = asyncio.Lock()
        self._runs: dict[str, Followed] = {}
        self._table: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """One message, after those before it."""
        async with self._sending:
            await self._socket.send_text(message.model_dump_json())

    async def follow(self, text: str) -> None:
        """Follow what a message of the page says, and nothing else."""
        try:
            watching = Watching.model_validate_json(text)
        except ValidationError as error:
            await self.send(Trouble(message=f"the page asked for what the server does not know: reload it ({error})"))
            return
        if watching.runs and self._table is None:
            self._table = asyncio.create_task(self._tell_table())
        elif not watching.runs and self._table:
            await _end(self._table)
            self._table = None
        await self._replace(watching)

    async def _replace(self, watching: Watching) -> None:
        workspace, wanted = self._workbench.workspace, {watch.run: watch for watch in watching.watch}
        await _end(*(self._runs.pop(run).task for run in self._runs.keys() - wanted.keys()))
        for run, watch in wanted.items():
            if run in self._runs:
                self._runs[run].news.change(watch)
                self._runs[run].wake.set()
                continue
            try:
                path = workspace.root if run == "." else inside(workspace.root, run)
            except TorchworkError as error:
                await self.send(Trouble(run=run, message=str(error)))
                continue
            news, wake = RunNews(workspace, watch), asyncio.Event()
            self._runs[run] = Followed(path, news, wake, asyncio.create_task(self._tell_run(news, wake)))
        paths = {item.path for item in self._runs.values()}
        await self._in_thread(lambda: workspace.poller.watch(self._changed, paths))
        for item in self._runs.values():  # for what changed between the first look and now
            item.wake.set()

    def _changed(self, path: Path) -> None:
        """Called by the poller's thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._wake, path)

    def _wake(self, path: Path) -> None:
        for item in self._runs.values():
            if item.path == path:
                item.wake.set()

    async def _tell(self, ask: Callable[[], list[Message]], run: str | None = None) -> None:
        """Sends what is new; whatever goes wrong with one thing, the others go on."""
        try:
            news = await self._in_thread(ask)
        except Exception as error:
            LOG.exception("news of %s", run or "the table")
            news = [Trouble(run=run, message=f"what is new cannot be told: {error}; the server goes on")]
        for message in news:
            await self.send(message)

    async def _tell_run(self, news: RunNews, wake: asyncio.Event) -> None:
        while True:
            wake.clear()
            await self._tell(news.ask, news.run)
            await asyncio.sleep(PACE)
            timeout = max(news.due - time.monotonic(), 0) if news.due else LATEST
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), timeout)

    async def _tell_table(self) -> None:
        table = TableNews(self._workbench)
        while True:
            await self._tell(table.ask)
            await asyncio.sleep(TABLE)

    async def _in_thread(self, call: Callable[[], Any]) -> Any:
        return await self._loop.run_in_executor(THREADS, call)

    async def close(self) -> None:
        """Ends everything; nothing of the page stays."""
        self._workbench.workspace.poller.watch(self._changed, ())
        await _end(*(item.task for item in self._runs.values()), *([self._table] if self._table else []))


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
