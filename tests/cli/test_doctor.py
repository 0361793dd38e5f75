"""`torchwork doctor`: documents, runs and logs of others, for people and as JSON; its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from torchwork.record import EventWriter

from .answer import DOCUMENT, ask


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> str:
    Path(name).write_text(text.replace("batch_size: 16", "batch_size: 2"), "utf-8")
    return name


def test_a_good_document(tmp_path: Path) -> None:
    answer = ask("doctor", write("good.yaml", DOCUMENT), "--set", "train.epochs=5")
    assert answer.status == 0 and "nothing is wrong" in answer.out


def test_an_alarm_is_exit_status_1_with_sentence_numbers_and_change() -> None:
    text = DOCUMENT.replace("loss: Cross", "    - {Softmax: {dim: 1}}\nloss: Cross")
    answer = ask("doctor", write("softmax.yaml", text), "--set", "train.epochs=5")
    assert answer.status == 1
    assert "CrossEntropyLoss takes the softmax once more" in answer.out and "change: remove Softmax" in answer.out


def test_a_log_of_others_as_json() -> None:
    writer = EventWriter(Path("log"))
    for step in range(1, 20):
        writer.scalars(step, {"Loss/train": 1 / step, "Loss/val": 1.0 + 0.1 * step})
    writer.close()
    answer = ask("doctor", "log", "--json")
    found = json.loads(answer.out)
    assert answer.status == 0 and [item["rule"] for item in found["findings"]] == ["overfitting"]


def test_a_folder_without_records_is_refused() -> None:
    Path("empty").mkdir()
    answer = ask("doctor", "empty")
    assert answer.status == 2 and "neither run.json nor event files" in answer.err


def test_what_is_not_there_is_refused() -> None:
    answer = ask("doctor", "runs/nope")
    assert answer.status == 2 and "there is no run and no document at runs/nope; check the path" in answer.err


def test_a_document_that_is_none_is_refused() -> None:
    answer = ask("doctor", write("none.yaml", "loss: ["))
    assert answer.status == 2 and "error:" in answer.err


def test_a_document_that_cannot_be_trained_is_not_called_well() -> None:
    text = DOCUMENT.replace("loss: Cross", "    - {Softmax: {dim: 1}}\nloss: Cross").replace("Conv2d:", "Conv4d:")
    answer = ask("doctor", write("wrong.yaml", text))
    assert answer.status == 2 and "Conv4d" in answer.err and "nothing is wrong" not in answer.out


def test_data_that_are_not_there_are_told() -> None:
    text = DOCUMENT.replace("source:", "source: {ImageFolder: {root: nowhere}} #")
    answer = ask("doctor", write("nowhere.yaml", text))
    assert answer.status == 2 and "nowhere" in answer.err and "nothing is wrong" not in answer.out


READING = """torchwork: 1
data: {source: {Shapes: {size: 8, train: 240, valid: 80}}, prepare: [Grayscale], batch_size: 12}
model:
  nodes:
    rows: {squeeze: {dim: 1}}
    lstm: {LSTM: {hidden_size: 16}}
    last: {select: {dim: 1, index: -1}, from: "lstm[0]"}
    head: {Linear: {out_features: classes}}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 5, device: cpu}
"""
RIGHT = READING.replace("hidden_size: 16", "hidden_size: 16, batch_first: true")


def test_a_document_is_tried_when_asked() -> None:
    name = write("reading.yaml", READING)
    assert ask("doctor", name, "--json").status == 0
    answer = ask("doctor", name, "--try", "--json")
    [finding] = json.loads(answer.out)["findings"]
    assert answer.status == 1 and finding["rule"] == "samples mix in a batch"
    [edit] = finding["fixes"][0]["edits"]
    assert (edit["node"], edit["args"]) == ("lstm", {"batch_first": True})
    assert ask("doctor", write("right.yaml", RIGHT), "--try").status == 0


def test_a_run_is_tried_from_its_beginning() -> None:
    assert ask("train", write("right.yaml", RIGHT), "--set", "train.epochs=1", "--run", "run").status == 0
    found = json.loads(ask("doctor", "run", "--try", "--json").out)
    assert not any(reason.startswith("cannot learn a few samples") for reason in found["skipped"])
    assert "samples mix in a batch" not in {item["rule"] for item in found["findings"]}


def test_a_log_of_others_cannot_be_tried() -> None:
    writer = EventWriter(Path("log"))
    writer.scalars(1, {"Loss/train": 1.0})
    writer.close()
    answer = ask("doctor", "log", "--try")
    assert answer.status == 2 and "run.json" in answer.err


def test_a_log_without_any_known_curve_is_not_called_healthy() -> None:
    writer = EventWriter(Path("log"))
    writer.scalars(1, {"y=2x": 1.0})
    writer.close()
    answer = ask("doctor", "log")
    assert answer.status == 0 and "nothing can be said" in answer.out and "nothing is wrong" not in answer.out
