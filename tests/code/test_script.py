"""A script as a file: what it says of itself, that linters are content, and that it holds its document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from torchwork.build import check
from torchwork.code.network.classes import class_names
from torchwork.code.script import print_checked, print_script
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, Model

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BY_HAND = 119
"""lines of the script of LeNet on Fashion-MNIST"""
PLACES = {
    "fashion-lenet": "data.source.FashionMNIST.root=data/fashion_mnist",
    "penguins": "data.source.Table.path=data/csv/penguins.csv",
    "ants-bees": "data.source.ImageFolder.root=data/hymenoptera_small",
}
"""examples whose data are at hand, and where they are"""
LINTERS = (
    ["check", "--select", "E,F,W,I,B,UP,SIM,N", "--ignore", "N812", "--no-cache"],
    ["format", "--check", "--no-cache"],
)


def printed(name: str, base: Path, *settings: str) -> str:
    """The script of an example."""
    return print_script(Experiment.load(EXAMPLES / f"{name}.yaml", settings), base=base)


def linted(script: Path) -> None:
    """Asserts that a strict linter and a formatter would leave the file as it is."""
    for command in LINTERS:
        full = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "100", str(script)]
        done = subprocess.run(full, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def small(**sections: Any) -> Experiment:
    """A document of drawn pictures."""
    layers = [{"Conv2d": {"out_channels": 4, "kernel_size": 3}}, "Flatten", {"Linear": {"out_features": "classes"}}]
    source = {"Shapes": {"size": 8, "train": 48, "valid": 16}}
    written = {"data": {"source": source, "batch_size": 4}, "model": {"layers": layers}, "loss": "CrossEntropyLoss"}
    return Experiment.parse({**written, **sections})


@pytest.mark.parametrize("name", sorted(PLACES))
def test_an_example_with_data(name: str, shared: Path, tmp_path: Path) -> None:
    text = printed(name, shared, PLACES[name])
    (tmp_path / "script.py").write_text(text, "utf-8")
    linted(tmp_path / "script.py")
    assert text.startswith(f'"""{name}, printed by Torchwork ')
    if name == "fashion-lenet":
        assert text.count("\n") < BY_HAND


@pytest.mark.parametrize("name", ["alexnet", "resnet18"])
def test_an_example_of_drawn_pictures(name: str, tmp_path: Path) -> None:
    text = printed(name, tmp_path, "data.limit=4", "data.batch_size=2")
    (tmp_path / "script.py").write_text(text, "utf-8")
    linted(tmp_path / "script.py")


def test_the_document_stands_at_the_end(tmp_path: Path) -> None:
    notes = "two  spaces, a # sign: and 'quotes' \"of\" both kinds\nand a line " + "of many words " * 20
    for experiment in (small(), small(notes=notes, name="ä b")):
        text = print_script(experiment, base=tmp_path)
        assert experiment.digest() in text.partition("\n")[0] + text.partition("\n")[2][:200]
        comment = text[text.rindex("\n\n# {") :]
        lines = [line for line in comment.strip().splitlines() if not line.startswith("# text ")]
        document = "\n".join(line.removeprefix("# ") for line in lines)
        assert Experiment.loads(document) == experiment


def test_a_wrong_document_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        print_script(small(optimizer={"Adam": {"lrr": 1}}, loss="CrossEntropy"), base=tmp_path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(("name", "found"), [("fashion-lenet", "FashionLenet"), ("3d net", "Net3dNet"), ("ö", "Net")])
def test_a_class_is_called_as_its_document(name: str, found: str) -> None:
    assert class_names(Model.model_validate({"layers": ["ReLU"]}), name)[""] == found


def test_a_script_says_what_must_be_installed(tmp_path: Path) -> None:
    head = print_script(small(), base=tmp_path).partition("\n")[0]
    assert head.endswith('. Needs torch and numpy."""')
    augmented = {**small().as_dict()["data"], "augment": [{"RandomRotation": {"degrees": 9}}]}
    head = print_script(small(data=augmented), base=tmp_path).partition("\n")[0]
    assert head.endswith('. Needs torchvision."""')


def test_data_of_documents_alike_are_opened_once(tmp_path: Path) -> None:
    first = check(small(), base=tmp_path)
    faster = small(optimizer={"Adam": {"lr": 0.5}})
    again = check(faster, base=tmp_path, opened=first)
    assert again.bundle is first.bundle and "lr=0.5" in print_checked(again, base=tmp_path)
    for other in (small(seed=5), small(data={**small().as_dict()["data"], "limit": 30})):
        assert check(other, base=tmp_path, opened=first).bundle is not first.bundle


def test_only_what_is_used_is_printed(tmp_path: Path) -> None:
    text = print_script(small(), base=tmp_path)
    for word in ("scheduler", "warmed_up", "autocast", "clip_grad", "Averaged", "set_num_threads", "safetensors"):
        assert word not in text
