"""A disk that runs full while recording and while checkpointing: the last good state survives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from torchwork.engine import Checkpoints
from torchwork.result import Run

from .answer import Answer, ask, files, settings
from .process import with_small_files

MANY = settings("train.epochs=60", "schedule=null")
WIDE = settings("model.layers[0].Conv2d.out_channels=64")


def starved(largest: int, *more: str) -> tuple[Answer, str]:
    """A training whose files may have so many bytes; its answer and its one sentence."""
    answer = with_small_files(largest, "train", "experiment.yaml", "--run", "run", *MANY, *more)
    assert answer.status == 2, answer
    (sentence,) = answer.errors
    return answer, sentence


def resumed() -> None:
    """With room again the run goes on and is whole."""
    answer = ask("resume", "run", "--epochs", "20")
    assert answer.status == 0, answer.err
    assert Run.open("run").status == "done"
    assert list(Run.open("run").metrics["step/loss"].steps) == list(range(1, 3 * 20 + 1))


def test_full_while_recording(here: Path) -> None:
    _, sentence = starved(40_000)
    assert sentence.startswith("cannot record to run/events.out.tfevents") and "make room" in sentence
    found = json.loads((here / "run/run.json").read_text("utf-8"))
    assert found["status"] == "failed" and found["error"] == sentence
    assert len(Run.open("run").metrics["step/loss"].values) > 3
    assert Checkpoints(Path("run/checkpoints")).newest() is not None
    resumed()


@pytest.mark.parametrize(("largest", "good"), [(20_000, "there is no good checkpoint yet"), (60_000, "step-0")])
def test_full_while_checkpointing(here: Path, largest: int, good: str) -> None:
    _, sentence = starved(largest, *WIDE)
    assert "could not be written to run/checkpoints (File too large" in sentence
    assert good in sentence and sentence.endswith("make room and resume")
    assert not [name for name in files(here) if "tmp" in name]
    assert json.loads((here / "run/run.json").read_text("utf-8"))["error"] == sentence
    resumed()


def test_no_room_for_a_run_folder_at_all(here: Path) -> None:
    before = files(here)
    _, sentence = starved(500)
    assert sentence.startswith("cannot write run/run.json: File too large")
    assert files(here) == before
