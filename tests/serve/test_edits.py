"""Runs changed by a person: ours in run.json, those of others beside their folders; deleted and had back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from httpx import Client

from torchwork.record import EventWriter, RunFolder

HARD = "ü 形状 🙂 <b>&\"'"


def own(root: Path, name: str = "first") -> RunFolder:
    folder = RunFolder.create(root / "runs", name)
    folder.update(status="done")
    return folder


def foreign(root: Path, place: str = "logs/theirs") -> Path:
    with EventWriter(root / place) as writer:
        writer.scalars(1, {"loss": 1.0})
    return root / place


def digest(folder: Path) -> str:
    """Names and contents of all files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


def change(client: Client, run: str, **fields: object) -> dict[str, object]:
    answer = client.patch("/api/run", params={"run": run}, json=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def listed(client: Client) -> set[str]:
    return {run["id"] for run in client.get("/api/runs").json()}


def test_a_run_of_ours_keeps_what_was_changed_in_its_folder(root: Path, client: Client) -> None:
    folder = own(root)
    found = change(client, "runs/first-1", name=HARD, notes="line\nline", tags=["good", "good", " a  b "])
    assert (found["name"], found["notes"], found["tags"]) == (HARD, "line\nline", ["good", "a b"])
    found = change(client, "runs/first-1", archived=True)
    assert (found["name"], found["archived"], found["id"]) == (HARD, True, "runs/first-1")
    info = json.loads((folder.path / "run.json").read_text("utf-8"))
    assert (info["name"], info["archived"], info["tags"]) == (HARD, True, ["good", "a b"])
    assert change(client, "runs/first-1", tags=[], notes="")["tags"] == []
    assert not (root / ".torchwork").exists()


def test_a_run_of_others_is_noted_beside_its_folder(root: Path, client: Client) -> None:
    folder = foreign(root)
    before = digest(folder)
    found = change(client, "logs/theirs", name=HARD, notes="seen", tags=["x"], archived=True)
    assert (found["name"], found["notes"], found["tags"], found["archived"]) == (HARD, "seen", ["x"], True)
    [row] = client.get("/api/runs").json()
    assert (row["name"], row["archived"], row["own"]) == (HARD, True, False)
    assert digest(folder) == before
    change(client, "logs/theirs", name="again")
    assert client.get("/api/run", params={"run": "logs/theirs"}).json()["notes"] == "seen"


@pytest.mark.parametrize("run", ["runs/first-1", "logs/theirs"])
def test_notes_that_somebody_else_changed_are_not_lost(root: Path, client: Client, run: str) -> None:
    own(root)
    foreign(root)
    assert change(client, run, notes="mine", notes_before="")["notes"] == "mine"
    refused = client.patch("/api/run", params={"run": run}, json={"notes": "theirs", "notes_before": "", "name": "x"})
    assert refused.status_code == 409
    assert refused.json() == {
        "message": f"the notes of {run} were changed elsewhere meanwhile; keep one, or join both",
        "problems": [],
        "stored": "mine",
    }
    found = client.get("/api/run", params={"run": run}).json()
    assert found["notes"] == "mine" and found["name"] != "x"
    assert change(client, run, notes="mine", notes_before="")["notes"] == "mine"  # the same change twice
    assert change(client, run, notes="both", notes_before="mine")["notes"] == "both"
    assert change(client, run, name="x", notes_before="old")["name"] == "x"
    assert change(client, run, notes="as old pages do")["notes"] == "as old pages do"


def test_notes_that_were_damaged_by_hand_hide_no_run(root: Path, client: Client) -> None:
    foreign(root)
    change(client, "logs/theirs", name="noted")
    (root / ".torchwork" / "notes.json").write_text('{"logs/theirs": {"name": 3}}')
    assert client.get("/api/runs").json()[0]["name"] == "logs/theirs"
    refused = client.patch("/api/run", params={"run": "logs/theirs"}, json={"name": "x"})
    assert refused.status_code == 400
    assert "notes.json cannot be read" in refused.json()["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": " \n\t "},
        {"name": "x" * 201},
        {"tags": [f"{number}" for number in range(51)]},
        {"tags": ["x" * 201]},
        {"notes": "x" * 100_001},
    ],
)
def test_what_is_empty_or_too_long_is_refused(root: Path, client: Client, fields: dict[str, object]) -> None:
    before = own(root).info
    answer = client.patch("/api/run", params={"run": "runs/first-1"}, json=fields)
    assert answer.status_code == 400
    assert RunFolder.open(root / "runs" / "first-1").info == before
    assert client.patch("/api/run", params={"run": "runs/first-1"}, json={"status": "x"}).status_code == 422


def test_runs_are_deleted_together_and_come_back_as_they_were(root: Path, client: Client) -> None:
    places = [own(root).path, own(root).path, foreign(root)]
    runs = ["runs/first-1", "runs/first-2", "logs/theirs"]
    before = [digest(place) for place in places]
    deleted = client.post("/api/runs/delete", json={"runs": runs}).json()
    assert deleted["runs"] == runs
    assert listed(client) == set()
    assert not any(place.exists() for place in places)
    assert client.get("/api/run", params={"run": runs[0]}).status_code == 404
    restored = client.post("/api/runs/restore", params={"undo": deleted["undo"]})
    assert restored.json() == runs
    assert [digest(place) for place in places] == before
    assert listed(client) == set(runs)
    assert list((root / ".torchwork" / "trash").iterdir()) == []


def test_a_new_run_in_the_place_of_a_deleted_one_is_not_overwritten(root: Path, client: Client) -> None:
    own(root)
    undo = client.post("/api/runs/delete", json={"runs": ["runs/first-1"]}).json()["undo"]
    new = own(root).info.id
    refused = client.post("/api/runs/restore", params={"undo": undo})
    assert (refused.status_code, "exists again" in refused.json()["message"]) == (409, True)
    assert RunFolder.open(root / "runs" / "first-1").info.id == new
    RunFolder(root / "runs" / "first-1").path.rename(root / "elsewhere")
    assert client.post("/api/runs/restore", params={"undo": undo}).status_code == 200


def test_a_run_that_is_running_is_not_deleted_and_none_with_it(root: Path, client: Client) -> None:
    own(root)
    running = own(root)
    with running.lock():
        running.update(status="running")
        refused = client.post("/api/runs/delete", json={"runs": ["runs/first-1", "runs/first-2"]})
    assert (refused.status_code, "stop it" in refused.json()["message"]) == (409, True)
    assert listed(client) == {"runs/first-1", "runs/first-2"}


def test_runs_inside_a_run_of_others_are_not_deleted_by_the_way(root: Path, client: Client) -> None:
    foreign(root, "logs")
    foreign(root, "logs/inner")
    refused = client.post("/api/runs/delete", json={"runs": ["logs"]})
    assert (refused.status_code, "logs/inner" in refused.json()["message"]) == (409, True)
    undo = client.post("/api/runs/delete", json={"runs": ["logs", "logs/inner"]}).json()["undo"]
    assert listed(client) == set()
    client.post("/api/runs/restore", params={"undo": undo})
    assert listed(client) == {"logs", "logs/inner"}


def test_what_is_no_run_is_not_deleted(root: Path, client: Client) -> None:
    foreign(root, ".")
    (root / "src").mkdir()
    outside = root.parent / "outside"
    foreign(outside, ".")
    (root / "link").symlink_to(outside)
    for run, status in ((".", 409), ("src", 404), ("gone", 404), ("link", 403), ("../outside", 403), ("", 403)):
        answer = client.post("/api/runs/delete", json={"runs": [run]})
        assert answer.status_code == status, run
        assert client.patch("/api/run", params={"run": run}, json={"notes": "x"}).status_code in (status, 200)
    assert client.post("/api/runs/delete", json={"runs": []}).status_code == 400
    assert len(list(outside.iterdir())) == 1
    assert (root / "src").is_dir()
