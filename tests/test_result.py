"""A run opened again, without its data."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

import torchwork
from torchwork.errors import CheckpointError, DataError, RunFolderError

PICTURES = """
seed: 1
data: {source: {Shapes: {size: 16, train: 64, valid: 32}}, batch_size: 32}
model: {layers: [{Conv2d: {out_channels: 4, kernel_size: 3}}, BatchNorm2d, Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
train: {epochs: 2, memory_format: contiguous}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> torchwork.Run:
    return torchwork.train(torchwork.Experiment.loads(PICTURES), runs=tmp_path_factory.mktemp("runs"))


def test_the_model_comes_back_in_eval_mode_with_the_best_weights(run: torchwork.Run) -> None:
    model = torchwork.Run.open(run.path).model()
    assert not model.training
    pictures = torch.rand(3, 3, 16, 16)
    assert torch.equal(model(pictures), run.model()(pictures))
    assert torch.equal(model.state_dict()["1.running_mean"], run.weights("best")["1.running_mean"])


def test_a_moved_run_folder_still_predicts(run: torchwork.Run, tmp_path: Path) -> None:
    shutil.copytree(run.path, tmp_path / "elsewhere")
    Image.fromarray(np.full((40, 30, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    [prediction] = torchwork.Run.open(tmp_path / "elsewhere").predict([tmp_path / "grey.png"])
    assert set(prediction.scores) == set(run.spec.classes or ())
    assert prediction.words(1).endswith("%")
    assert prediction.as_dict()["input"].endswith("grey.png")


def test_numbers_are_predicted_as_numbers(tmp_path: Path) -> None:
    x = np.linspace(0, 1, 60, dtype=np.float32).reshape(20, 3)
    np.savez(tmp_path / "numbers.npz", x=x, y=x.sum(1))
    document = {
        "data": {"source": {"Arrays": {"path": str(tmp_path / "numbers.npz")}}, "batch_size": 5},
        "model": {"layers": [{"Linear": {"out_features": 1}}]},
        "loss": "MSELoss",
        "optimizer": {"Adam": {"lr": 0.1}},
        "train": {"epochs": 60},
    }
    run = torchwork.train(torchwork.Experiment.parse(document), runs=tmp_path)
    [prediction] = torchwork.Run.open(run.path).predict([x[3]])
    assert prediction.values[0] == pytest.approx(float(x[3].sum()), abs=0.3)
    assert run.result["valid/mae"] < 0.5


def test_what_is_no_run_or_has_no_weights_is_said(run: torchwork.Run, tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="not a run folder"):
        torchwork.Run.open(tmp_path)
    shutil.copytree(run.path, tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare/checkpoints")
    with pytest.raises(CheckpointError, match="no checkpoint"):
        torchwork.Run.open(tmp_path / "bare").model()


def test_the_data_of_a_run_of_python_are_known_to_nobody(tmp_path: Path) -> None:
    x, y = torch.randn(8, 4), torch.arange(8) % 2
    run = torchwork.train(nn.Linear(4, 2), train=(x, y), epochs=1, runs=tmp_path)
    again = torchwork.Run.open(run.path, model=nn.Linear(4, 2))
    with pytest.raises(RunFolderError, match="trained from Python, so its data are not known here"):
        again.predictions("train")


def test_an_input_that_is_no_picture_is_named(run: torchwork.Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    for path in (tmp_path / "note.txt", tmp_path / "missing.png"):
        with pytest.raises(DataError, match=path.name):
            run.predict([path])


def test_a_run_in_channels_last_leaves_as_a_program_without_a_warning(tmp_path: Path) -> None:
    experiment = torchwork.Experiment.loads(PICTURES, ["train.memory_format=channels_last", "train.epochs=1"])
    run = torchwork.train(experiment, runs=tmp_path)
    program = torch.export.load(run.export("pt2")).module()
    pictures = torch.rand(5, 3, 16, 16)
    assert torch.allclose(program(pictures), run.model()(pictures), atol=1e-6)


def test_an_export_to_nowhere_is_refused(run: torchwork.Run, tmp_path: Path) -> None:
    for to in ("safetensors", "pt2"):
        with pytest.raises(RunFolderError, match="cannot write"):
            run.export(to, tmp_path / "none" / "model")


def features(loss: str, *layers: str) -> str:
    """Shapes with a small network that ends in these layers."""
    body = ", ".join(["{Conv2d: {out_channels: 4, kernel_size: 5, stride: 3}}", "ReLU", "Flatten", *layers])
    return f"""
seed: 1
data: {{source: {{Shapes: {{size: 16, train: 64, valid: 32}}}}, batch_size: 32}}
model: {{layers: [{body}]}}
loss: {loss}
train: {{epochs: 3, ema: 0.9, memory_format: contiguous}}
"""


def test_a_loss_with_weights_is_trained_saved_and_predicts(tmp_path: Path) -> None:
    if not hasattr(torch.nn, "LinearCrossEntropyLoss"):
        pytest.skip("this torch has no LinearCrossEntropyLoss")
    loss = "{LinearCrossEntropyLoss: {in_features: 12, num_classes: classes}}"
    text = features(loss, "{Linear: {out_features: 12}}", "Tanh")
    run = torchwork.train(torchwork.Experiment.loads(text), runs=tmp_path)
    begun = run.weights("last")["loss.linear.weight"]
    again = torchwork.resume(run.path, epochs=4)
    assert not torch.equal(again.weights("last")["loss.linear.weight"], begun)
    opened = torchwork.Run.open(run.path)
    [prediction] = opened.predict([np.full((16, 16, 3), 128, np.uint8)])
    assert sum(prediction.scores.values()) == pytest.approx(1)
    features_of, head = opened.model(), opened.weights("best")["loss.linear.weight"]
    assert features_of(torch.rand(2, 3, 16, 16)).shape == (2, 12) and head.shape[1] == 12
    assert "loss.linear.weight" in load_file(opened.export("safetensors"))


def test_ctc_reads_sequences(tmp_path: Path) -> None:
    steps = ("{Unflatten: {dim: 1, unflattened_size: [4, -1]}}", "{Linear: {out_features: classes + 1}}")
    ending = ("{LogSoftmax: {dim: -1}}", "{permute: {dims: [1, 0, 2]}}")
    text = features("{CTCLoss: {blank: classes, zero_infinity: true}}", *steps, *ending)
    run = torchwork.train(torchwork.Experiment.loads(text), runs=tmp_path)
    assert 0 <= run.result["valid/accuracy"] <= 1
    [prediction] = torchwork.Run.open(run.path).predict([np.full((16, 16, 3), 128, np.uint8)])
    assert not prediction.scores and all(value < len(run.spec.classes or ()) for value in prediction.values)
