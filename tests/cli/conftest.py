"""An empty working folder for each test, with a document to begin from; trained runs, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .answer import DOCUMENT, TABLE, ask


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with `experiment.yaml` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiment.yaml").write_text(DOCUMENT, "utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained run of pictures, `first`, and one of a table, `table`."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "experiment.yaml").write_text(DOCUMENT, "utf-8")
    (folder / "table.yaml").write_text(TABLE, "utf-8")
    rows = "".join(f"{i},{i % 3},{'no' if i % 2 else 'yes'}\n" for i in range(40))
    (folder / "table.csv").write_text("a,b,y\n" + rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for document, name in (("experiment.yaml", "first"), ("table.yaml", "table")):
            answer = ask("train", document, "--run", name)
            assert answer.status == 0, answer.err
    return folder


@pytest.fixture
def run(once: Path, here: Path) -> Path:
    """A copy of the trained run of pictures, in `runs`."""
    shutil.copytree(once / "first", here / "runs" / "first")
    return Path("runs/first")


@pytest.fixture
def table_run(once: Path, here: Path) -> Path:
    """A copy of the trained run of a table, in `runs`."""
    shutil.copytree(once / "table", here / "runs" / "table")
    return Path("runs/table")
