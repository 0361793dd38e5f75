"""Scripts read back: untouched, edited in ways that a document can say, and in ways that it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.code.reading import is_export, read_script
from torchwork.code.script import print_model_file, print_script
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, ModelDocument

TEXT = """
name: small
seed: 3
data: {source: {Shapes: {size: 16, train: 40, valid: 20}}, batch_size: 20}
model:
  layers:
    [{Conv2d: {out_channels: 4, kernel_size: 3}}, ReLU, Flatten, {use: "1"}, Block, {Linear: {out_features: classes}}]
  modules: {Block: {layers: [{Linear: {out_features: 8}}, Tanh]}}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
schedule: {StepLR: {step_size: 2}}
train: {epochs: 2, memory_format: contiguous}
"""
EDITS = [
    ("SEED = 3", "SEED = 4", "seed", 4),
    ("EPOCHS = 2", "EPOCHS = 5", "train.epochs", 5),
    ("lr=0.01", "lr=0.001", "optimizer.args.lr", 0.001),
    ("lr=0.01", "lr=0.01, weight_decay=0.1", "optimizer.args.weight_decay", 0.1),
    ("optim.Adam(model.parameters(), lr=0.01)", "optim.SGD(model.parameters(), lr=0.1)", "optimizer.name", "SGD"),
    ("step_size=2", "step_size=3", "schedule.args.step_size", 3),
    ("nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(label_smoothing=0.1)", "loss.args.label_smoothing", 0.1),
    ("nn.Tanh()", "nn.GELU()", "model.modules.Block.layers.1.name", "GELU"),
]  # fmt: skip


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment.loads(TEXT)


@pytest.fixture(scope="module")
def script(experiment: Experiment) -> str:
    return print_script(experiment, base=Path())


def without_stamp(script: str) -> str:
    """As somebody leaves it whose editor changed a space: it must be compared in full."""
    return script.replace("  # ", "   # ", 1)


def found(document: object, path: str) -> object:
    at = document
    for key in path.split("."):
        at = at[int(key)] if key.isdigit() else at[key] if isinstance(at, dict) else getattr(at, key)  # type: ignore[index]
    return at


def test_an_untouched_script_is_its_document(experiment: Experiment, script: str) -> None:
    assert is_export(script)
    read = read_script(script, base=Path("nowhere"))
    assert read.document == experiment and not read.taken and not read.lost


def test_layout_and_comments_are_no_edits(experiment: Experiment, script: str) -> None:
    read = read_script(without_stamp(script), base=Path())
    assert read.document == experiment and not read.taken and not read.lost


@pytest.mark.parametrize(("old", "new", "path", "value"), EDITS)
def test_an_edit_is_taken(experiment: Experiment, script: str, old: str, new: str, path: str, value: object) -> None:
    assert script.count(old) >= 1
    read = read_script(script.replace(old, new, 1), base=Path())
    assert found(read.document, path) == value and read.document != experiment
    assert len(read.taken) == 1 and not read.lost


def test_an_added_layer_is_taken(script: str) -> None:
    read = read_script(script.replace("nn.Tanh(),", "nn.Tanh(),\n            nn.Dropout(0.25),", 1), base=Path())
    assert [str(node) for node in read.document.model.modules["Block"].layers or ()][2] == "Dropout(p=0.25)"
    assert not read.lost


def test_several_edits_are_taken_together(script: str) -> None:
    text = script.replace("lr=0.01", "lr=0.5").replace("SEED = 3", "SEED = 9").replace("nn.Tanh()", "nn.ELU()")
    read = read_script(text, base=Path())
    assert len(read.taken) == 3 and not read.lost


def test_what_no_document_says_is_told_with_its_line(experiment: Experiment, script: str) -> None:
    text = script.replace("loss.backward()", "(loss * 2).backward()", 1)
    read = read_script(text, base=Path())
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "(loss * 2)" in line)
    assert read.document == experiment
    assert read.lost == [f"line {line}: (loss * 2).backward()"]


def test_a_model_without_data_comes_back() -> None:
    document = ModelDocument.loads("name: small\nmodel: {example: [2x3], layers: [{Linear: {out_features: 4}}, ReLU]}")
    text = print_model_file(document, base=Path())
    assert read_script(text, base=Path()).document == document
    read = read_script(text.replace("nn.ReLU()", "nn.GELU()"), base=Path())
    assert read.taken == ["model: `1` ReLU became GELU"]


def test_without_its_comment_it_is_refused(script: str) -> None:
    code = "\n".join(line for line in script.splitlines() if not line.startswith("# "))
    with pytest.raises(DocumentError, match=r"^my.py does not end with the comment that holds its document [^\n]*$"):
        read_script(code, base=Path(), file="my.py")


def test_what_is_no_python_is_refused_with_its_line(script: str) -> None:
    with pytest.raises(DocumentError, match=r"^my.py:\d+: this is no Python: [^\n]*mend that line$"):
        read_script(script.replace("SEED = 3", "SEED = = 3"), base=Path(), file="my.py")


NET = """
name: my-net
model:
  example: [2x3x8x8]
  nodes:
    conv1: {Conv2d: {out_channels: 4, kernel_size: 3}}
    scale: {Parameter: {size: [4, 1, 1], fill: 1}}
    mean: {Buffer: {size: [4, 1, 1]}}
    sub: {sub: {}, from: [conv1, mean]}
    mul: {mul: {}, from: [sub, scale]}
    relu: relu
    blocks: {Block: {n: 4}, repeat: 3}
    flatten: {flatten: {start_dim: 1}}
    lstm: {LSTM: {hidden_size: 5}}
    fc: {Linear: {out_features: 10}, from: "lstm[0]"}
  modules:
    Block:
      arguments: {n: null}
      nodes:
        conv: {Conv2d: {out_channels: n, kernel_size: 3, padding: 1}}
        act: relu
        add: {add: {}, from: [act, input]}
"""
FC = "        self.fc = nn.Linear(5, 10)\n"
CALL = "        x = self.blocks(x)\n"
RELU = "        x = F.relu(x)\n"
GATE = """class Gate(nn.Module):
    def __init__(self, n: int):
        super().__init__()
        self.conv = nn.Conv2d(n, n, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(x))


"""
STRUCTURE = {
    "a layer with its call": [(FC, FC + "        self.drop = nn.Dropout(p=0.5)\n"),
                              (CALL, CALL + "        x = self.drop(x)\n")],
    "a layer of a definition": [
        ("padding=1)\n", "padding=1)\n        self.bn = nn.BatchNorm2d(n)\n"),
        ("        x = self.conv(x)\n", "        x = self.conv(x)\n        x = self.bn(x)\n"),
    ],
    "a layer taken away": [("        self.fc = nn.Linear(5, 10)\n", ""), ("        x = self.lstm(x)[0]  # 5\n", ""),
                           ("self.fc(x)  # 10", "self.lstm(x)[0]")],
    "another activation": [(RELU + CALL, "        x = F.gelu(x)\n" + CALL)],
    "no activation": [(RELU + CALL, CALL)],
    "another order": [("        x = self.conv(x)\n" + RELU, RELU + "        x = self.conv(x)\n")],
    "another name": [("self.fc", "self.head")],
    "a skip connection": [(RELU + CALL, "        y = F.relu(x)\n        x = self.blocks(y)\n        x = x + y\n")],
    "no skip connection": [("        return x + identity", "        return x"), ("        identity = x\n", "")],
    "an argument": [("3, padding=1)", "k, padding=k // 2)"), ("n: int)", "n: int, k: int = 3)"),
                    ("Block(4)", "Block(4, k=5)")],
    "a new class": [("class MyNet", GATE + "class MyNet"), (FC, FC + "        self.gate = Gate(4)\n"),
                    (CALL, CALL + "        x = self.gate(x)\n")],
    "a number of blocks": [("range(3)", "range(5)")],
    "a parameter's beginning": [("torch.ones(4, 1, 1)", "torch.full((4, 1, 1), 0.5)")],
    "a parameter's size": [("torch.ones(4, 1, 1)", "torch.ones(1)")],
    "a new parameter": [
        (FC, FC + "        self.shift = nn.Parameter(torch.zeros(4, 1, 1))\n"),
        (CALL, CALL + "        x = x + self.shift\n"),
    ],
    "another buffer": [("torch.zeros(4, 1, 1))", "torch.ones(4, 1, 1), persistent=False)")],
}  # fmt: skip


def edited(text: str, changes: list[tuple[str, str]]) -> str:
    for old, new in changes:
        assert old in text
        code, mark, comment = text.rpartition("\n# {torchwork")
        text = code.replace(old, new) + mark + comment
    return text


def made(text: str) -> Any:
    torch.manual_seed(0)
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(text, "script", "exec"), names)
    return names["make_model"]()


@pytest.mark.parametrize("changes", STRUCTURE.values(), ids=STRUCTURE)
def test_an_edit_in_two_places_is_taken_and_computes_the_same(changes: list[tuple[str, str]]) -> None:
    document = ModelDocument.loads(NET)
    text = edited(print_model_file(document, base=Path()), changes)
    read = read_script(text, base=Path())
    assert read.taken and not read.lost and read.document != document
    mine, again = made(text), made(print_model_file(read.document, base=Path()))
    assert [*mine.state_dict()] == [*again.state_dict()]
    again.load_state_dict(mine.state_dict())
    inputs = torch.rand(2, 3, 8, 8)
    outputs = []
    for model in (mine, again):
        torch.manual_seed(1)
        outputs.append(model(inputs))
    assert torch.equal(*outputs)


@pytest.mark.parametrize(
    "changes",
    [
        [("x = self.conv(x)\n        x = F.relu(x)", "x = F.relu(self.conv(x))")],
        [("torch.flatten(x, 1)", "x.flatten(1)")],
        [("nn.Linear(5, 10)", "nn.Linear(in_features=5, out_features=10, bias=True)")],
        [("identity", "shortcut")],
    ],
)
def test_another_way_to_write_the_same_is_no_edit(changes: list[tuple[str, str]]) -> None:
    document = ModelDocument.loads(NET)
    read = read_script(edited(print_model_file(document, base=Path()), changes), base=Path())
    assert read.document == document and not read.taken and not read.lost


@pytest.mark.parametrize("line", ["print(x)", "x = x * 2 if self.training else x", "x += 1"])
def test_what_a_forward_does_beside_is_told(line: str) -> None:
    document = ModelDocument.loads(NET)
    text = edited(print_model_file(document, base=Path()), [(CALL, f"{CALL}        {line}\n")])
    read = read_script(text, base=Path())
    assert read.document == document and [told.partition(": ")[2] for told in read.lost] == [line]


def test_an_edited_script_and_its_document_train_alike(experiment: Experiment, script: str, tmp_path: Path) -> None:
    edits = [("nn.Tanh(),", "nn.Tanh(),\n            nn.Dropout(0.25),"), ("lr=0.01", "lr=0.02")]
    text = edited(script, edits)
    read = read_script(text, base=Path())
    assert not read.lost
    losses = []
    for number, code in enumerate((text, print_script(read.document, base=Path()))):
        path = tmp_path / f"run{number}" / "script.py"
        path.parent.mkdir()
        path.write_text(f"{code}\n", "utf-8")
        run = "import runpy; print(runpy.run_path('script.py')['main']())"
        done = subprocess.run([sys.executable, "-c", run], cwd=path.parent, capture_output=True, text=True, check=True)
        losses.append(done.stdout)
    assert losses[0] == losses[1] and losses[0]
