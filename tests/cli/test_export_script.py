"""`torchwork export --to script`: from a run or a document to a file that trains the same without torchwork."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch

from torchwork.experiment import Experiment
from torchwork.result import Run

from .answer import ask, refused, settings

ALONE = """
import importlib.abc, runpy, sys


class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torchwork":
            raise ImportError("torchwork is not installed here")


sys.meta_path.insert(0, Wall())
namespace = runpy.run_path(sys.argv[1])
print("losses", namespace["main"]())
"""


def losses(script: Path, folder: Path) -> list[float]:
    """What a script's `main()` returns, in a process that cannot import torchwork, started in `folder`."""
    command = [sys.executable, "-c", ALONE, str(script.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=120)
    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[-1].removeprefix("losses ")
    return [float(item) for item in line.strip("[]").split(", ")]


def recorded(run: Path) -> list[float]:
    """The loss of every step, as the run has it."""
    return [float(value) for value in Run.open(run).metrics["step/loss"].values]


def test_the_script_of_a_run_repeats_it(run: Path, once: Path) -> None:
    answer = ask("export", run, "--to", "script")
    assert answer.status == 0, answer.err
    script = run / "first.py"
    assert answer.out.splitlines()[0] == f"wrote {script}"
    assert answer.out.splitlines()[1].startswith(f"next: cd {once} && python ")
    assert losses(script, once) == recorded(run)


def test_a_run_and_its_script_take_the_same_threads_anywhere(here: Path) -> None:
    torch.set_num_threads(3)
    assert ask("train", "experiment.yaml", "--run", "runs/three", *settings("train.epochs=1")).status == 0
    assert Experiment.load("runs/three/experiment.yaml").train.threads == 3
    assert ask("export", "runs/three", "--to", "script", "-o", "three.py").status == 0
    assert "torch.set_num_threads(3)" in Path("three.py").read_text("utf-8")


def test_the_script_of_a_table_repeats_it(table_run: Path, once: Path) -> None:
    assert ask("export", table_run, "--to", "script", "-o", "table.py").status == 0
    assert losses(Path("table.py"), once) == recorded(table_run)


def test_a_document_is_printed_with_its_changes(here: Path) -> None:
    answer = ask("export", "experiment.yaml", "--to", "script", *settings("train.epochs=1", "name=mine"))
    assert answer.status == 0 and answer.out == "wrote mine.py\nnext: python mine.py\n"
    assert "EPOCHS = 1\n" in Path("mine.py").read_text("utf-8")
    assert len(losses(Path("mine.py"), here)) == 3


def test_a_script_that_is_there_stays_unless_forced(here: Path) -> None:
    Path("first.py").write_text("mine")
    assert "first.py exists already" in refused("export", "experiment.yaml", "--to", "script")
    assert Path("first.py").read_text() == "mine"
    assert ask("export", "experiment.yaml", "--to", "script", "--force").status == 0
    assert "def main()" in Path("first.py").read_text("utf-8")


def test_what_cannot_be_exported(run: Path, here: Path) -> None:
    script = ("--to", "script")
    assert "missing" in refused("export", "missing", *script)
    assert "--set changes a document" in refused("export", run, *script, *settings("seed=2"))
    wrong = refused("export", "experiment.yaml", *script, *settings("loss=CrossEntropyLos"))
    assert "did you mean CrossEntropyLoss?" in wrong
    assert "it is a folder" in refused("export", "experiment.yaml", *script, "-o", "runs")
    assert "cannot write none/a.py" in refused("export", "experiment.yaml", *script, "-o", "none/a.py")
    assert not Path("first.py").exists()


def test_a_model_without_data_is_a_file_of_its_classes(here: Path) -> None:
    Path("net.yaml").write_text("name: small net\nmodel: {example: [2x6], layers: [{Linear: {out_features: 3}}]}\n")
    assert ask("export", "net.yaml", "--to", "script").status == 0
    namespace: dict[str, object] = {"__name__": "net"}
    exec(Path("small-net.py").read_text("utf-8"), namespace)
    assert "in_features=6, out_features=3" in str(namespace["make_model"]())  # type: ignore[operator]
    Path("bare.yaml").write_text("model: {layers: [{Linear: {out_features: 3}}]}\n")
    assert "there are none" in refused("export", "bare.yaml", "--to", "script")
