"""The environment: versions as they are, git's state, and a diff that stays small."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from torchwork.errors import RunFolderError
from torchwork.record import describe_environment, git_state, write_code_diff
from torchwork.record.environment import LARGEST_DIFF


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one committed file `code.py`."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.org")
    source = tmp_path / "source"
    source.mkdir()
    (source / "code.py").write_text("lr = 0.1\n")
    for command in (["init", "-q", "-b", "trunk"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=source, check=True)
    return source


def test_the_environment_names_versions_and_machine() -> None:
    found = describe_environment()
    assert found["python"] == platform.python_version() and found["cpu"]["cores"] == os.cpu_count()
    assert found["packages"]["numpy"] == metadata.version("numpy")
    assert json.loads(json.dumps(found)) == found


def test_git_says_commit_branch_and_changes(repository: Path) -> None:
    state = git_state(repository)
    assert state and len(state["commit"]) == 40 and (state["branch"], state["dirty"]) == ("trunk", False)
    (repository / "code.py").write_text("lr = 0.2\n")
    assert (git_state(repository) or {})["dirty"] is True


def test_the_diff_holds_what_was_not_committed(repository: Path, tmp_path: Path) -> None:
    assert write_code_diff(tmp_path, repository) is None and not (tmp_path / "code.diff").exists()
    (repository / "code.py").write_text("lr = 0.2\n")
    path = write_code_diff(tmp_path, repository)
    assert path == tmp_path / "code.diff" and "-lr = 0.1\n+lr = 0.2\n" in path.read_text()


def test_a_huge_diff_is_cut(repository: Path, tmp_path: Path) -> None:
    (repository / "code.py").write_text("x = 1\n" * LARGEST_DIFF)
    path = write_code_diff(tmp_path, repository)
    assert path and path.stat().st_size < LARGEST_DIFF + 100
    assert path.read_text().endswith(f"# cut after {LARGEST_DIFF} bytes\n")


def test_outside_of_git_there_is_no_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "inside").mkdir()
    assert git_state(tmp_path / "inside") is None and write_code_diff(tmp_path, tmp_path / "inside") is None
    assert git_state(tmp_path / "missing") is None


def test_without_git_nothing_fails(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe_environment(repository)["git"] is None


def test_a_folder_that_cannot_be_written_is_said(repository: Path, tmp_path: Path) -> None:
    (repository / "code.py").write_text("lr = 0.2\n")
    with pytest.raises(RunFolderError, match=r"cannot write .*code\.diff"):
        write_code_diff(tmp_path / "missing", repository)
