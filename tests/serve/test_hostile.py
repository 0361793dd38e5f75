"""What a stranger's folder, a hostile request or a bad moment can bring: one sentence each, and the server goes on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from httpx import Client, HTTPError
from starlette.types import Receive, Scope, Send

from torchwork.errors import TorchworkError
from torchwork.record import EventWriter, RunFolder
from torchwork.serve import processes
from torchwork.serve.guard import Access, Guard
from torchwork.serve.jobs import Jobs
from torchwork.serve.ledger import Ledger
from torchwork.serve.messages import JobRequest
from torchwork.serve.refusal import RefusedError
from torchwork.serve.server import _opened, serve
from torchwork.serve.workspace import Workspace

from .inprocess import TestClient
from .served import until

GOOD = {"id": "x", "name": "n", "status": "done"}
DEEP = '{"id": "x", "name": "n", "settings": ' + '{"a": ' * 900 + "1" + "}" * 901
CHANGES: tuple[dict[str, object], ...] = (
    {"status": "flying"},
    {"error": []},
    {"command": [1]},
    {"tags": 5},
    {"pid": "me"},
    {"result": {"loss": "low"}},
    {"result": {"loss": 10**400}},
    {"settings": {"a": "\ud800"}},
    {"notes": "\ud800"},
    {"environment": {"\ud800": 1}},
)


def made(folder: Path, content: str | bytes) -> None:
    folder.mkdir()
    (folder / "run.json").write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        DEEP,
        "null",
        b"\xff\xfe",
        *(json.dumps({**GOOD, **change}) for change in CHANGES),
    ],
)
def test_a_run_json_of_any_content_costs_its_own_row(root: Path, client: Client, content: str | bytes) -> None:
    made(root / "bad", content)
    RunFolder.create(root, "good")
    rows = {row["id"]: row for row in client.get("/api/runs").json()}
    assert rows["good-1"]["status"] == "new"
    assert rows["bad"]["status"] == "damaged" and "remove the folder" in rows["bad"]["problems"][0]


def test_a_run_json_without_end_is_not_read(root: Path, client: Client) -> None:
    made(root / "huge", json.dumps({**GOOD, "notes": "x" * 17_000_000}))
    [row] = client.get("/api/runs").json()
    assert row["status"] == "damaged" and "more than" in row["problems"][0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_pipes_hold_up_nothing(root: Path, client: Client) -> None:
    (root / "run").mkdir()
    (root / ".torchwork/jobs").mkdir(parents=True)
    for name in ("run/run.json", "run/events.out.tfevents.1.x", "run/console.log", "doc.yaml"):
        os.mkfifo(root / name)
    for name in (".torchwork/jobs/queue.json", ".torchwork/notes.json"):
        os.mkfifo(root / name)
    assert [row["status"] for row in client.get("/api/runs").json()] == ["damaged"]
    assert client.get("/api/console", params={"run": "run"}).json()["text"] == ""
    assert "no regular file" in client.get("/api/document", params={"path": "doc.yaml"}).json()["message"]
    assert client.get("/api/jobs").json()["jobs"] == []


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"bad\xff")
    try:
        made(strange, json.dumps(GOOD))
    except OSError:
        pytest.skip("this file system knows only names that are text")
    made(tmp_path / "good", json.dumps(GOOD))
    assert [row.id for row in Workspace(tmp_path).runs()] == ["good"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/series", {"queries": [{"runs": ["\ud800"], "tag": "a"}]}),
        ("POST", "/api/live", {"watch": [{"run": "\ud800"}]}),
        ("POST", "/api/documents", {"path": "\ud800.yaml"}),
        ("PUT", "/api/document", {"path": "new.yaml", "text": "\ud800"}),
        ("POST", "/api/jobs", {"document": "\ud800"}),
        ("PATCH", "/api/run?run=others", {"notes": "\ud800"}),
        ("POST", "/api/runs/delete", {"runs": ["\ud800"]}),
    ],
)
def test_half_a_character_is_refused_and_leaves_nothing(
    root: Path, client: Client, method: str, path: str, body: dict[str, object]
) -> None:
    (root / "others").mkdir()
    (root / "others/events.out.tfevents.1.x").touch()
    answer = client.request(method, path, content=json.dumps(body), headers={"content-type": "application/json"})
    if path != "/api/series":  # says it in the place of the curve
        assert 400 <= answer.status_code < 500 and answer.json()["message"]
    assert answer.status_code < 500
    assert not [file for file in root.rglob("*") if file.name.endswith(".tmp") or file.name == "new.yaml"]


def test_ten_thousand_tags_are_written_as_csv(root: Path, client: Client) -> None:
    (root / "run").mkdir()
    with EventWriter(root / "run") as writer:
        for number in range(10_000):
            writer.scalars(1, {f"tag{number}": number})
    lines = client.get("/api/scalars.csv", params={"run": "run"}).text.splitlines()
    assert len(lines) == 10_001 and lines[-1].startswith("run,tag9999,1,") and lines[-1].endswith(",9999.0")


START = "import sys; from torchwork.serve.server import serve; serve(sys.argv[1], port=0, browser=False)"


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_end_is_quiet_with_questions_open(root: Path, tmp_path: Path, number: signal.Signals) -> None:
    state = tmp_path / "state"
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "PYTHONUNBUFFERED": "1"}
    with (tmp_path / "said").open("w+") as said:
        server = subprocess.Popen([sys.executable, "-c", START, str(root)], stdout=said, stderr=said, env=environment)
        until(lambda: "Ctrl-C" in (tmp_path / "said").read_text())
        address = (tmp_path / "said").read_text().partition(": ")[2].partition("\n")[0]
        host, _, token = address.partition("/?token=")
        answers: list[int | str] = []
        ask = [threading.Thread(target=_ask, args=(f"{host}/api/schema", token, answers)) for _ in range(3)]
        for thread in ask:
            thread.start()
        until(lambda: psutil.Process(server.pid).children())
        time.sleep(0.2)
        worker = psutil.Process(server.pid).children()[0]
        server.send_signal(number)
        server.wait(60)
        for thread in ask:
            thread.join()
        text = (tmp_path / "said").read_text()
    assert "CancelledError: Task cancelled" not in text and "Exception in ASGI" not in text
    assert answers == [503, 503, 503]
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def _ask(address: str, token: str, answers: list[int | str]) -> None:
    with Client(headers={"authorization": f"Bearer {token}"}, timeout=60) as client:
        try:
            answers.append(client.get(address).status_code)
        except HTTPError as error:
            answers.append(repr(error))


@pytest.mark.parametrize("origin", ["http://[::1", "null", "", "//"])
def test_an_origin_that_is_none_is_refused(client: Client, origin: str) -> None:
    assert client.get("/api/session", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("cursor", ["[" * 60_000, '{"a": [1, 1e999]}', "{}", '{"a": []}', "7"])
def test_a_cursor_of_any_content_is_answered(root: Path, client: Client, cursor: str) -> None:
    (root / "run").mkdir()
    with EventWriter(root / "run") as writer:
        writer.scalars(1, {"loss": 1.0})
    told = client.post("/api/live", json={"watch": [{"run": "run", "cursor": cursor}], "runs": False}).json()["news"]
    assert [news["type"] for news in told] == ["hello", "points", "contents"]


def test_on_a_full_disk_no_job_is_started_again_and_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(*_: object) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        return started[-1]

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(processes, "start", start)
    jobs = Jobs(root)
    jobs.set_slots(1)
    for _ in range(2):
        jobs.add(JobRequest(document="experiment.yaml"))
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "keep", full)
        started[0].communicate(b"\n")  # it ends when the disk is full already
        for _ in range(3):
            with pytest.raises(RefusedError, match="No space left"):
                jobs.tick()
        with pytest.raises(RefusedError, match="No space left"):
            jobs.add(JobRequest(document="experiment.yaml"))
        assert len(started) == 1
    until(lambda: len(started) == 2)
    jobs.close()
    started[1].communicate(b"\n")
    assert len(jobs.queue().jobs) == 2


def test_a_folder_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    for wrong in ("nowhere", "circle", "a\0b"):
        with pytest.raises(TorchworkError, match="; give"):
            serve(tmp_path / wrong, browser=False)
    for port in (-1, 65536):
        with pytest.raises(TorchworkError, match="0 to 65535"):
            serve(tmp_path, port=port, browser=False)


@pytest.mark.parametrize("name", ["binary.png", "noending", "package.json", "run.json"])
def test_a_file_that_is_no_document_is_not_opened_as_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"name": "page", "model": {"layers": []}}' if name == "run.json" else '{"name": 1}')
    with pytest.raises(TorchworkError, match=f"{name} is .*no document.*folder"):
        serve(tmp_path / name, browser=False)


@pytest.mark.parametrize("name", ["a.yaml", "a.YML", "a.json"])
def test_a_document_is_opened_in_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"torchwork": 1, "model": {"layers": []}}')
    assert _opened(tmp_path / name) == (tmp_path.resolve(), {"file": name})


def test_passwords_are_guessed_one_at_a_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[bool] = []

    async def sleep(seconds: float) -> None:
        waiting.append(guard._logins.locked())

    guard = Guard(served_by_nobody, Access(frozenset({"here"}), "secret"))
    monkeypatch.setattr("torchwork.serve.guard.asyncio.sleep", sleep)
    client = TestClient(guard, base_url="http://here")
    assert [client.post("/login", data={"password": word}).status_code for word in ("a", "b")] == [401, 401]
    assert waiting == [True, True]


async def served_by_nobody(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("nothing of the server is reached without the password")
