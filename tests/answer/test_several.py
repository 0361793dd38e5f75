"""Samples of several inputs on the page: seen in the data, on the nodes, and tried on a trained network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import torchwork
from tests.documents import PAIR, write_pair
from torchwork.answer import activations, looking, trying
from torchwork.answer.explaining import explain

TEXT = """torchwork: 1
name: two
data: {source: {Arrays: {path: two.npz}}, batch_size: 8}
model:
  inputs: [image, table]
  nodes:
    conv: {Conv2d: {out_channels: 4, kernel_size: 3}, from: image}
    flat: Flatten
    both: {cat: {dim: 1}, from: [flat, table]}
    out: {Linear: {out_features: classes}}
loss: CrossEntropyLoss
optimizer: Adam
train: {epochs: 1, device: cpu, memory_format: contiguous}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (24, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "two.npz", x1=pictures, x2=random.normal(size=(24, 4)), y=np.arange(24) % 2)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_sample_is_seen_by_its_picture() -> None:
    assert looking.data(TEXT, "two.yaml")["inputs"] == ["1×8×8", "4"]
    [first, _] = looking.samples(TEXT, "two.yaml", "train", None, 0, 2)["samples"]
    assert first["picture"].startswith("data:image/png")


@pytest.mark.usefixtures("folder")
def test_every_node_shows_what_it_makes_of_a_sample() -> None:
    found = activations.node_pictures(TEXT, "two.yaml", "", "", 0)
    assert list(found["pictures"]) == ["conv", "flat", "both", "out"] and found["input"]


def test_a_trained_network_is_tried_on_a_sample(folder: Path) -> None:
    run = torchwork.train(torchwork.Experiment.loads(TEXT))
    found = trying.predict_sample(str(run.path), 0)
    assert {score["label"] for score in found["scores"]} == {"0", "1"} and found["truth"] in ("0", "1")
    assert trying.samples(str(run.path), 1, 0)[0]["picture"]


def test_each_picture_that_a_network_takes_can_be_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_pair(tmp_path)
    run = str(torchwork.train(torchwork.Experiment.loads(PAIR)).path)
    first, other = explain(run, 0), explain(run, 0, input="right")
    assert first["inputs"] == other["inputs"] == ["left", "right"]
    assert (first["input"], first["layer"], first["size"]) == ("left", "one", (8, 8))
    assert (other["input"], other["layer"], other["size"]) == ("right", "other", (10, 10))
    assert explain(run, 0, method="cam", input="right")["input"] == "right", "also where there is no map"


def test_of_one_picture_there_is_no_choice(folder: Path) -> None:
    run = torchwork.train(torchwork.Experiment.loads(TEXT))
    found = explain(str(run.path), 0)
    assert found["picture"] and "inputs" not in found
