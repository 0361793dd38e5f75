"""The server in the test's own process, with a client that has its token: sockets and growing files without waiting."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torchwork.serve.app import create_app
from torchwork.serve.guard import Access
from torchwork.serve.workbench import Workbench

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have a successor of httpx
    from starlette.testclient import TestClient, WebSocketTestSession

__all__ = ["TestClient", "WebSocketTestSession", "serving"]


@contextmanager
def serving(folder: Path) -> Iterator[TestClient]:
    """A client of the server of a folder, which ends with the block."""
    access = Access(frozenset({"testserver"}))
    app = create_app(Workbench.open(folder), access)
    with TestClient(app, headers={"authorization": f"Bearer {access.token}"}) as client:
        yield client
