"""Ctrl-C, SIGTERM, SIGKILL, and a second process on the same run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from torchwork.result import Run

from .answer import ask, files, refused, settings
from .process import start, wait_for

LONG = settings("train.epochs=100000", "schedule=null")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_leaves_a_run_that_goes_on(here: Path, number: signal.Signals) -> None:
    log = here / "log"
    process = start(log, "train", "experiment.yaml", "--run", "run", *LONG)
    wait_for(log, "epoch 2/", process)
    process.send_signal(number)
    assert process.wait(240) == 130
    assert "next  torchwork resume run" in log.read_text("utf-8")
    assert Run.open("run").status == "stopped" and json.loads((here / "run/run.json").read_text())["error"] is None

    steps = len(Run.open("run").metrics["step/loss"].values)
    answer = ask("resume", "run", "--epochs", str(steps // 3 + 2))
    assert answer.status == 0 and Run.open("run").status == "done"
    recorded = Run.open("run").metrics["step/loss"].steps
    assert list(recorded) == list(range(1, 3 * (steps // 3 + 2) + 1))  # no step is missing and none stands twice


def test_a_run_in_use_is_left_alone(here: Path) -> None:
    log = here / "log"
    process = start(log, "train", "experiment.yaml", "--run", "run", *LONG)
    try:
        wait_for(log, "epoch 1/", process)
        assert f"run is in use by process {process.pid} on" in refused("resume", "run")
        assert "run exists already" in refused("train", "experiment.yaml", "--run", "run")
        assert Run.open("run").status == "running"
    finally:
        process.kill()
        process.wait()
    assert [row["status"] for row in ask("runs", ".", "--json").json] == ["interrupted"]
    epochs = Run.open("run").metrics["epoch"].values[-1] + 1
    assert ask("resume", "run", "--epochs", str(int(epochs))).status == 0
    assert Run.open("run").status == "done"


def test_before_anything_is_there_a_signal_leaves_nothing(here: Path) -> None:
    before = files(here)
    process = start(here / "log", "check", "experiment.yaml")
    process.send_signal(signal.SIGTERM)
    assert process.wait(240) != 0
    assert files(here) == before | {"log"}


EARLY = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs tests in the background has it ignored
class Finder:
    def find_spec(self, name, *places):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from torchwork.cli import process
sys.argv[1:] = ["runs", "none"]
sys.exit(process())
"""


@pytest.mark.parametrize("when", ["torchwork.cli.commands", "argparse", "torchwork.record.query"])
def test_ctrl_c_while_the_program_is_being_loaded_is_quiet(when: str) -> None:
    script = EARLY.replace("== sys.argv[1]", f"== {when!r}")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
