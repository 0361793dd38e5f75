"""No model is refused: what no node says keeps its source, and what no source says is called as a person called it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.build import read_weights
from torchwork.capture import Request
from torchwork.capture.importing import import_here
from torchwork.capture.proof import difference
from torchwork.cli import main
from torchwork.errors import TorchworkError
from torchwork.experiment import ModelDocument
from torchwork.graph import resolve
from torchwork.graph.value import spec_of

FILE = """
import enum
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn


class Kind(enum.Enum):
    RELU = "relu"
    TANH = "tanh"


class Sizes(NamedTuple):
    inner: int
    outer: int = 4


@dataclass
class Config:
    kind: Kind
    sizes: Sizes
    act: type = nn.ReLU


UNIT = torch.ones(1)


def odd(x):
    return x * UNIT / torch.tensor(x.detach().abs().numpy().max())  # no node can say this


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.up, self.act = nn.Linear(4, config.sizes.inner), nn.Tanh() if config.kind == Kind.TANH else config.act()
        self.down = nn.Linear(config.sizes.inner, config.sizes.outer)

    def forward(self, x):
        return self.down(self.act(odd(self.up(x))))


class Recorded(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(Config(Kind.TANH, Sizes(5)))

    def forward(self, x):
        return self.block(x)


class Shortcut(nn.Module):
    def __init__(self, shortcut, more):
        super().__init__()
        self.shortcut, self.more = shortcut, more

    def forward(self, x):
        return odd(self.shortcut(x)) + self.more[0](x)


class GivenModules(nn.Module):
    def __init__(self):
        super().__init__()
        first = nn.Sequential(OrderedDict(fc=nn.Linear(4, 4, bias=False), norm=nn.LayerNorm(4)))
        self.inner = Shortcut(first, nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.ReLU())]))

    def forward(self, x):
        return self.inner(x)


class Reshaped(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)

    def forward(self, x, size, scale=1.0):
        return self.fc(x).reshape(-1, *size) * scale


class WithSizes(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Reshaped()

    def forward(self, x):
        return self.inner(x, (2, 3), scale=0.5)


class OddReshaped(Reshaped):
    def forward(self, size, parts, scale=1.0):
        return {"out": super().forward(odd(parts[0]), size, scale), "sum": parts[0] + parts[1]}


class OddWithSizes(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = OddReshaped()

    def forward(self, x):
        found = self.inner((2, 3), [x, x + 1])
        return found["out"].flatten(1) + found["sum"]


class TwiceOtherNumbers(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Reshaped()

    def forward(self, x):
        return self.inner(x, (2, 3)).flatten(1) + self.inner(x, (3, 2)).flatten(1) + self.inner(x, (6,), 2.0)


def made(width):
    def make():
        return nn.Linear(4, width)
    return make


class Closed(nn.Module):
    def __init__(self, make):
        super().__init__()
        self.fc = make()

    def forward(self, x):
        return {"out": odd(self.fc(x))}


def closed():
    return Closed(made(3))


instance = closed()


class Position(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.rand(100, 4))

    def forward(self, x):
        return x + self.table[:2]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "never_refused.py"
    path.write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return path


def proved(file: Path, name: str, shape: str = "2x4") -> dict[str, Any]:
    """What import gives for a class of the file; its proof holds, its weights load under the names of the report."""
    answer = import_here(Request(f"{file}:{name}", shape))
    proof = answer["report"]["proof"]
    assert not proof["problem"]
    assert proof["outputs"] <= 1e-6
    assert proof["step"] <= 1e-6
    resolve(ModelDocument.parse(answer["document"]).model, [spec_of(shape)], trust=True).build()
    return answer


def rows(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in answer["report"]["classes"]}


def code(answer: dict[str, Any], name: str) -> str:
    return str(answer["document"]["model"]["modules"][name]["code"])


def test_records_and_enums_are_written(file: Path) -> None:
    answer = proved(file, "Recorded")
    assert {name: row["way"] for name, row in rows(answer).items()} == {"Recorded": "native", "Block": "code"}
    assert "config=Config(kind=Kind.TANH, sizes=Sizes(inner=5, outer=4), act=nn.ReLU)" in code(answer, "Block")


def test_modules_given_to_a_constructor_are_written(file: Path) -> None:
    answer = proved(file, "GivenModules")
    assert rows(answer)["GivenModules"]["way"] == "native"
    text = code(answer, "Shortcut")
    assert "nn.Sequential(OrderedDict({'fc': nn.Linear(in_features=4, out_features=4, bias=False)" in text
    assert "more=nn.ModuleList([nn.Sequential(nn.Linear(in_features=4, out_features=4), nn.ReLU())])" in text


def test_numbers_beside_tensors_are_frozen_and_told(file: Path) -> None:
    answer = proved(file, "WithSizes", "2x6")
    found = rows(answer)["Reshaped"]
    assert found["way"] == "recorded"
    assert list(found["frozen"]) == ["size = (2, 3)", "scale = 0.5"]


def test_code_that_takes_numbers_and_gives_a_mapping_becomes_a_node_of_tensors(file: Path) -> None:
    answer = proved(file, "OddWithSizes", "2x6")
    assert rows(answer)["OddWithSizes"]["way"] == "native"
    assert list(rows(answer)["OddReshaped"]["frozen"]) == ["size = (2, 3)"]
    text = code(answer, "OddReshaped")
    assert "def forward(self, parts0, parts1):" in text
    assert "super().forward((2, 3), [parts0, parts1])" in text


def test_one_child_with_other_numbers_each_time_stays_code(file: Path) -> None:
    [found] = rows(proved(file, "TwiceOtherNumbers", "2x6")).values()
    assert found["reason"] == "it calls inner again with other numbers"


@pytest.mark.parametrize(("name", "made"), [("closed", "closed()"), ("instance", "copy.deepcopy(instance)")])
def test_what_no_source_says_is_called(file: Path, name: str, made: str) -> None:
    answer = proved(file, name)
    assert f"self.net = {made}" in code(answer, "Closed")
    assert any("never_refused.py" in note for note in answer["report"]["notes"])


def test_a_module_that_no_source_says_is_imported(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(file.parent)
    answer = proved(Path("never_refused"), "closed")
    assert "from never_refused import closed" in code(answer, "Closed")
    assert any("it needs the file of never_refused" in note for note in answer["report"]["notes"])


def test_its_weights_go_along(file: Path) -> None:
    torch.manual_seed(0)
    assert main(["import", f"{file}:closed", "--input", "2x4", "--trust"]) == 0
    torch.save({"fc.weight": torch.eye(4)[:3], "fc.bias": torch.ones(3)}, "w.pt")
    words = ["--input", "2x4", "--trust", "--weights", "w.pt", "-o", "with.yaml"]
    assert main(["import", f"{file}:closed", *words]) == 0
    assert main(["check", "with.yaml", "--trust"]) == 0
    assert list(read_weights(Path("with.safetensors"))) == ["net.net.fc.bias", "net.net.fc.weight"]


def test_values_that_no_document_holds_are_written_beside_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["import", f"{file}:Position", "--input", "2x4", "--trust", "-o", "m.yaml"]
    assert main(words) == 0
    assert "wrote m.yaml and m.safetensors" in " ".join(capsys.readouterr().out.split())
    document = ModelDocument.load(Path("m.yaml"))
    assert document.model.weights == "m.safetensors"
    twin = resolve(document.model, [spec_of("2x4")]).build()
    weights = read_weights(Path("m.safetensors"))
    twin.load_state_dict(weights, strict=True)
    given = torch.rand(2, 4)
    assert difference(given + weights["table"][:2], twin(given)) == 0


def test_weights_that_are_there_are_not_written_over(file: Path) -> None:
    Path("m.safetensors").write_bytes(b"mine")
    request = Request(f"{file}:Position", "2x4", output="m.yaml")
    with pytest.raises(TorchworkError, match=r"m\.safetensors exists already"):
        import_here(request)
    assert Path("m.safetensors").read_bytes() == b"mine"
    import_here(Request(f"{file}:Position", "2x4", output="m.yaml", force=True))
    assert list(read_weights(Path("m.safetensors"))) == ["table"]
