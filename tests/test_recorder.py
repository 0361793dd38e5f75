"""What a training leaves in its run folder, read by TensorBoard's own reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor, nn

import torchwork
from torchwork.build import build
from torchwork.engine import Listener, Trainer
from torchwork.record import RunFolder, read_run
from torchwork.recorder import Recorder

DOCUMENT = """
seed: 1
data: {source: {Shapes: {size: 16, train: 64, valid: 32}}, batch_size: 32}
model: {layers: [{Conv2d: {out_channels: 4, kernel_size: 3}}, Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {SGD: {lr: 0.01}}
parameters: [{match: "*.bias", set: {lr: 0.02}}]
train: {epochs: 3, memory_format: contiguous, record: {images: 2}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> torchwork.Run:
    return torchwork.train(torchwork.Experiment.loads(DOCUMENT), runs=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def events(run: torchwork.Run) -> EventAccumulator:
    return EventAccumulator(
        str(run.path), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
    ).Reload()


def test_every_step_and_every_epoch_has_its_scalars(events: EventAccumulator) -> None:
    assert [event.step for event in events.Scalars("step/loss")] == [1, 2, 3, 4, 5, 6]
    for tag in (
        "train/loss",
        "valid/loss",
        "train/accuracy",
        "valid/accuracy",
        "epoch",
        "time/epoch",
        "time/rate",
        "time/waiting",
    ):
        assert [event.step for event in events.Scalars(tag)] == [2, 4, 6]
    assert [event.value for event in events.Scalars("epoch")] == [1, 2, 3]
    assert events.Scalars("step/lr")[0].value == pytest.approx(0.01)
    assert events.Scalars("step/lr/1")[0].value == pytest.approx(0.02)


def test_the_files_and_the_result_show_the_same_numbers(run: torchwork.Run, events: EventAccumulator) -> None:
    for tag in ("train/loss", "valid/loss", "valid/accuracy"):
        assert events.Scalars(tag)[-1].value == pytest.approx(run.result[tag])
        assert run.metrics[tag].values[-1] == pytest.approx(run.result[tag])


def test_weights_and_gradients_have_a_histogram_each_epoch(events: EventAccumulator) -> None:
    for kind in ("weights", "gradients"):
        for name, count in (("0.weight", 108), ("0.bias", 4)):
            found = events.Histograms(f"{kind}/{name}")
            assert [event.step for event in found] == [2, 4, 6]
            assert found[0].histogram_value.num == count


def test_sample_pictures_settings_and_shared_charts_are_there(events: EventAccumulator) -> None:
    tags = events.Tags()
    assert [tag for tag in tags["images"] if tag.startswith("train/picture")] == ["train/picture-0", "train/picture-1"]
    assert events.Images("train/picture-0")[0].width == 16
    assert "_hparams_/session_start_info" in events.summary_metadata
    [layout] = events.Tensors("custom_scalars__config__")
    assert b"train/loss" in layout.tensor_proto.string_val[0]
    assert b"valid/loss" in layout.tensor_proto.string_val[0]


def test_the_run_says_what_it_is(run: torchwork.Run) -> None:
    info = json.loads((run.path / "run.json").read_text())
    assert info["status"] == "done"
    assert info["settings"]["optimizer.SGD.lr"] == 0.01
    assert info["data"]["spec"]["symbols"]["classes"] == 10 and info["data"]["steps_per_epoch"] == 2
    assert {"python", "packages"} <= info["environment"].keys()
    assert "epoch 3/3" in (run.path / "console.log").read_text()


def test_a_training_that_fails_says_so_in_its_run(tmp_path: Path) -> None:
    wild = torchwork.Experiment.loads(DOCUMENT, ["optimizer={SGD: {lr: 1e30}}", "parameters=[]"])
    with pytest.raises(torchwork.TorchworkError, match="step"):
        torchwork.train(wild, runs=tmp_path)
    info = RunFolder.open(tmp_path / "experiment-1").info
    assert info.status == "failed"
    assert "not finite" in str(info.error) or "finite" in str(info.error)


def test_what_a_checkpoint_counts_as_done_is_in_the_file_before_it(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    class Reader(Listener):
        def on_checkpoint(self, path: Path) -> None:
            step = int(path.name.removeprefix("step-"))
            log = read_run(path.parents[1])
            seen.append((step, len(log["step/loss"]) if "step/loss" in log else 0))

    built = build(torchwork.Experiment.loads(DOCUMENT, ["train.checkpoint.every=1 steps"]))
    folder = RunFolder.create(tmp_path, "run")
    recorder = Recorder(folder, built.model, built.settings)
    Trainer(
        built.model,
        built.task,
        built.updates,
        built.train,
        settings=built.settings,
        listeners=[recorder, Reader()],
        checkpoints=folder.checkpoints,
    ).fit()
    assert seen == [(step, step) for step in range(7)]


def test_the_inside_of_the_network_stands_in_the_same_file(events: EventAccumulator) -> None:
    tags = events.Tags()
    for kind in ("gradient_norm", "weight_norm", "update_ratio"):
        assert [event.step for event in events.Scalars(f"{kind}/0.weight")] == [1, 2, 3, 4, 5, 6]
    for tag in ("step/gradient_norm", "output_mean/0", "output_std/2"):
        assert len(events.Scalars(tag)) == 6
    for layer in ("0", "2"):
        assert [event.step for event in events.Histograms(f"outputs/{layer}")] == [2, 4, 6]
        assert [event.step for event in events.Scalars(f"layer_time/{layer}")] == [2]
        assert events.Scalars(f"layer_memory/{layer}")[0].value > 0
    assert {"maps/0", "kernels/0"} <= set(tags["images"])
    assert [event.step for event in events.Images("maps/0")] == [2, 4, 6]
    assert events.Images("maps/0")[0].width == 4 * 14 + 3
    assert events.Images("kernels/0")[0].width == 2 * 3 + 1


def test_a_network_that_cannot_be_looked_at_is_trained_all_the_same(tmp_path: Path) -> None:
    """Its probe batch, of eight samples, is what it does not take."""

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            if len(x) == 8:
                raise ValueError("not eight, please")
            return self.linear(x)  # type: ignore[no-any-return]

    x, y = torch.randn(20, 4), torch.arange(20) % 2
    with pytest.warns(UserWarning, match="outputs of the layers are not recorded: not eight, please"):
        run = torchwork.train(
            Whole(), train=(x, y), valid=(x, y), loss="CrossEntropyLoss", optimizer={"SGD": {"lr": 0.1}},
            epochs=2, batch_size=10, runs=tmp_path, memory_format="contiguous",
        )  # fmt: skip
    assert run.status == "done"
    assert "output_std/linear" in run.metrics and not any(tag.startswith("outputs/") for tag in run.metrics.kinds)
