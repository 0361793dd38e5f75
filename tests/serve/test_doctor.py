"""The doctor's answers of the server: of a run that grows, of a log of others, and of a text."""

from __future__ import annotations

import json
import math
from pathlib import Path

from torchwork.record import EventWriter, RunFolder

from .inprocess import serving


def test_a_growing_run_is_looked_at_again(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "run", status="running").path
    writer = EventWriter(folder)
    for step in range(1, 30):
        writer.scalars(step, {"step/loss": 2.0})
    writer.flush()
    with serving(tmp_path) as client:
        ask = {"run": folder.name}
        first = client.get("/api/doctor", params=ask).json()
        assert first["findings"] == [] and first["checked"] > 0
        assert client.get("/api/doctor", params=ask).json() == first
        writer.scalars(30, {"step/loss": math.nan})
        writer.close()
        [finding] = client.get("/api/doctor", params=ask).json()["findings"]
    assert (finding["rule"], finding["severity"], finding["step"]) == ("diverged", "alarm", 30)


def test_a_log_of_others_has_its_doctor_too(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "log")
    for step in range(1, 20):
        writer.scalars(step, {"Loss/train": 1 / step, "Loss/val": 1.0 + 0.1 * step})
    writer.close()
    with serving(tmp_path) as client:
        found = client.get("/api/doctor", params={"run": "log"}).json()
    assert [finding["rule"] for finding in found["findings"]] == ["overfitting"]


def test_an_old_or_broken_document_of_a_run_is_passed_over(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "run", status="done").path
    (folder / "experiment.yaml").write_text("loss: [", "utf-8")
    with serving(tmp_path) as client:
        found = client.get("/api/doctor", params={"run": folder.name})
    assert found.status_code == 200 and any(": there is no document" in reason for reason in found.json()["skipped"])


def test_a_run_that_is_not_there_is_said_to_be_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert client.get("/api/doctor", params={"run": "gone"}).status_code == 404
        assert client.get("/api/doctor", params={"run": "../gone"}).status_code == 403


def test_a_text_is_looked_at_by_the_worker(tmp_path: Path) -> None:
    text = json.dumps({
        "data": {"source": {"Shapes": {"size": 16, "train": 240, "valid": 80}}, "batch_size": 8},
        "model": {"layers": ["Flatten", {"Linear": {"out_features": "classes"}}, {"Softmax": {"dim": 1}}]},
        "loss": "CrossEntropyLoss",
    })  # fmt: skip
    with serving(tmp_path) as client:
        found = client.post("/api/doctor", json={"text": text, "path": "text.json"}).json()
    assert [finding["rule"] for finding in found["findings"]] == ["softmax twice"]


def test_a_text_is_tried_when_asked(tmp_path: Path) -> None:
    layers = ["Flatten", {"unsqueeze": {"dim": 1}}, {"GRU": {"hidden_size": 8}}]
    nodes = dict(zip("abc", layers, strict=True)) | {
        "last": {"select": {"dim": 1, "index": 0}, "from": "c[0]"}, "head": {"Linear": {"out_features": "classes"}},
    }  # fmt: skip
    text = json.dumps({
        "data": {"source": {"Shapes": {"size": 8, "train": 240, "valid": 80}}, "batch_size": 8},
        "model": {"nodes": nodes}, "loss": "CrossEntropyLoss",
    })  # fmt: skip
    with serving(tmp_path) as client:
        found = client.post("/api/doctor", json={"text": text, "path": "text.json", "tried": True}).json()
    assert [finding["rule"] for finding in found["findings"]] == ["samples mix in a batch"]


def test_a_run_that_is_not_there_cannot_be_tried(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert client.post("/api/doctor/run", params={"run": "gone"}).status_code == 404
