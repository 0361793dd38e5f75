"""The tour of torchwork's public API, in the order in which a person meets it. Read this first."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import torchwork
from torchwork.cli import main

DOCUMENT = """
name: tour
seed: 1
data:
  source: {Shapes: {size: 16, train: 96, valid: 32}}       # pictures drawn from a seed: nothing to download
  augment: [{RandomCrop: {size: 16, padding: 2}}]
  batch_size: 32
model:
  layers:
    - Conv2d: {out_channels: 8, kernel_size: 3}             # in_channels is inferred
    - ReLU
    - {AdaptiveAvgPool2d: {output_size: 4}, name: pool}
    - Flatten
    - Linear: {out_features: classes}                       # a symbol that the data defines
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
schedule: {CosineAnnealingLR: {T_max: epochs}, warmup: {linear: {length: 2 steps}}}
train: {epochs: 2}
"""


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def experiment() -> torchwork.Experiment:
    return torchwork.Experiment.loads(DOCUMENT)


def test_a_document_says_everything_and_nothing_twice(experiment: torchwork.Experiment) -> None:
    assert experiment.optimizer.args == {"lr": 0.01}
    assert experiment.with_settings("train.epochs=5").train.epochs == 5
    assert torchwork.Experiment.loads(experiment.dumps()) == experiment
    assert torchwork.Experiment(**experiment.as_dict()) == experiment


def test_a_wrong_document_is_told_in_one_sentence_for_each_place() -> None:
    with pytest.raises(torchwork.TorchworkError) as caught:
        torchwork.Experiment.loads(DOCUMENT + "  ", settings=["train.epoch=3", "data.batch_size=none"])
    assert "train.epoch: unknown key `epoch` (did you mean epochs?)" in str(caught.value)
    assert "data.batch_size" in str(caught.value)


def test_training_gives_a_run_that_can_be_opened_again(experiment: torchwork.Experiment) -> None:
    run = torchwork.train(experiment)
    assert run.status == "done"
    assert len(run.metrics["valid/accuracy"].values) == 2
    assert len(run.metrics["step/loss"].values) == 6

    again = torchwork.Run.open(run.path)
    assert again.experiment.train.epochs == 2
    assert torch.equal(again.model().state_dict()["0.weight"], run.model().state_dict()["0.weight"])


def test_a_run_predicts_for_pictures_it_has_never_seen(experiment: torchwork.Experiment) -> None:
    run = torchwork.train(experiment)
    [prediction] = torchwork.Run.open(run.path).predict([np.zeros((16, 16, 3), np.uint8)])
    assert sum(prediction.scores.values()) == pytest.approx(1)
    assert list(prediction.scores.values()) == sorted(prediction.scores.values(), reverse=True)


def test_a_run_leaves_as_safetensors_or_as_a_whole_program(experiment: torchwork.Experiment) -> None:
    from safetensors.torch import load_file

    run = torchwork.train(experiment)
    weights = load_file(run.export("safetensors"))
    assert torch.equal(weights["0.weight"], run.model().state_dict()["0.weight"])
    program = torch.export.load(run.export("pt2")).module()
    pictures = torch.rand(5, 3, 16, 16)
    assert torch.allclose(program(pictures), run.model()(pictures), atol=1e-6)


def test_a_longer_run_is_the_same_as_one_that_was_resumed(experiment: torchwork.Experiment) -> None:
    constant = experiment.with_settings("schedule={ConstantLR: {}}", "train.memory_format=contiguous")
    whole = torchwork.train(constant.with_settings("train.epochs=3"))
    parts = torchwork.train(constant.with_settings("train.epochs=1"))
    torchwork.resume(parts.path, epochs=3)
    for name, weight in whole.weights("last").items():
        assert torch.equal(weight, parts.weights("last")[name])


def test_your_own_module_and_data_train_just_so() -> None:
    torch.manual_seed(0)
    x = torch.randn(200, 4)
    y = (x.sum(1) > 0).long()
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    run = torchwork.train(
        model,
        train=(x[:160], y[:160]),
        valid=(x[160:], y[160:]),
        optimizer={"Adam": {"lr": 0.01}},
        epochs=5,
        batch_size=20,
    )
    assert run.result["valid/accuracy"] > 0.8
    assert run.model() is model


def test_your_own_loop_is_recorded_by_a_tracker() -> None:
    x = torch.randn(64, 4)
    y = (x.sum(1) > 0).long()
    runs = torchwork.runs(lr=[0.1, 0.01], batch_size=[16])
    for run in runs:
        model = nn.Linear(4, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=run.lr)
        run.watch(model)
        for _ in run.epochs(2):
            for inputs, targets in run.batches(zip(x.split(run.batch_size), y.split(run.batch_size), strict=True)):
                outputs = model(inputs)
                loss = nn.functional.cross_entropy(outputs, targets)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                run.log(loss=loss, correct=(outputs.argmax(1) == targets).sum())
    rows = json.loads(runs.to_json())
    assert [(row["lr"], row["epoch"]) for row in rows] == [(0.1, 1), (0.1, 2), (0.01, 1), (0.01, 2)]
    assert all(0 <= row["train/accuracy"] <= 1 for row in rows)
    assert len(torchwork.Run.open("runs/run-1").metrics["step/loss"].values) == 8


def test_any_network_is_looked_into_and_left_as_it_was() -> None:
    conv, out = nn.Conv2d(1, 2, 3, bias=False), nn.Linear(8, 3)
    model = nn.Sequential(conv, nn.ReLU(inplace=True), nn.Flatten(), out)
    x = torch.randn(1, 1, 4, 4)
    outputs = torchwork.probe(model, x)
    assert torch.equal(outputs["0"], nn.functional.conv2d(x, conv.weight)), "in place or not"
    with torchwork.probe(model) as hooks:
        hooks.forward(nn.Conv2d, lambda name, output: output * 0)
        silenced = model(x)
    assert torch.equal(silenced[0], out.bias)
    assert not torch.equal(model(x), silenced), "outside of `with` nothing is left of it"


def test_a_run_shows_where_it_looked_and_what_it_takes_for_what(experiment: torchwork.Experiment) -> None:
    run = torchwork.train(experiment)
    explanation = run.explain(np.zeros((16, 16, 3), np.uint8), method="layer-cam").explanation
    assert explanation.map.shape == (16, 16) and 0 <= explanation.map.min() <= explanation.map.max() <= 1
    predictions = run.predictions("valid")
    assert predictions.confusion.sum() == 32
    assert predictions.accuracy in [pytest.approx(value) for value in run.metrics["valid/accuracy"].values]
    assert run.doctor().checked > 10


def test_the_command_line_has_the_same_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "first"]) == 0
    small = ["--set", "train.epochs=1", "--set", "data.limit=64"]
    assert main(["check", "first.yaml", *small]) == 0
    assert main(["train", "first.yaml", *small]) == 0
    assert main(["train", "first.yaml", *small, "--set", "seed=2"]) == 0
    capsys.readouterr()
    assert main(["compare", "runs/shapes-1", "runs/shapes-2", "--json"]) == 0
    assert [row["seed"] for row in json.loads(capsys.readouterr().out)] == [1, 2]
    assert main(["export", "runs/shapes-1", "--to", "safetensors"]) == 0
    assert main(["resume", "runs/none"]) == 2
    assert "not a run folder" in capsys.readouterr().err
