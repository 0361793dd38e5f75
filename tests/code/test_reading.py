"""Scripts read back: untouched, edited in ways that a document can say, and in ways that it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert read.taken == ["model.layers[1]: ReLU -> GELU"]


def test_without_its_comment_it_is_refused(script: str) -> None:
    code = "\n".join(line for line in script.splitlines() if not line.startswith("# "))
    with pytest.raises(DocumentError, match=r"^my.py does not end with the comment that holds its document [^\n]*$"):
        read_script(code, base=Path(), file="my.py")


def test_what_is_no_python_is_refused_with_its_line(script: str) -> None:
    with pytest.raises(DocumentError, match=r"^my.py:\d+: this is no Python: [^\n]*mend that line$"):
        read_script(script.replace("SEED = 3", "SEED = = 3"), base=Path(), file="my.py")
