"""The server in this process, with a client that has its token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from torchwork.serve.app import create_app
from torchwork.serve.guard import Access
from torchwork.serve.workbench import Workbench

Open = Callable[[Path], TestClient]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens a folder: a client of its server, which ends with the test."""
    with ExitStack() as stack:

        def open_(folder: Path) -> TestClient:
            access = Access(frozenset({"testserver"}))
            app = create_app(Workbench.open(folder), access)
            return stack.enter_context(TestClient(app, headers={"authorization": f"Bearer {access.token}"}))

        yield open_


@pytest.fixture
def client(opened: Open, tmp_path: Path) -> TestClient:
    """A client of the server of the test's own folder."""
    return opened(tmp_path)
