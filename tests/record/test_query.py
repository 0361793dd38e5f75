"""Tables over runs: ours and others', what differs, and files that any program reads."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest

from torchwork.errors import RunFolderError
from torchwork.record import EventWriter, RunFolder, compare, runs, summarize, table


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    """Two runs of three epochs with different learning rates, and one that has not begun."""
    for lr, losses in ((0.1, [3.0, 1.0, 2.0]), (0.01, [3.0, 2.5, math.nan])):
        settings = {"name": "lenet", "optimizer": {"Adam": {"lr": lr}}, "seed": 1}
        run = RunFolder.create(tmp_path, "lenet", settings=settings)
        with EventWriter(run.path, 1) as writer:
            for epoch, loss in enumerate(losses, 1):
                writer.scalars(10 * epoch, {"step/loss": loss + 1})
                metrics = {"valid/loss": loss, "valid/accuracy": 1 / loss}
                writer.scalars(10 * epoch, {**metrics, "epoch": epoch, "time/epoch": 9})
        run.update(status="done")
    RunFolder.create(tmp_path, "later")
    return tmp_path


def test_runs_are_summed_up(parent: Path) -> None:
    first, second, later = runs(parent)
    assert (first.name, first.status, first.epochs, first.step) == ("lenet-1", "done", 3, 30)
    assert first.last == {"valid/loss": 2.0, "valid/accuracy": 0.5}
    assert first.best == {"valid/loss": 1.0, "valid/accuracy": 1.0}
    assert first.settings["optimizer.Adam.lr"] == 0.1
    assert math.isnan(second.last["valid/loss"]) and second.best["valid/loss"] == 2.5
    assert (later.status, later.epochs, later.step, later.last) == ("new", None, None, {})


def test_a_table_shows_settings_that_differ(parent: Path) -> None:
    found = table(run for run in runs(parent) if run.status == "done")
    assert "optimizer.Adam.lr" in found.columns and "seed" not in found.columns
    assert [row["name"] for row in found.rows] == ["lenet-1", "lenet-2"]
    assert len(table(runs(parent)).rows) == 3


def test_compare_puts_differing_settings_before_metrics(parent: Path) -> None:
    found = compare([parent / "lenet-1", parent / "lenet-2"])
    assert found.columns == (
        "name",
        "status",
        "epochs",
        "optimizer.Adam.lr",
        "valid/accuracy",
        "valid/loss",
        "best valid/accuracy",
        "best valid/loss",
    )
    assert [row["optimizer.Adam.lr"] for row in found.rows] == [0.1, 0.01]


def test_json_has_null_for_nan_and_for_what_is_absent(parent: Path) -> None:
    rows = {row["name"]: row for row in json.loads(table(runs(parent)).to_json())}
    assert rows["lenet-2"]["valid/loss"] is None and rows["lenet-1"]["valid/loss"] == 2.0
    assert rows["later-1"]["valid/loss"] is None


def test_csv_reads_back(parent: Path) -> None:
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(table(runs(parent)).to_csv()))}
    assert rows["lenet-1"]["best valid/loss"] == "1.0" and rows["later-1"]["valid/loss"] == ""


def test_event_files_of_others_are_runs(shared: Path) -> None:
    found = {run.name: run for run in runs(shared / "data/tfevents/ZeroToMax-ZYZ__study_tensorboard/runs")}
    run = found["hparams_search_exp_1/1771595857.3236299"]
    assert (run.status, run.settings["lr"]) == ("unknown", 0.1)
    assert run.last["hparam/Final_Val_Accuracy"] == 84.03559875488281
    assert found["my_first_experiment"].step == 99 and found["my_first_experiment"].started.startswith("2026-02-20T")


def test_damaged_files_are_listed_with_notes(shared: Path) -> None:
    found = {run.name: run for run in runs(shared / "data/tfevents/damaged")}
    assert len(found) == 9 and "is not an event file" in found["html_404"].notes[0]


def test_a_damaged_run_is_listed_with_the_reason(parent: Path) -> None:
    (parent / "lenet-1" / "run.json").write_text("{")
    run = next(run for run in runs(parent) if run.path.name == "lenet-1")
    assert run.status == "damaged" and "cannot be read" in run.notes[0] and run.last["valid/loss"] == 2.0


def test_times_and_epochs_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "run") as writer:
        writer.scalars(1, {"epoch": math.nan, "loss": math.inf}, wall_time=math.nan)
    run = runs(tmp_path)[0]
    assert (run.started, run.epochs, run.step, run.best) == ("", None, 1, {})


def test_metrics_that_a_later_start_replaced_are_left_out(tmp_path: Path) -> None:
    for metric in ("valid/loss", "step/loss"):
        with EventWriter(tmp_path) as writer:
            writer.scalars(1, {metric: 1.0, "epoch": 1.0} if metric == "valid/loss" else {metric: 1.0})
    found = summarize(tmp_path)
    assert (found.step, found.epochs, found.last) == (1, None, {})


def test_an_empty_directory_has_no_runs(tmp_path: Path) -> None:
    assert runs(tmp_path) == [] and table([]).to_csv() == "\n" and table([]).to_json() == "[]"


def test_missing_folders_are_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="there is no folder"):
        runs(tmp_path / "missing")
    with pytest.raises(RunFolderError, match="cannot read events"):
        summarize(tmp_path / "missing")
    with pytest.raises(RunFolderError, match=r"neither run\.json nor event files"):
        compare([tmp_path])
