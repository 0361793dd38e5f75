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
