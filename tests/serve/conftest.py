"""A folder for each test, a folder with trained runs made once, and servers of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client

from .served import DOCUMENT, TABLE, served


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with `experiment.yaml` in it, and nothing else of ours above or beside."""
    folder = tmp_path / "opened"
    folder.mkdir()
    (folder / "experiment.yaml").write_text(DOCUMENT, "utf-8")
    return folder


@pytest.fixture
def client(root: Path) -> Iterator[Client]:
    """A server of that folder."""
    with served(root) as client:
        yield client


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two trained runs, of pictures (`runs/first`) and of a table (`runs/table`)."""
    import torchwork

    folder = tmp_path_factory.mktemp("once")
    rows = "".join(f"{i},{i % 3},{'no' if i % 2 else 'yes'}\n" for i in range(40))
    (folder / "table.csv").write_text("a,b,y\n" + rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for text, name in ((DOCUMENT, "first"), (TABLE, "table")):
            torchwork.train(torchwork.Experiment.loads(text), folder=f"runs/{name}")
    return folder


@pytest.fixture(scope="session")
def trained(once: Path) -> Iterator[Client]:
    """A server of the folder with trained runs; its process with torch serves all tests."""
    with served(once) as client:
        yield client
