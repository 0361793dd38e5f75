"""Kills: what is compared is found different when it is, and what a kill hit is told from what it left behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import kill
from torchwork.record import EventWriter


def write_checkpoint(path: Path, content: bytes = b"tensors") -> None:
    path.mkdir(parents=True)
    for name in kill.FILES:
        (path / name).write_bytes(content)
    sizes = {name: {"size": len(content)} for name in kill.FILES}
    (path / "manifest.json").write_text(json.dumps({"files": sizes}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished run: two checkpoints, the document, one curve."""
    run = tmp_path / "run"
    for step in (8, 12):
        write_checkpoint(run / "checkpoints" / f"step-{step}")
    (run / "checkpoints" / "best.json").write_text("{}")
    (run / "experiment.yaml").write_text("torchwork: 1")
    with EventWriter(run) as writer:
        writer.scalar_rows(1, ["step/loss"], [[0.5], [0.25]], [1.0, 2.0])
    return run


def test_the_same_bytes_are_equal_and_one_other_byte_is_not(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    assert kill.differing(other, folder) == []
    (other / "checkpoints" / "step-12" / "state.json").write_bytes(b"tensorz")
    assert kill.differing(other, folder) == ["state.json"]


def test_another_last_step_is_different(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    write_checkpoint(other / "checkpoints" / "step-100")
    assert kill.differing(other, folder) == ["step-100"]


def test_missing_points_of_curves_are_counted(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with EventWriter(other) as writer:
        writer.scalar_rows(1, ["step/loss"], [[0.75]], [1.0])
    assert kill.other_curves(other, folder) == ("step/loss: 1 missing, 1 others",)
    assert kill.other_curves(folder, folder) == ()


def test_what_a_kill_hit(folder: Path) -> None:
    checkpoints = folder / "checkpoints"
    assert kill.state(folder) == "in the step between two checkpoints"
    write_checkpoint(checkpoints / "step-16.tmp")
    assert kill.state(folder) == "a checkpoint whole, without its name"
    (checkpoints / "step-16.tmp" / "manifest.json").unlink()
    assert kill.state(folder) == "a checkpoint half written"
    shutil.rmtree(checkpoints / "step-16.tmp")
    (checkpoints / "step-8" / "state.json").unlink()
    assert kill.state(folder) == "an old checkpoint half removed"


@pytest.mark.slow
def test_a_few_trainings_survive_their_kills(tmp_path: Path) -> None:
    settings = kill.Settings(settings=("train.epochs=2",))
    reference = kill.uninterrupted(settings, tmp_path)
    for number in (1, 2):  # one while a checkpoint is written, one twice
        trial = kill.one_trial(settings, reference, number)
        assert trial.equal and not trial.curves, trial
