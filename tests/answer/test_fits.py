"""What is offered behind a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchwork.answer.fits import fits

TEXT = """torchwork: 1
name: fits
data: {source: {Shapes: {size: 16, train: 64, valid: 32}}}
model:
  layers:
    - {Conv2d: {out_channels: 4, kernel_size: 3}, name: conv}
    - {Flatten: {}, name: flat}
loss: CrossEntropyLoss
optimizer: Adam
"""


@pytest.mark.parametrize(("source", "offered", "left_out"), [
    ("conv", {"Upsample", "FractionalMaxPool2d", "cat", "BatchNorm2d"}, {"Conv3d", "BatchNorm1d", "LSTM"}),
    ("flat", {"Linear", "clamp", "Dropout"}, {"Conv2d", "Upsample"}),
])  # fmt: skip
def test_what_runs_is_offered(
    source: str, offered: set[str], left_out: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = set(fits(TEXT, "fits.yaml", "", "", source)["names"])
    assert offered <= names and not names & left_out


BEFORE = """torchwork: 1
name: fits
data: {source: {Shapes: {size: 16, train: 64, valid: 32}}}
model:
  nodes:
    stem: {Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}, from: input}
    conv: {Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}, from: ""}
    sum: {add: {}, from: [stem, ""]}
    words: {Embedding: {num_embeddings: 9, embedding_dim: 4}, from: ""}
    flat: {Flatten: {}, from: sum}
    out: {Linear: {out_features: classes}, from: flat}
loss: CrossEntropyLoss
optimizer: Adam
"""


@pytest.mark.parametrize(("feed", "offered", "left_out"), [
    (("conv", 0), {"ReLU", "Conv2d", "BatchNorm2d", "cat", "Parameter", "reshape"}, {"Flatten", "LSTM", "Conv1d"}),
    (("sum", 1), {"ReLU", "Conv2d", "MaxPool2d", "PixelShuffle"}, {"Flatten", "LSTM", "Conv3d"}),
    (("words", 0), {"argmax", "Buffer"}, {"Linear", "Conv2d", "LSTM"}),
    (("", 0), {"Linear", "Conv2d", "Flatten"}, set()),
])  # fmt: skip
def test_what_gives_what_an_input_takes_is_offered(
    feed: tuple[str, int], offered: set[str], left_out: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = fits(BEFORE, "fits.yaml", "", "", "", [feed])
    names = set(found["names"])
    assert offered <= names and not names & left_out and set(found["likely"]) <= names
