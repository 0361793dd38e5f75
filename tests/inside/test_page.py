"""docs/inside.md: everything on it runs as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import torchwork
from torchwork.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "inside.md").read_text("utf-8")
DOCUMENT = """
data: {source: {Shapes: {size: 16, train: 48, valid: 16}}, batch_size: 16}
model: {layers: [{Conv2d: {out_channels: 4, kernel_size: 3}, name: conv}, ReLU, {AdaptiveAvgPool2d: {output_size: 4}},
  Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
train: {epochs: 1}
"""


@pytest.fixture(autouse=True)
def a_run_and_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torchwork.train(torchwork.Experiment.loads(DOCUMENT), folder="RUN")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)).save("cat.png")


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.mark.usefixtures("a_run_and_a_picture")
def test_its_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(blocks("python")) == 6
    exec("".join(blocks("python")), {})
    said = capsys.readouterr().out
    assert said.startswith("0  1×2×2×2\n") and "grad-cam, grad-cam++" in said
    assert Path("cat-map.png").is_file()


@pytest.mark.usefixtures("a_run_and_a_picture")
def test_its_commands_run(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [shlex.split(line, comments=True)[1:] for block in blocks("console") for line in block.splitlines()]
    assert len(commands) == 6
    assert all(main(command) in (0, 1) if command[0] == "doctor" else main(command) == 0 for command in commands)
    capsys.readouterr()
    assert {item.name for item in Path("maps").iterdir()} == {
        "conv-maps-0.png", "conv-kernels.png", "cat-grad-cam-star.png",
    }  # fmt: skip
