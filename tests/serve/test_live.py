"""The live socket: nothing lost, nothing doubled, while runs grow, resume, break, go away and come back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from torchwork.record import EventWriter, RunFolder, summary
from torchwork.record.frame import frame
from torchwork.serve import polling

from .inprocess import TestClient, WebSocketTestSession, serving

News = dict[str, Any]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as client:
        yield client


class Page:
    """A page's side of the socket: puts curves together from what it is told."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self.socket = socket
        self.cursors: dict[str, str] = {}
        self.curves: dict[str, list[tuple[int, float]]] = {}
        self.restarts = 0

    def watch(self, *runs: str, table: bool = False, **more: object) -> None:
        watch = [{"run": run, "cursor": self.cursors.get(run, ""), **more} for run in runs]
        self.socket.send_json({"type": "watch", "watch": watch, "runs": table})

    def next(self, kind: str, **like: object) -> News:
        """The next message of a kind; points before it are taken."""
        while True:
            news: News = self.socket.receive_json()
            if news["type"] == "points":
                self.take(news)
            if news["type"] == kind and all(news[name] == value for name, value in like.items()):
                return news

    def take(self, news: News) -> None:
        self.cursors[news["run"]] = news["cursor"]
        self.restarts += news["restart"]
        for tag, points in news["series"].items():
            curve = self.curves.setdefault(tag, [])
            assert points["first"] <= len(curve), "a gap"
            new = list(zip(points["steps"], points["values"], strict=True))
            curve[points["first"] :] = new[: len(new)] if points["first"] == len(curve) else [*new]

    def until(self, tag: str, count: int) -> list[tuple[int, float]]:
        while len(self.curves.get(tag, [])) < count:
            self.next("points")
        return self.curves[tag]


@contextmanager
def page(client: TestClient) -> Iterator[Page]:
    with client.websocket_connect("/api/live") as socket:
        found = Page(socket)
        assert found.next("hello")["session"]["name"]
        yield found


def test_points_arrive_as_they_are_written(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer, page(client) as one:
        one.watch("a")
        assert one.next("points")["series"] == {}
        for step in range(50):
            writer.scalars(step, {"loss": step / 2, "acc": float("nan")})
            if step % 10 == 0:
                writer.flush()
                one.until("loss", step + 1)
        writer.flush()
        assert one.until("loss", 50) == [(step, step / 2) for step in range(50)]
        assert one.until("acc", 50) == [(step, None) for step in range(50)]
        assert one.restarts == 0


def test_a_new_tag_is_told_with_the_contents(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer, page(client) as one:
        one.watch("a")
        assert one.next("contents")["contents"]["scalars"] == []
        writer.scalars(0, {"loss": 1.0})
        assert one.next("contents")["contents"]["scalars"] == ["loss"]
        writer.histogram(0, "h", [1.0])
        items = one.next("contents")["contents"]["items"]
        assert [(item["tag"], item["steps"]) for item in items] == [("h", [0])]


def test_only_the_tags_that_are_followed_are_told(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer, page(client) as one:
        one.watch("a", tags=["loss"])
        one.next("points")
        writer.scalars(0, {"loss": 1.0, "other": 2.0})
        one.until("loss", 1)
        assert set(one.curves) == {"loss"}


def test_a_restarted_server_goes_on_where_the_page_stands(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        with serving(tmp_path) as client, page(client) as one:
            one.watch("a")
            one.next("points")
            writer.scalars(0, {"loss": 0.0})
            one.until("loss", 1)
            cursors, curves = one.cursors, one.curves
        writer.scalars(1, {"loss": 1.0})
        with serving(tmp_path) as client, page(client) as again:
            again.cursors, again.curves = cursors, curves
            again.watch("a")
            writer.scalars(2, {"loss": 2.0})
            assert again.until("loss", 3) == [(0, 0.0), (1, 1.0), (2, 2.0)]
            assert again.restarts == 0


def test_a_resume_that_replaces_steps_is_a_restart(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer, page(client) as one:
        one.watch("a")
        one.next("points")
        for step in range(4):
            writer.scalars(step, {"loss": 1.0})
        writer.close()
        one.until("loss", 4)
        with EventWriter(tmp_path / "a", 4) as resumed:  # goes on: nothing is replaced
            resumed.scalars(4, {"loss": 1.0})
            resumed.flush()
            one.until("loss", 5)
            assert one.restarts == 0
        with EventWriter(tmp_path / "a", 2):
            assert one.next("points", restart=True)["series"] == {}


@pytest.mark.parametrize("how", ["replace", "truncate"])
def test_a_file_that_was_replaced_is_a_restart(client: TestClient, tmp_path: Path, how: str) -> None:
    for name, steps in (("a", 9), ("b", 3)):
        with EventWriter(tmp_path / name) as writer:
            for step in range(steps):
                writer.scalars(step, {"loss": 1.0})
    old, new = next((tmp_path / "a").iterdir()), next((tmp_path / "b").iterdir())
    with page(client) as one:
        one.watch("a")
        one.next("points")
        if how == "replace":
            new.replace(old)
        else:
            old.write_bytes(new.read_bytes())
        one.next("points", restart=True)


def test_too_much_at_once_is_asked_for_again(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        with page(client) as one:
            one.watch("a")
            one.next("points")
            cursors = one.cursors
        writer.scalar_rows(0, ["loss"], [[1.0]] * 30_000, [0.0] * 30_000)
        writer.flush()
        with page(client) as again:
            again.cursors = cursors
            again.watch("a")
            again.next("points", restart=True)


def test_a_run_that_goes_away_is_told_and_when_it_comes_back_it_goes_on(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        writer.scalars(0, {"loss": 0.0})
    with page(client) as one:
        one.watch("a")
        one.next("contents")
        one.watch("a", table=True)
        assert [run["id"] for run in one.next("runs", all=True)["runs"]] == ["a"]
        (tmp_path / "a").rename(tmp_path / "b")
        words, gone = "", []
        while not words or not gone:  # in any order
            news = one.socket.receive_json()
            words = news["message"] if news["type"] == "trouble" else words
            gone = news["gone"] if news["type"] == "runs" and news["gone"] else gone
        assert "moved or deleted" in words and gone == ["a"]
        (tmp_path / "b").rename(tmp_path / "a")
        with EventWriter(tmp_path / "a", 1) as more:
            more.scalars(1, {"loss": 1.0})
            news = one.socket.receive_json()
            while news["type"] != "points" or "loss" not in news["series"]:
                news = one.socket.receive_json()
            assert news["series"]["loss"]["steps"] == [1] and news["series"]["loss"]["first"] == 1


def test_garbage_harms_only_its_own_run(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    path = tmp_path / "bad/events.out.tfevents.1.host"
    path.write_bytes(os.urandom(5000))
    with EventWriter(tmp_path / "good") as writer, page(client) as one:
        one.watch("bad", "good")
        problems = ""
        while not problems:
            found = one.next("contents")["contents"]
            problems = " ".join(found["problems"]) if found["run"] == "bad" else ""
        assert "not an event file" in problems
        with path.open("ab") as file:
            file.write(os.urandom(5000))
        writer.scalars(0, {"loss": 1.0})
        assert one.until("loss", 1) == [(0, 1.0)]


def test_a_run_that_is_read_slowly_delays_no_other(client: TestClient, tmp_path: Path) -> None:
    workspace = client.app.state.workbench.workspace  # type: ignore[attr-defined]
    with EventWriter(tmp_path / "slow"), EventWriter(tmp_path / "quick") as writer:
        with workspace.followers.get(tmp_path / "slow").reading(), page(client) as one:
            one.watch("slow", "quick")
            one.next("points", run="quick")
            one.watch("slow", "quick", table=True)
            assert {run["id"] for run in one.next("runs", all=True)["runs"]} == {"slow", "quick"}
            writer.scalars(0, {"loss": 1.0})
            one.until("loss", 1)
        with page(client) as one:
            one.watch("slow")
            one.next("points", run="slow")


def test_an_older_file_of_many_may_grow(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "RESCAN", 0.05)
    (tmp_path / "a").mkdir()
    paths = [tmp_path / "a" / f"events.out.tfevents.{number}.host" for number in range(10, 30)]
    for number, path in enumerate(paths):
        path.write_bytes(frame(summary.version_event(float(number))))
    with page(client) as one:
        one.watch("a")
        one.next("contents")
        for number, path in enumerate(paths):
            with path.open("ab") as file:
                file.write(frame(summary.scalar_event(1.0, 1, (f"tag-{number}",), (2.0,))))
            one.until(f"tag-{number}", 1)


def test_a_message_that_is_none_and_a_run_outside_are_sentences(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer, page(client) as one:
        one.socket.send_text("{")
        assert "reload it" in one.next("trouble")["message"]
        one.watch("../x", "nowhere", "a")
        troubles = {one.next("trouble")["run"] for _ in range(2)}
        assert troubles == {"../x", "nowhere"}
        writer.scalars(0, {"loss": 1.0})
        one.until("loss", 1)


def test_the_console_follows_from_a_byte_on(client: TestClient, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "a", number=False).path
    with page(client) as one:
        one.watch("a", console=0)
        one.next("contents")
        (folder / "console.log").write_text("你好\n", "utf-8")
        first = one.next("console")
        assert (first["text"], first["begin"], first["offset"]) == ("你好\n", 0, 7)
        with (folder / "console.log").open("ab") as file:
            file.write(b"more \xe4\xbd")  # half of a character
        assert one.next("console")["text"] == "more "
        with (folder / "console.log").open("ab") as file:
            file.write(b"\xa0\n")
        assert one.next("console")["text"] == "你\n"
        (folder / "console.log").write_text("new\n")
        again = one.next("console")
        assert again["restart"] and again["text"] == "new\n"


def test_the_table_tells_what_changed(client: TestClient, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "a", number=False)
    with page(client) as one:
        one.watch(table=True)
        assert [run["id"] for run in one.next("runs")["runs"]] == ["a"]
        assert one.next("jobs")["queue"]["jobs"] == []
        assert one.next("documents")["documents"] == []
        folder.update(status="done")
        assert [run["status"] for run in one.next("runs")["runs"]] == ["done"]
        RunFolder.create(tmp_path, "b", number=False)
        assert [run["id"] for run in one.next("runs")["runs"]] == ["b"]
        (tmp_path / "x.yaml").write_text("torchwork: 1\nname: x\n")
        shutil.rmtree(tmp_path / "b")
        assert one.next("runs")["gone"] == ["b"]


def test_the_same_by_plain_calls(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        writer.scalars(0, {"loss": 0.0})
        writer.flush()
        asked = {"type": "watch", "watch": [{"run": "a", "console": 0}], "runs": True}
        news = client.post("/api/live", json=asked).json()["news"]
        assert [item["type"] for item in news] == ["hello", "runs", "jobs", "documents", "points", "contents"]
        asked["watch"][0]["cursor"] = news[4]["cursor"]  # type: ignore[index]
        writer.scalars(1, {"loss": 1.0})
        writer.flush()
        [points] = [item for item in client.post("/api/live", json=asked).json()["news"] if item["type"] == "points"]
        assert points["series"]["loss"] == {
            "first": 1,
            "steps": [1],
            "times": points["series"]["loss"]["times"],
            "values": [1.0],
        }


def test_when_the_last_page_goes_nobody_looks_at_files_any_more(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a"), page(client) as one:
        one.watch("a")
        one.next("points")
    poller = client.app.state.workbench.workspace.poller  # type: ignore[attr-defined]
    assert poller._listeners == {} and poller._watched == {}
