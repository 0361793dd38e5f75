"""Runs as the page asks for them: the table, the console, CSV; curves over HTTP."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from torchwork.record import EventWriter, RunFolder
from torchwork.serve.console import MOST, whole
from torchwork.serve.series import decode

from .inprocess import TestClient, serving
from .served import until


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as client:
        yield client


def write(folder: Path, **values: list[float]) -> None:
    with EventWriter(folder) as writer:
        for step, row in enumerate(zip(*values.values(), strict=True)):
            writer.scalars(step, dict(zip(values, row, strict=True)), wall_time=float(step))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_one_run_and_all(client: TestClient, tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "果実 🍎", "a b", number=False, environment={"python": "3"})
    [run] = client.get("/api/runs").json()
    assert run["id"] == "果実 🍎/a b" and run["environment"] == {}
    assert client.get("/api/run", params={"run": run["id"]}).json()["environment"] == {"python": "3"}


def test_a_run_that_holds_its_document_can_be_opened_again(client: TestClient, tmp_path: Path) -> None:
    for name in ("loop", "theirs", "trained"):
        folder = tmp_path / name
        write(folder if name == "theirs" else RunFolder.create(tmp_path, name, number=False).path, loss=[1.0])
        if name != "loop":
            (folder / "experiment.yaml").write_text("name: a\n")
    found = {run["id"]: (run["own"], run["document"]) for run in client.get("/api/runs").json()}
    assert found == {"loop": (True, False), "theirs": (False, False), "trained": (True, True)}


def test_infinity_is_a_word_and_nan_is_null(client: TestClient, tmp_path: Path) -> None:
    write(tmp_path / "a", x=[float("inf")], y=[float("nan")])
    assert client.get("/api/run", params={"run": "a"}).json()["last"] == {"x": "Infinity", "y": None}


@pytest.mark.parametrize("place", ["run", "contents", "console", "histograms?tag=x", "item?tag=x&index=0"])
@pytest.mark.parametrize("run", ["nowhere", "../outside", "/etc"])
def test_no_run_and_no_place_outside(client: TestClient, place: str, run: str) -> None:
    answer = (
        client.get(f"/api/{place}", params={"run": run}) if "?" not in place else client.get(f"/api/{place}&run={run}")
    )
    assert answer.status_code in (400, 403, 404)
    assert "run" in answer.json()["message"] or "folder" in answer.json()["message"]


def test_curves_come_as_bytes(client: TestClient, tmp_path: Path) -> None:
    write(tmp_path / "a", loss=[1.0, 2.0], acc=[3.0, 4.0])
    queries = [{"runs": ["a"], "tag": tag} for tag in ("loss", "acc")]
    answer = client.post("/api/series", json={"queries": queries})
    assert answer.headers["content-type"] == "application/octet-stream"
    assert [part.columns["y"].tolist() for part in decode(answer.content)] == [[1.0, 2.0], [3.0, 4.0]]


def test_every_point_as_csv(client: TestClient, tmp_path: Path) -> None:
    write(tmp_path / "a,b", loss=[1.0, 0.1], acc=[0.5, 0.25])
    write(tmp_path / "c", loss=[3.0])
    answer = client.get("/api/scalars.csv", params={"run": ["a,b", "c"], "tag": ["loss"]})
    assert "attachment" in answer.headers["content-disposition"]
    found = [(row["run"], row["step"], float(row["value"])) for row in rows(answer.text)]
    assert found == [("a,b", "0", 1.0), ("a,b", "1", pytest.approx(0.1)), ("c", "0", 3.0)]
    assert len(rows(client.get("/api/scalars.csv", params={"run": "a,b"}).text)) == 4


def test_numbers_are_written_as_short_as_they_were_recorded(client: TestClient, tmp_path: Path) -> None:
    write(tmp_path / "a", acc=[0.95, math.nan, 123456789.0, 3e-05])
    found = rows(client.get("/api/scalars.csv", params={"run": "a"}).text)
    assert [row["value"] for row in found] == ["0.95", "nan", "123456789.0", "3e-05"]
    until(lambda: rows(client.get("/api/runs.csv").text)[0].get("acc"))
    assert rows(client.get("/api/runs.csv").text)[0]["acc"] == "3e-05"


def test_the_table_as_csv(client: TestClient, tmp_path: Path) -> None:
    RunFolder.create(tmp_path, "a", number=False, settings={"lr": 0.1}, notes='say "hi",\nplease', tags=("x", "y"))
    RunFolder.create(tmp_path, "b", number=False, result={"valid/loss": 0.5})
    found = {row["name"]: row for row in rows(client.get("/api/runs.csv").text)}
    assert (found["a"]["notes"], found["a"]["tags"], found["a"]["lr"]) == ('say "hi",\nplease', "x, y", "0.1")
    assert (found["b"]["valid/loss"], found["b"]["lr"]) == ("0.5", "")


def test_a_long_console_gives_its_end_in_whole_lines(client: TestClient, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "a", number=False).path
    (folder / "console.log").write_text("".join(f"line {number}\n" for number in range(100_000)))
    found = client.get("/api/console", params={"run": "a"}).json()
    assert found["restart"] and found["text"].startswith("line ") and found["text"].endswith("line 99999\n")
    assert len(found["text"]) <= MOST and found["begin"] + len(found["text"]) == found["offset"]
    again = client.get("/api/console", params={"run": "a", "offset": found["offset"]}).json()
    assert (again["text"], again["restart"]) == ("", False)


def test_a_console_is_never_another_file(client: TestClient, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "a", number=False).path
    (folder / "console.log").symlink_to("/etc/passwd")
    assert client.get("/api/console", params={"run": "a"}).status_code == 403


@pytest.mark.parametrize("cut", range(1, 4))
def test_half_of_a_character_waits(cut: int) -> None:
    data = "a🌱".encode()
    assert whole(data) == data and whole(data[:-cut]) == b"a"
    assert whole(b"\xff\x80\x80\x80\x80") == b"\xff\x80\x80\x80\x80"
