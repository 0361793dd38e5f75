"""Runs of one's own loop: the product of settings, what is recorded, and how a run ends."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import torch
from torch import nn

from torchwork.errors import RunFolderError
from torchwork.record import RunFolder, read_run
from torchwork.sweep import runs
from torchwork.sweep.grid import product


def batches(size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    x = torch.arange(40.0).reshape(20, 2)
    return list(zip(x.split(size), torch.zeros(20).split(size), strict=True))


def test_lists_are_multiplied_and_single_values_stay() -> None:
    assert product({"lr": [0.1, 0.01], "name": "adam", "size": (1, 2)}) == [
        {"lr": 0.1, "name": "adam", "size": 1},
        {"lr": 0.1, "name": "adam", "size": 2},
        {"lr": 0.01, "name": "adam", "size": 1},
        {"lr": 0.01, "name": "adam", "size": 2},
    ]
    assert product({}) == [{}]
    with pytest.raises(RunFolderError, match="lr has no values"):
        product({"lr": []})


def test_each_run_records_means_over_samples_and_counts_as_accuracy(tmp_path: Path) -> None:
    all_runs = runs(tmp_path, lr=[1.0])
    for run in all_runs:
        for epoch in run.epochs(2):
            for inputs, _ in run.batches(batches(8)):  # 8, 8 and 4 samples
                run.log(loss=torch.tensor(float(len(inputs)), requires_grad=True), correct=len(inputs) // 2)
            run.record(valid_loss=epoch)
    rows = list(csv.DictReader(io.StringIO(all_runs.to_csv(tmp_path / "all.csv"))))
    assert [float(row["train/loss"]) for row in rows] == [(8 * 8 + 8 * 8 + 4 * 4) / 20] * 2
    assert [float(row["train/accuracy"]) for row in rows] == [0.5, 0.5]
    assert [float(row["valid/loss"]) for row in rows] == [1, 2]
    assert (tmp_path / "all.csv").read_text().splitlines()[0].startswith("run,lr,epoch,duration")
    log = read_run(tmp_path / "run-1")
    assert log["step/loss"].values.tolist() == [8, 8, 4, 8, 8, 4]
    assert log["step/loss"].steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert log["epoch"].steps.tolist() == [3, 6]


def test_an_epoch_that_is_left_is_recorded_and_one_that_did_nothing_is_not(tmp_path: Path) -> None:
    all_runs = runs(tmp_path, early=[True, False])
    for run in all_runs:
        for epoch in run.epochs(5):
            if run.early and epoch == 3:
                break
            for inputs, _ in run.batches(batches(10)):
                run.log(loss=float(epoch), correct=len(inputs))
            if not run.early and epoch == 2:
                break
        if not run.early:
            run.record(valid_loss=7)
            for _ in run.epochs(1):
                run.record(valid_loss=8)
    rows = [(row["run"], row["epoch"], row.get("train/loss"), row.get("valid/loss")) for row in all_runs.rows]
    assert rows == [("run-1", 1, 1, None), ("run-1", 2, 2, None),
                    ("run-2", 1, 1, None), ("run-2", 2, 2, 7), ("run-2", 1, None, 8)]  # fmt: skip
    assert read_run(tmp_path / "run-2")["train/loss"].values.tolist() == [1, 2]
    assert RunFolder.open(tmp_path / "run-2").status == "done"


def test_a_watched_model_leaves_histograms(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    for run in runs(tmp_path):
        run.watch(model)
        for _ in run.epochs(1):
            for inputs, targets in run.batches(batches(10)):
                (model(inputs).squeeze(1) - targets).square().mean().backward()
    kinds = read_run(tmp_path / "run-1").kinds
    assert {tag for tag, kind in kinds.items() if kind == "histogram"} == {
        "weights/weight", "weights/bias", "gradients/weight", "gradients/bias"
    }  # fmt: skip


def test_settings_are_attributes_and_a_wrong_one_gets_the_nearest(tmp_path: Path) -> None:
    for run in runs(tmp_path, momentum=0.9):
        assert run.momentum == 0.9
        with pytest.raises(AttributeError, match="did you mean momentum"):
            _ = run.momentun


def test_a_setting_cannot_hide_what_the_tracker_has(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="a log of its own"):
        list(runs(tmp_path, log=[1]))


def test_how_a_loop_ends_stands_in_the_run(tmp_path: Path) -> None:
    for _run in runs(tmp_path, n=[1, 2]):
        break
    assert RunFolder.open(tmp_path / "run-1").status == "stopped"
    assert not (tmp_path / "run-2").exists()
    list(runs(tmp_path, n=[1]))
    assert RunFolder.open(tmp_path / "run-2").status == "done"
