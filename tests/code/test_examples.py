"""The scripts of the examples train as their runs do: each shortened, run without torchwork, compared with `==`."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from torchwork.code.script import print_script
from torchwork.experiment import Experiment

from ..contract.printed import engine, repeated, same

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PICTURES = "data.source.ImageFolder.root=data/hymenoptera_small"
SMALL = (
    "data.source.Shapes.size=64",
    "data.source.Shapes.train=12",
    "data.source.Shapes.valid=12",
    "data.batch_size=6",
)
SHORT: dict[str, tuple[str, ...]] = {
    "fashion-lenet": ("data.source.FashionMNIST.root=fashion", "train.epochs=3"),
    "penguins": ("data.source.Table.path=data/csv/penguins.csv", "train.epochs=3"),
    "ants-bees": (PICTURES, "data.limit=40", "train.epochs=2"),
    # CIFAR-10 lies there in another form; its document is tried on other pictures, made as small.
    "cifar-resnet": (
        PICTURES, "data.split.valid=val", "data.prepare=[{Resize: {size: [32, 32]}}]", "data.limit=12",
        "data.batch_size=4", "train.epochs=4",
    ),
    "alexnet": (*SMALL, "train.epochs=1"),
    "resnet18": (*SMALL, "train.epochs=1"),
}  # fmt: skip
DRAWN = ("alexnet", "resnet18")
"""examples that need no files"""
ALONE = "import runpy, sys; sys.modules['torchwork'] = None; runpy.run_path(sys.argv[1], run_name='__main__')"
"""a program that starts a script where torchwork cannot be imported"""
CODE = '''class Gate(nn.Module):
    """A layer of somebody's own."""

    def __init__(self, width=4):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(width))

    def forward(self, x):
        return x * torch.sigmoid(self.scale + np.random.rand() + random.random())
'''


@pytest.mark.parametrize("name", SHORT)
def test_an_example_repeats_its_run(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    base = tmp_path if name in DRAWN else request.getfixturevalue("shared")
    if name == "fashion-lenet":
        base = cut(base / "data" / "fashion_mnist", tmp_path)
    fixed = ("train.device=cpu", "train.memory_format=contiguous")
    experiment = Experiment.load(EXAMPLES / f"{name}.yaml", (*SHORT[name], *fixed))
    text = print_script(experiment, base=base)
    kept = text.replace('BEST = "', f'BEST = "{tmp_path}/')  # the data's folder is only read
    same(kept, engine(experiment, base), base)
    (tmp_path / f"{name}.pt").unlink()  # the best weights: of AlexNet 244 MB


def cut(whole: Path, base: Path) -> Path:
    """A folder that has the first samples of Fashion-MNIST in `fashion`, so that they need no `limit`."""
    (base / "fashion").mkdir()
    for prefix, count in (("train", 1100), ("t10k", 300)):
        for name, header, size in (("images-idx3-ubyte", 16, 784), ("labels-idx1-ubyte", 8, 1)):
            with gzip.open(whole / f"{prefix}-{name}.gz") as file:
                content = file.read(header + count * size)
            numbers = content[:4] + count.to_bytes(4) + content[8:]
            (base / "fashion" / f"{prefix}-{name}.gz").write_bytes(gzip.compress(numbers, 1))
    return base


def pictures(base: Path, **sections: Any) -> dict[str, Any]:
    """A document of 12 colour pictures in an .npz file."""
    drawing = np.random.default_rng(0)
    np.savez(base / "p.npz", x=drawing.integers(0, 256, (12, 3, 8, 8), dtype=np.uint8), y=np.arange(12) % 3)
    layers = [{"Conv2d": {"out_channels": 4, "kernel_size": 3}}, "BatchNorm2d", "Flatten"]
    written = {
        "name": "p",
        "data": {"source": {"Arrays": {"path": "p.npz"}}, "split": {"valid": 0.25}, "batch_size": 3},
        "model": {"layers": [*layers, {"Linear": {"out_features": "classes"}}]},
        "loss": "CrossEntropyLoss",
        "train": {"epochs": 2, "device": "cpu", "memory_format": "contiguous"},
    }
    return {**written, **sections}


def test_what_a_trial_chose_is_in_a_script_that_runs_alone(tmp_path: Path) -> None:
    """channels_last with a fused optimizer, in a process of its own."""
    train = {"epochs": 2, "device": "cpu", "memory_format": "channels_last"}
    written = pictures(tmp_path, train=train, optimizer={"Adam": {"lr": 0.01, "fused": True}})
    text = repeated(written, tmp_path)
    assert "memory_format=torch.channels_last" in text and "fused=True" in text
    (tmp_path / "p.pt").unlink()
    (tmp_path / "exported.py").write_text(text, "utf-8")
    command = [sys.executable, "-W", "error", "-c", ALONE, "exported.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2 and done.stdout.startswith("epoch 1: train loss ")
    state = torch.load(tmp_path / "p.pt", weights_only=True)
    assert list(state)[:2] == ["0.weight", "0.bias"]


def test_definitions_that_are_code(tmp_path: Path) -> None:
    """Code may draw from the generators of python and numpy, which are seeded as for the run."""
    layers = ["Flatten", {"Linear": {"out_features": 4}}, "Gate", {"Linear": {"out_features": 3}}]
    code = f"import random\nimport numpy as np\nimport torch\nfrom torch import nn\n\n\n{CODE}"
    gate = {"code": code, "class": "Gate", "arguments": {"width": 4}, "inputs": ["x"]}
    text = repeated(pictures(tmp_path, model={"layers": layers, "modules": {"Gate": gate}}), tmp_path, trust=True)
    assert "\nclass Gate(nn.Module):" in text and "random.seed(seed)" in text
