"""What is no curve: decoded, sniffed, or named as not shown; of any writer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torchwork.record import EventWriter, summary, wire
from torchwork.record.frame import frame
from torchwork.serve.items import media_type

from .inprocess import TestClient, serving

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path) as client:
        yield client


def ask(client: TestClient, tag: str, run: str = "a", index: int = 0, **more: object) -> object:
    answer = client.get("/api/item", params={"run": run, "tag": tag, "index": index, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def raw(folder: Path, *events: bytes) -> None:
    folder.mkdir()
    (folder / "events.out.tfevents.1.host").write_bytes(b"".join(map(frame, events)))


def value(tag: str, plugin: str, tensor: bytes) -> bytes:
    metadata = wire.message(9, wire.message(1, wire.text(1, plugin)))
    return summary.summary_event(0.0, 1, wire.text(1, tag) + wire.message(8, tensor) + metadata)


def strings(*texts: bytes, shape: tuple[int, ...] = ()) -> bytes:
    sizes = b"".join(wire.message(2, wire.integer(1, size)) for size in shape)
    return wire.integer(1, 7) + wire.message(2, sizes) + b"".join(wire.message(8, text) for text in texts)


def test_everything_that_our_writer_writes(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        for step in (1, 5):
            writer.histogram(step, "weights/w", np.arange(100.0) * step)
            writer.image(step, "picture", np.zeros((4, 5, 3), np.uint8))
            writer.text(step, "note", f"hello {step} 你好")
        writer.hparams({"lr": 0.1, "name": "x", "on": True})
    contents = client.get("/api/contents", params={"run": "a"}).json()
    kinds = {item["tag"]: (item["kind"], item["shown"], item["steps"]) for item in contents["items"]}
    assert kinds["weights/w"] == ("histogram", True, [1, 5]) and kinds["picture"] == ("image", True, [1, 5])
    histograms = client.get("/api/histograms", params={"run": "a", "tag": "weights/w"}).json()
    assert histograms["steps"] == [1, 5] and sum(histograms["counts"][1]) == 100
    assert len(histograms["edges"][0]) == len(histograms["counts"][0]) + 1
    picture = client.get("/api/item", params={"run": "a", "tag": "picture", "index": 1})
    assert (picture.headers["content-type"], picture.headers["x-parts"]) == ("image/png", "1")
    assert picture.content.startswith(PNG) and picture.headers["x-content-type-options"] == "nosniff"
    assert ask(client, "note", index=1) == {"step": 5, "texts": ["hello 5 你好"], "columns": 0}
    assert ask(client, "_hparams_/session_start_info") == {"lr": 0.1, "name": "x", "on": True}


def test_histograms_are_chosen_evenly_with_the_first_and_the_last(client: TestClient, tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        for step in range(101):
            writer.histogram(step, "h", np.arange(3.0), bins=2)
    found = client.get("/api/histograms", params={"run": "a", "tag": "h", "most": 5}).json()
    assert found["steps"] == [0, 25, 50, 75, 100]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"GIF89a...", "image/gif"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", ""),
        (b"<html><script>", ""),
        (b"", ""),
    ],
)
def test_a_media_type_comes_from_the_first_bytes(data: bytes, kind: str) -> None:
    assert media_type(data) == kind


def test_a_picture_that_is_none_is_refused(client: TestClient, tmp_path: Path) -> None:
    raw(tmp_path / "a", value("evil", "images", strings(b"1", b"1", b"<svg onload=alert(1)>", shape=(3,))))
    answer = client.get("/api/item", params={"run": "a", "tag": "evil", "index": 0})
    assert answer.status_code == 415 and "no PNG" in answer.json()["message"]


def test_several_pictures_of_one_step(client: TestClient, tmp_path: Path) -> None:
    raw(tmp_path / "a", value("p", "images", strings(b"1", b"1", PNG + b"1", PNG + b"2", shape=(4,))))
    answer = client.get("/api/item", params={"run": "a", "tag": "p", "index": 0, "part": 1})
    assert answer.content == PNG + b"2" and answer.headers["x-parts"] == "2"
    assert client.get("/api/item", params={"run": "a", "tag": "p", "index": 0, "part": 2}).status_code == 404


def test_a_text_with_two_dimensions_is_a_table(client: TestClient, tmp_path: Path) -> None:
    raw(tmp_path / "a", value("t", "text", strings(b"a", b"b", b"c", b"d", shape=(2, 2))))
    assert ask(client, "t") == {"step": 1, "texts": ["a", "b", "c", "d"], "columns": 2}


def test_what_cannot_be_shown_is_named(client: TestClient, tmp_path: Path) -> None:
    mesh = wire.integer(1, 1) + wire.message(2, wire.message(2, wire.integer(1, 1))) + wire.message(5, b"\0\0\0\0")
    raw(tmp_path / "a", value("cloud_VERTEX", "mesh", mesh))
    (tmp_path / "a/projector_config.pbtxt").touch()
    (tmp_path / "a/plugins/profile/1").mkdir(parents=True)
    items = client.get("/api/contents", params={"run": "a"}).json()["items"]
    assert {(item["kind"], item["shown"]) for item in items} == {
        ("mesh", False),
        ("projector", False),
        ("profile", False),
    }
    answer = client.get("/api/item", params={"run": "a", "tag": "cloud_VERTEX", "index": 0})
    assert answer.status_code == 415 and "mesh" in answer.json()["message"]


def test_items_that_a_resume_replaced_change_the_version(client: TestClient, tmp_path: Path) -> None:
    def now() -> tuple[list[int], int]:
        [item] = client.get("/api/contents", params={"run": "a"}).json()["items"]
        return item["steps"], item["version"]

    with EventWriter(tmp_path / "a") as writer:
        for step in range(4):
            writer.text(step, "note", "first")
    steps, version = now()
    with EventWriter(tmp_path / "a", 2) as writer:
        writer.text(2, "note", "second")
    assert steps == [0, 1, 2, 3] and now()[0] == [0, 1, 2] and now()[1] > version


def test_a_keras_model_is_a_graph(client: TestClient, tmp_path: Path) -> None:
    dense = {"class_name": "Dense", "name": "d", "config": {"name": "d"}, "inbound_nodes": [[["x", 0, 0, {}]]]}
    model = {"class_name": "Functional", "config": {"layers": [{"class_name": "InputLayer", "name": "x"}, dense]}}
    raw(tmp_path / "a", value("keras", "graph_keras_model", strings(json.dumps(model).encode())))
    nodes = ask(client, "keras")["nodes"]  # type: ignore[index]
    assert [(node["name"], node["operation"], node["inputs"]) for node in nodes] == [
        ("x", "InputLayer", []),
        ("d", "Dense", ["x"]),
    ]


def test_damaged_items_are_sentences(client: TestClient, tmp_path: Path) -> None:
    bad = summary.summary_event(0.0, 1, wire.text(1, "h") + wire.message(5, b"\xff\xff"))
    keras = value("keras", "graph_keras_model", strings(b"{"))
    graph = summary.event(0.0, 1, 4, b"\x0a\xff")
    raw(tmp_path / "a", bad, keras, graph)
    assert "h of step 1" in client.get("/api/histograms", params={"run": "a", "tag": "h"}).json()["problems"][0]
    for tag in ("keras", "graph_def"):
        answer = client.get("/api/item", params={"run": "a", "tag": tag, "index": 0})
        assert answer.status_code == 400 and "cannot be read" in answer.json()["message"]


def test_real_logs_everything_is_shown_or_named(shared: Path) -> None:
    seen: set[str] = set()
    with serving(shared / "data/tfevents") as client:
        for run in client.get("/api/runs").json():
            for item in client.get("/api/contents", params={"run": run["id"]}).json()["items"]:
                seen.add(item["kind"])
                look(client, run["id"], item)
    assert {"histogram", "image", "text", "hparams", "graph", "pr_curves"} <= seen


def look(client: TestClient, run: str, item: dict[str, Any]) -> None:
    place = {"run": run, "tag": item["tag"]}
    if item["kind"] == "histogram":
        assert client.get("/api/histograms", params=place).json()["problems"] == []
    elif item["steps"]:
        answer = client.get("/api/item", params={**place, "index": len(item["steps"]) - 1})
        assert (answer.status_code == 200) == item["shown"], (place, answer.text)
        assert item["kind"] != "graph" or answer.json()["nodes"], place
