"""`torchwork import` of a script that `torchwork export` printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from torchwork.cli import main
from torchwork.experiment import Experiment

TEXT = """
name: small
data: {source: {Shapes: {size: 16, train: 40, valid: 20}}, batch_size: 20}
model: {layers: [Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
train: {epochs: 1, memory_format: contiguous}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(TEXT)
    assert main(["export", "small.yaml", "--to", "script", "-o", "small.py"]) == 0
    return tmp_path


def test_there_and_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "small.py", "-o", "again.yaml"]) == 0
    assert Experiment.load("again.yaml") == Experiment.load("small.yaml")
    assert capsys.readouterr().out.endswith("wrote again.yaml\nnext: torchwork check again.yaml\n")


def test_an_edited_script_says_what_it_took(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = (folder / "small.py").read_text()
    (folder / "small.py").write_text(
        script.replace("EPOCHS = 1", "EPOCHS = 3").replace("loss.backward()", "(2 * loss).backward()")
    )
    capsys.readouterr()
    assert main(["import", "small.py", "-o", "again.yaml", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["taken"] == ["train.epochs: 1 -> 3"]
    assert len(said["lost"]) == 1 and said["lost"][0].endswith(": (2 * loss).backward()")
    assert Experiment.load("again.yaml").train.epochs == 3


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("small.py", "small.yaml exists already"),
        ("none.py", "cannot read none.py: No such file or directory"),
        ("own.py", "own.py was not printed by torchwork; name the class or factory in it: own.py:NAME"),
        ("broken.py", r"broken.py:\d+: this is no Python"),
        ("cut.py", "cut.py does not end with the comment that holds its document"),
    ],
)
def test_what_cannot_be_read_is_refused(
    folder: Path, target: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script = (folder / "small.py").read_text()
    (folder / "own.py").write_text("import torch\n")
    (folder / "broken.py").write_text(script.replace("EPOCHS = 1", "EPOCHS = = 1"))
    (folder / "cut.py").write_text("\n".join(line for line in script.splitlines() if not line.startswith("# ")))
    before = sorted(path.name for path in folder.iterdir())
    assert main(["import", target]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert re.search(told, error), error
    assert sorted(path.name for path in folder.iterdir()) == before
