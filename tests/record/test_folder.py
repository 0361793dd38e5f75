"""The run folder: numbers that two processes never share, one user at a time, and a file that is never half."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest

from torchwork.errors import RunFolderError
from torchwork.record import RunFolder

HOLD = """
import sys, time
from torchwork.record import RunFolder
run = RunFolder.open(sys.argv[1])
with run.lock():
    run.update(status="running")
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(run: RunFolder) -> Iterator[int]:
    """Another process that keeps the run, and is killed in the end; its id."""
    with subprocess.Popen([sys.executable, "-c", HOLD, run.path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process.pid
        process.kill()


def create(parent: Path) -> str:
    return RunFolder.create(parent, "race").path.name


def test_a_run_folder_is_made_with_the_next_number(tmp_path: Path) -> None:
    (tmp_path / "lenet-7").mkdir()
    (tmp_path / "lenet-x-9").mkdir()
    run = RunFolder.create(tmp_path, "lenet", settings={"lr": 0.1}, notes="first")
    assert run.path == tmp_path / "lenet-8" and run.checkpoints.is_dir()
    info = RunFolder.open(run.path).info
    assert (info.name, info.status, info.settings, info.notes) == ("lenet-8", "new", {"lr": 0.1}, "first")
    assert (info.pid, info.command) == (os.getpid(), tuple(sys.argv))
    assert RunFolder.create(tmp_path / "new" / "parent", "a").path.name == "a-1"


def test_processes_that_race_get_different_folders(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        names = list(pool.map(create, [tmp_path] * 40))
    assert len(set(names)) == 40


@pytest.mark.parametrize("name", ["", "../out", "a/b", ".hidden", "a\nb", "trailing ", "."])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunFolderError, match="rename it"):
        RunFolder.create(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_field_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="no field colour"):
        RunFolder.create(tmp_path, "a", colour="red")
    assert list(tmp_path.iterdir()) == []


def test_a_parent_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="cannot make a run folder in"):
        RunFolder.create(tmp_path / "file", "a")


def test_what_is_no_run_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="is not a run folder"):
        RunFolder.open(tmp_path)
    with pytest.raises(RunFolderError, match="is not a run folder"):
        RunFolder.open(tmp_path / "missing")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"id": 1}',
        '"text"',
        '{"id": "a", "name": "b", "tags": 3}',
        '{"id": "a", "name": "b", "settings": []}',
        '{"id": 3, "name": "b"}',
    ],
)
def test_a_damaged_file_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunFolderError, match=r"run\.json cannot be read"):
        RunFolder.open(tmp_path)


def test_update_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a", tags=("x",))
    path = run.path / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "from_a_later_version": [1, 2]}))
    info = run.update(status="done", result={"valid/loss": 0.5, "valid/accuracy": float("nan")})
    assert (info.status, info.tags) == ("done", ("x",))
    assert run.info.result == {"valid/loss": 0.5, "valid/accuracy": None}
    assert json.loads(path.read_text())["from_a_later_version"] == [1, 2]
    assert not list(run.path.glob("*.tmp"))


def test_a_wrong_status_or_field_is_refused(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a")
    with pytest.raises(RunFolderError, match="one of new, running, done, stopped, failed, not 'ok'"):
        run.update(status="ok")
    with pytest.raises(RunFolderError, match="no field colour"):
        run.update(colour="red")


def test_updates_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a")
    fields = [{"notes": "n"}, {"tags": ("t",)}, {"error": "e"}, {"data": {"d": 1}}, {"host": "h"}, {"status": "done"}]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda changed: RunFolder.open(run.path).update(**changed), fields))
    info = run.info
    assert (info.notes, info.tags, info.error, info.data) == ("n", ("t",), "e", {"d": 1})
    assert (info.host, info.status) == ("h", "done")


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a")
    ended = threading.Event()

    def write() -> None:
        for size in range(100):
            run.update(notes="x" * 1000 * size)
        ended.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not ended.is_set():
        assert set(run.info.notes) <= {"x"}
    thread.join()


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a")
    with holder(run) as process:
        assert run.status == "running"
        with pytest.raises(RunFolderError, match=f"is in use by process {process} on "), run.lock():
            pass
        run.update(notes="notes may be written by others meanwhile")
    assert run.status == "interrupted" and run.info.status == "running"
    with run.lock():
        assert (run.status, run.info.pid) == ("running", os.getpid())
    run.update(status="done")
    assert run.status == "done"


def test_a_run_of_another_machine_is_judged_by_its_sign_of_life(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a")
    run.update(status="running", host="elsewhere")
    assert run.status == "running" and abs(run.heartbeat - time.time()) < 60
    os.utime(run.path / "run.json", (0, 0))
    assert run.status == "interrupted"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_workers_that_outlive_their_parent_do_not_keep_the_run(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "a")
    with run.lock():
        worker = os.fork()
        if worker == 0:
            time.sleep(60)
            os._exit(0)
    try:
        with run.lock():
            assert run.status == "new"
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
