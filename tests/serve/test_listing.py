"""What lies in a folder, listed again and again: quickly where nothing has changed, and never what was."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from torchwork.record import EventWriter, RunFolder
from torchwork.serve import listing
from torchwork.serve.following import Followers
from torchwork.serve.listing import Lister
from torchwork.serve.workspace import Workspace

TICK = 0.02
"""Seconds in which the clock of a file system goes on."""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run of ours and one of others, which count as settled at once."""
    monkeypatch.setattr(listing, "SETTLED", 0.0)
    root = tmp_path / "opened"
    with EventWriter(RunFolder.create(root, "own", number=False).path, 1) as writer:
        writer.scalars(1, {"loss": 1.0})
    with EventWriter(root / "logs" / "theirs", 1) as writer:
        writer.scalars(1, {"loss": 1.0})
    time.sleep(2 * TICK)
    return root


def event_file(run: Path) -> Path:
    return next(path for path in run.iterdir() if "tfevents" in path.name)


def append(root: Path) -> None:
    """More in a file: the folder's own time does not change."""
    with event_file(root / "logs/theirs").open("ab") as file:
        file.write(bytes(20))


def note(root: Path) -> None:
    RunFolder.open(root / "own").update(notes="a note")


def begin(root: Path) -> None:
    RunFolder.create(root / "new", "own", number=False)


def rename(root: Path) -> None:
    (root / "own").rename(root / "renamed")


def delete(root: Path) -> None:
    event_file(root / "logs/theirs").unlink()


def follow(root: Path) -> None:
    """A second file of events, as after a resume."""
    (root / "own" / "events.out.tfevents.2.x").write_bytes(bytes(9))


@pytest.mark.parametrize("change", [append, note, begin, rename, delete, follow])
def test_what_changes_shows(runs: Path, change: Callable[[Path], None]) -> None:
    lister = Lister(runs)
    before = list(lister.folders())
    assert {folder.id for folder in before} == {"own", "logs/theirs"} and list(lister.folders()) == before
    time.sleep(TICK)
    change(runs)
    now = list(lister.folders())
    assert now != before and now == list(Lister(runs).folders())


def test_what_has_not_changed_is_not_read_again(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lister = Lister(runs)
    before = list(lister.folders())
    read: list[Path] = []
    scandir = os.scandir
    monkeypatch.setattr(listing.os, "scandir", lambda path: (read.append(path), scandir(path))[1])
    assert [now is then for now, then in zip(lister.folders(), before, strict=True)] == [True, True]
    assert read == []
    append(runs)
    list(lister.folders())
    assert read == [runs / "logs/theirs"]


def test_a_symlink_is_looked_at_each_time(runs: Path, tmp_path: Path) -> None:
    link, inside, outside = runs / "logs/theirs/tfevents", runs / "inside", tmp_path / "secret"
    inside.write_bytes(b"a")
    outside.write_bytes(b"a")
    (runs / "way").symlink_to(inside)
    link.symlink_to(runs / "way")
    time.sleep(TICK)
    lister = Lister(runs)
    assert sum(len(folder.events) for folder in lister.folders()) == 3
    (runs / "way").unlink()
    (runs / "way").symlink_to(outside)
    assert sum(len(folder.events) for folder in lister.folders()) == 2


def test_a_slow_scan_is_made_less_often_but_not_when_asked_for_now(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(runs)
    scanned: list[int] = []
    monkeypatch.setattr(workspace, "_scan", lambda: list(scanned.append(1) or ()))
    for _ in range(2):
        workspace._took = 0.0
        workspace.runs(1e-9)
    assert len(scanned) == 2
    workspace._took = 5.0
    workspace.runs(1e-9)
    assert len(scanned) == 2
    workspace.runs()
    assert len(scanned) == 3


def test_memory_is_counted_once_for_thousands_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    followers, counted = Followers(), []
    for number in range(10):
        followers.get(tmp_path / f"{number}")
    monkeypatch.setattr(Followers, "size", property(lambda self: counted.append(1) or 0))
    followers.sweep()
    assert len(counted) == 1
