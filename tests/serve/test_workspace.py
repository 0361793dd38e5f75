"""Runs below a folder: listed at once, measured in the background, of anybody, also while they change."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from torchwork.record import EventWriter, RunFolder
from torchwork.serve import measuring
from torchwork.serve.following import Followers
from torchwork.serve.measuring import Measurer
from torchwork.serve.messages import Run
from torchwork.serve.refusal import NotFoundError, RefusedError
from torchwork.serve.workspace import Workspace


def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    """Waits for the background; the assertion behind it says what is missing."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.01)


def make(root: Path, name: str = "lenet", epochs: int = 10, **fields: object) -> RunFolder:
    folder = RunFolder.create(root, name, settings={"train.epochs": epochs, "optimizer.lr": 0.1}, **fields)
    with EventWriter(folder.path) as writer:
        for epoch in range(1, 4):
            for step in range(4):
                writer.scalars(4 * (epoch - 1) + step, {"step/loss": 1.0})
            clock = {"epoch": epoch, "time/epoch": 20.0, "time/rate": 500.0}
            writer.scalars(4 * epoch - 1, {"valid/loss": 1 / epoch, "valid/accuracy": epoch / 4, **clock})
    return folder


def write(folder: Path, steps: int) -> None:
    with EventWriter(folder) as writer:
        for step in range(steps):
            writer.scalars(step, {"step/loss": 1.0})


def rows(workspace: Workspace) -> dict[str, Run]:
    workspace.runs()
    until(lambda: not workspace.busy)
    return {run.id: run for run in workspace.runs()}


def test_a_run_of_ours_is_whole_once_it_was_read(tmp_path: Path) -> None:
    make(tmp_path / "runs", notes="first try", tags=("good",))
    [run] = rows(Workspace(tmp_path)).values()
    assert (run.id, run.name, run.own, run.status) == ("runs/lenet-1", "lenet-1", True, "new")
    assert (run.epoch, run.epochs, run.step, run.rate) == (3, 10, 11, 500.0)
    assert run.last == {"valid/loss": pytest.approx(1 / 3), "valid/accuracy": 0.75}
    assert run.best["valid/accuracy"] == 0.75
    assert (run.notes, run.tags, run.settings["optimizer.lr"]) == ("first try", ["good"], 0.1)


def test_before_its_events_were_read_run_json_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, result={"valid/loss": 0.25, "best valid/loss": 0.2})
    monkeypatch.setattr(Measurer, "order", lambda self, items: None)
    [run] = Workspace(tmp_path).runs()
    assert run.last == {"valid/loss": 0.25} and run.step is None
    with EventWriter(tmp_path / "log") as writer:
        writer.scalars(1, {"loss": 1.0}, wall_time=1_600_000_000)
    assert {run.id: run.updated for run in Workspace(tmp_path).runs()}["log"] == ""  # its file's time is that of a copy


def test_logs_of_others_are_runs_too(tmp_path: Path) -> None:
    for name in ("seed 1/train", "种子-🌱"):
        with EventWriter(tmp_path / name) as writer:
            writer.scalars(7, {"accuracy": 0.5})
            writer.hparams({"lr": 0.1})
    found = rows(Workspace(tmp_path))
    assert set(found) == {"seed 1/train", "种子-🌱"}
    run = found["种子-🌱"]
    assert (run.own, run.status, run.step, run.last) == (False, "unknown", 7, {"accuracy": 0.5})
    assert run.settings == {"lr": 0.1} and run.started


def test_a_copied_log_lasts_from_its_first_to_its_last_event(tmp_path: Path) -> None:
    for name, kind in (("curves", "scalars"), ("pictures", "image")):
        with EventWriter(tmp_path / name) as writer:
            for step in range(3):
                if kind == "scalars":
                    writer.scalars(step, {"loss": 1.0}, wall_time=1_600_000_000 + step)
                else:
                    writer.image(step, "digits", np.zeros((2, 2), np.uint8), wall_time=1_600_000_000 + step)
    for run in rows(Workspace(tmp_path)).values():
        assert (run.started, run.updated) == ("2020-09-13T12:26:40.000+00:00", "2020-09-13T12:26:42.000+00:00")


def test_the_opened_folder_can_be_a_run_itself(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "mine") as writer:
        writer.scalars(0, {"loss": 1.0})
    [run] = rows(Workspace(tmp_path / "mine")).values()
    assert (run.id, run.name) == (".", "mine")
    assert Workspace(tmp_path / "mine").one(".").step == 0


def test_what_was_deleted_and_what_is_hidden_is_not_listed(tmp_path: Path) -> None:
    make(tmp_path)
    make(tmp_path / ".torchwork/trash/1")
    workspace = Workspace(tmp_path)
    assert set(rows(workspace)) == {"lenet-1"}
    shutil.rmtree(tmp_path / "lenet-1")
    assert rows(workspace) == {}


def test_a_changed_run_is_read_again_and_an_unchanged_one_is_the_same_object(tmp_path: Path) -> None:
    folder, _ = make(tmp_path, "a"), make(tmp_path, "b")
    workspace = Workspace(tmp_path)
    before = rows(workspace)
    with EventWriter(folder.path, 12) as writer:
        writer.scalars(15, {"valid/loss": 0.01, "epoch": 4})
    workspace.runs()
    until(lambda: {run.id: run for run in workspace.runs()}["a-1"].step == 15)
    after = rows(workspace)
    assert after["a-1"].last["valid/loss"] == pytest.approx(0.01) and after["a-1"].epoch == 4
    assert after["b-1"] is before["b-1"]


def test_a_running_run_has_time_left_and_a_dead_one_is_interrupted(tmp_path: Path) -> None:
    folder = make(tmp_path)
    workspace = Workspace(tmp_path)
    with folder.lock():
        folder.update(status="running")
        run = rows(workspace)["lenet-1"]
        assert run.status == "running"
        assert run.seconds_left is not None and 100 < run.seconds_left <= 140
    assert rows(workspace)["lenet-1"].status == "interrupted"
    assert rows(workspace)["lenet-1"].seconds_left is None


def test_time_left_is_told_before_the_first_epoch_has_ended(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "lenet", settings={"train.epochs": 10}, data={"steps_per_epoch": 100})
    begun = time.time()
    with EventWriter(folder.path) as writer:
        for step in range(1, 51):  # half a second each, and a pause in between
            writer.scalars(step, {"step/loss": 1.0}, wall_time=begun + step * 0.5 - 25 - 1000 * (step < 20))
    with folder.lock():
        folder.update(status="running")
        left = rows(Workspace(tmp_path))["lenet-1"].seconds_left
    assert left is not None and 400 < left <= 475


def test_a_damaged_run_is_listed_with_its_reason(tmp_path: Path) -> None:
    (make(tmp_path).path / "run.json").write_text("{")
    with EventWriter(tmp_path / "other") as writer:
        writer.scalars(0, {"loss": 1.0})
    (next((tmp_path / "other").iterdir())).write_bytes(b"garbage " * 100)
    found = rows(Workspace(tmp_path))
    assert found["lenet-1"].status == "damaged" and "run.json" in found["lenet-1"].problems[0]
    assert "not an event file" in found["other"].problems[0]


def test_one_run_comes_with_its_environment(tmp_path: Path) -> None:
    make(tmp_path, environment={"python": "3"})
    workspace = Workspace(tmp_path)
    assert workspace.one("lenet-1").environment == {"python": "3"} and workspace.one("lenet-1").step == 11
    assert rows(workspace)["lenet-1"].environment == {}


@pytest.mark.parametrize("run", ["../x", "/etc", "a/../../x", "link", "\0", ""])
def test_nothing_outside_is_a_run(tmp_path: Path, run: str) -> None:
    make(tmp_path / "outside")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path / "outside/lenet-1")
    with pytest.raises(RefusedError):
        Workspace(tmp_path / "root").run(run)


def test_event_files_and_run_json_outside_are_not_read(tmp_path: Path) -> None:
    outside, root = make(tmp_path / "outside", notes="secret").path, tmp_path / "root"
    own = make(root)
    events, inner = next(outside.glob("*tfevents*")), next(own.path.glob("*tfevents*"))
    for folder in (own.path, root / "only"):
        folder.mkdir(exist_ok=True)
        (folder / "events.out.tfevents.9.link").symlink_to(events)
    (root / "told").mkdir()
    (root / "told/run.json").symlink_to(outside / "run.json")
    (root / "run").symlink_to(outside)
    (root / "kept").mkdir()
    (root / "kept/events.out.tfevents.9.link").symlink_to(inner)
    workspace = Workspace(root)
    found = rows(workspace)
    assert set(found) == {own.path.name, "kept"} and found["kept"].step == 11
    with workspace.reading(own.path.name) as tail:
        assert len(tail.files) == 1
    with workspace.reading("only") as tail:
        assert tail.log.tags == []


def test_a_run_that_began_anew_has_what_is_new(tmp_path: Path) -> None:
    write(make(tmp_path).path, 3)
    assert (found := rows(Workspace(tmp_path))["lenet-1"]).step == 2
    assert (found.epoch, found.problems) == (None, [])


def test_a_large_run_delays_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = make(tmp_path, "small"), make(tmp_path, "large")
    monkeypatch.setattr(measuring, "LARGE", sum(path.stat().st_size for path in small.path.glob("*tfevents*")) * 2)
    write(large.path, 100)
    workspace, may_read = Workspace(tmp_path), threading.Event()
    follower = workspace.followers.get(large.path)

    def slowly() -> None:
        with follower.reading():
            may_read.wait(60)

    reader = threading.Thread(target=slowly)
    reader.start()
    try:
        workspace.runs()
        until(lambda: {run.id: run for run in workspace.runs()}["small-1"].step == 11)
        found = {run.id: run for run in workspace.runs()}
        assert (found["small-1"].step, found["large-1"].step) == (11, None)
        assert workspace.one("large-1").step is None and workspace.one("small-1").step == 11
    finally:
        may_read.set()
        reader.join()
    until(lambda: workspace.one("large-1").step == 99)
    assert workspace.one("large-1").step == 99


def test_a_run_that_is_gone_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for run in ("gone", "empty"):
        with pytest.raises(NotFoundError, match="no run"):
            Workspace(tmp_path).one(run)


def test_all_real_logs_are_listed(shared: Path) -> None:
    root = shared / "data/tfevents"
    folders = {path.parent.relative_to(root).as_posix() for path in root.rglob("*tfevents*") if path.is_file()}
    found = rows(Workspace(root))
    assert set(found) == folders
    assert all(run.problems for name, run in found.items() if name.startswith("damaged/") and "empty" not in name)


def test_memory_goes_to_those_used_last(tmp_path: Path) -> None:
    paths = [make(tmp_path).path for _ in range(3)]
    followers = Followers(budget=0)
    for path in paths:
        with followers.get(path).reading():
            pass
    assert [followers.has(path) for path in paths] == [False, False, True]
    unused = Followers(idle=-1.0)
    with unused.get(paths[0]).reading():
        pass
    assert unused.size > 0
    unused.sweep()
    assert not unused.has(paths[0])
