"""Targets that a person names: installed modules, and files that run only where the person allows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from torchwork.build import read_weights
from torchwork.capture import Request, import_target
from torchwork.catalog import vision
from torchwork.cli import main
from torchwork.errors import TorchworkError
from torchwork.experiment import ModelDocument
from torchwork.graph import TensorSpec, resolve

FILE = """
from pathlib import Path
import torch
from torch import nn

Path(__file__).with_name("ran").touch()
FACTOR = 2


def doubled(x):
    return x * FACTOR


class Odd(nn.Module):
    def __init__(self, width, act=torch.relu):
        super().__init__()
        self.weight, self.act, self.plain = nn.Parameter(torch.ones(width)), act, torch.arange(99.0) / 4851

    def forward(self, x):
        return doubled(x) * self.weight * self.plain.sum()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.odd = nn.Linear(4, 3), Odd(3)

    def forward(self, x):
        print("forward")
        return self.odd(self.fc(x))


class Asks(Net):
    def forward(self, x):
        return super().forward(x) if input("go on?") else x


class Sleeps(Net):
    def forward(self, x):
        import time

        time.sleep(1000)


class Raises(nn.Module):
    def __init__(self):
        raise ValueError("no luck")


def needs(width):
    return nn.Linear(width, width)


number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my_net.py"
    path.write_text(FILE)
    return path


def test_a_file_is_not_run_without_trust(file: Path) -> None:
    with pytest.raises(TorchworkError, match="--trust"):
        import_target(Request(f"{file}:Net", "2x4"))
    assert not file.with_name("ran").exists()


@pytest.mark.parametrize(
    ("line", "deed"),
    [
        ("args = parser.parse_args()", r"parses the command line \(line 1\)"),
        ("for x in data: loss.backward()", "trains"),
        ("data = MNIST('data', download=True)", "downloads"),
    ],
)
def test_what_it_would_do_is_told(tmp_path: Path, line: str, deed: str) -> None:
    path = tmp_path / "runs.py"
    path.write_text(f"{line}\nclass Net: pass\n")
    with pytest.raises(TorchworkError, match=deed):
        import_target(Request(f"{path}:Net"))


def test_with_trust_it_becomes_a_document_that_stands_by_itself(file: Path) -> None:
    imported = import_target(Request(f"{file}:Net", "2x4"), trust=True)
    assert imported.report.proof.holds, imported.report.proof
    assert [row.way for row in imported.report.classes] == ["native", "code"]
    [note] = [note for note in imported.report.notes if "printed" in note]
    assert note.startswith(f"what {file.name} printed")
    document = ModelDocument.loads(imported.document.dumps())
    file.unlink()
    module = resolve(document.model, [TensorSpec((2, 4))], trust=True).build()
    given = torch.rand(2, 4)
    assert torch.allclose(module(given), 2 * module.fc(given))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Raises", "line 47: ValueError: no luck"),
        ("needs", "needs width"),
        ("Nett", "did you mean Net"),
        ("number", "number is a int"),
        ("Asks", "cannot run"),
    ],
)
def test_files_that_cannot_be_imported_are_told_in_one_sentence(file: Path, name: str, sentence: str) -> None:
    with pytest.raises(TorchworkError, match=sentence) as caught:
        import_target(Request(f"{file}:{name}", "2x4"), trust=True)
    assert "\n" not in str(caught.value)


def test_a_forward_that_does_not_end_is_stopped(file: Path) -> None:
    with pytest.raises(TorchworkError, match=r"did not finish within 15 seconds and was stopped in line 4[0-9]"):
        import_target(Request(f"{file}:Sleeps", "2x4"), trust=True, seconds=15)


def test_a_file_that_is_no_python_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = 1\ndef f(:\n")
    with pytest.raises(TorchworkError, match=r"broken\.py line 2 is not Python"):
        import_target(Request(f"{path}:Net"), trust=True)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("resnet18", "expected MODULE:NAME"),
        ("torchvision.models:resnt18", "did you mean resnet18"),
        ("not_installed_here:Net", "No module named"),
        ("torch.nn:Module", "cannot run|say what"),
    ],
)
def test_targets_that_do_not_exist(target: str, sentence: str) -> None:
    with pytest.raises(TorchworkError, match=sentence):
        import_target(Request(target))


def test_the_command_writes_document_and_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(3)
    net = vision().models.squeezenet1_1()
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    output = tmp_path / "squeeze.yaml"
    words = ["--input", "1x3x64x64", "--weights", str(tmp_path / "weights.pt"), "-o", str(output), "--json"]
    assert main(["import", "torchvision.models:squeezenet1_1", *words]) == 0
    assert json.loads(capsys.readouterr().out)["holds"]
    document = ModelDocument.load(output)
    assert document.model.weights == str(tmp_path / "squeeze.safetensors")
    assert document.model.example == ["1x3x64x64"]
    weights = read_weights(tmp_path / "squeeze.safetensors")
    assert torch.equal(weights["features.0.weight"], net.state_dict()["features.0.weight"])


ENDS = """
import os, sys
from torch import nn


class Exits(nn.Linear):
    def __init__(self):
        super().__init__(4, 4)

    def forward(self, x):
        sys.exit(3)


class Kills(Exits):
    def forward(self, x):
        os._exit(3)


class Nothing(Exits):
    def forward(self, x):
        super(Exits, self).forward(x)
"""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Exits", r"in line 11: it ends the program \(let its forward only compute\)"),
        ("Kills", "exit status is 3"),
        ("Nothing", "the forward of Nothing gives no tensor"),
    ],
)
def test_a_forward_that_ends_the_program_or_gives_nothing_is_told(tmp_path: Path, name: str, sentence: str) -> None:
    path = tmp_path / "ends.py"
    path.write_text(ENDS)
    with pytest.raises(TorchworkError, match=sentence):
        import_target(Request(f"{path}:{name}", "2x4"), trust=True)


def test_a_module_beside_the_command_is_no_installed_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(file.parent)
    with pytest.raises(TorchworkError, match=r"my_net is a module of your own.*--trust"):
        import_target(Request("my_net:Net", "2x4"))
    assert not file.with_name("ran").exists()
