"""The token that outlives a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchwork.serve.token import kept_token


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "torchwork" / "token"


def test_it_is_the_same_after_a_restart_and_nobody_else_may_read_it(state: Path) -> None:
    first = kept_token()
    assert len(first) == 32 and kept_token() == first
    assert state.stat().st_mode & 0o777 == 0o600


def test_one_that_others_could_read_is_replaced(state: Path) -> None:
    first = kept_token()
    state.chmod(0o644)
    assert kept_token() != first
    assert state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damaged", [b"", b"short", b"\xff" * 40, b"two words " * 8])
def test_a_damaged_one_is_replaced(state: Path, damaged: bytes) -> None:
    kept_token()
    state.write_bytes(damaged)
    assert len(kept_token()) == 32 and kept_token() == kept_token()


def test_without_a_place_to_keep_it_there_is_one_all_the_same(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.parent.write_text("a file, no folder")
    assert len(kept_token()) == 32
