"""How busy the machine is: measured beside the loop, recorded in its own tags, no metric of the run."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

import torchwork
from torchwork.record import read_run, summarize
from torchwork.record.system import SystemMonitor, nvidia

PATIENCE = 20.0
DOCUMENT = """
seed: 1
data: {source: {Shapes: {size: 16, train: 64, valid: 32}}, batch_size: 8}
model: {layers: [Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {SGD: {lr: 0.01}}
train: {epochs: 4, memory_format: contiguous, record: {images: 0}}
"""


def test_what_is_measured_is_possible() -> None:
    monitor, end = SystemMonitor(0.01, 0.01), time.monotonic() + PATIENCE
    found: list[tuple[float, dict[str, float]]] = []
    while len(found) < 3 and time.monotonic() < end:
        found += monitor.taken()
    monitor.close()
    assert len(found) >= 3
    assert [moment for moment, _ in found] == sorted(moment for moment, _ in found)
    for _, values in found:
        assert 0 <= values["system/cpu"] <= 100
        assert 0 < values["system/memory"] < 100
        assert 10 < values["system/process_memory"] < 1e6


def test_without_a_graphics_processor_there_is_no_tag_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with nvidia() as gpus:
        assert gpus() == {}


def test_a_run_has_them_at_the_steps_of_its_training_and_not_as_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torchwork.recorder.SystemMonitor", partial(SystemMonitor, 0.001, 0.001))
    run = torchwork.train(torchwork.Experiment.loads(DOCUMENT), runs=tmp_path)
    log = read_run(run.path)
    steps = log.scalars("system/cpu", "both").steps
    assert len(steps) and steps.min() >= 1 and steps.max() <= 32
    assert not [name for name in summarize(run.path).metrics() if "system/" in name]
    assert not [name for name in run.result if "system/" in name]


def test_measuring_changes_no_number_of_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = []
    for pause in (0.001, 1000.0):
        monkeypatch.setattr("torchwork.recorder.SystemMonitor", partial(SystemMonitor, pause, pause))
        run = torchwork.train(torchwork.Experiment.loads(DOCUMENT), runs=tmp_path)
        losses.append(run.metrics["step/loss"].values.tolist())
    assert losses[0] == losses[1]
