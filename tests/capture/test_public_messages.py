"""What a person is told who tries a public model with too little, or with the wrong inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchwork.capture import Request, import_target
from torchwork.errors import TorchworkError

FILE = """
import torch
from torch import nn


class Words(nn.Module):
    def __init__(self, args=None):
        super().__init__()
        self.embed = nn.Embedding(10, 4)

    def forward(self, words, lengths=None):
        return self.embed(words)


class Needs(Words):
    def __init__(self, args):
        super().__init__()


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, both):
        x, hidden = both
        return self.conv(x) + hidden
"""


@pytest.mark.parametrize(
    ("name", "shapes", "message"),
    [
        ("Needs", "2x5:int64", r"Needs needs args; write `def make\(\): return Needs\(args=...\)`"),
        ("Words", None, r"Words takes \(words, lengths\), such as --input 2x16:int64"),
        ("Pair", None, r"Pair takes \(both\), such as --input 1x3x224x224"),
        ("Words", "2x5:int64,2:int64,2", "takes words, lengths, but --input gives 3: give one shape for each"),
        ("Words", "2x5", "say which inputs are whole numbers, as in --input 2x16:int64"),
        ("Pair", "2x3x8x8,2x4x6x6", "where one of them is a tuple, write a small module around it"),
        ("Pair", "3x3x8x8", "a tuple needs a module around it"),
    ],
)
def test_it_says_what_to_give(tmp_path: Path, name: str, shapes: str | None, message: str) -> None:
    (tmp_path / "words.py").write_text(FILE)
    with pytest.raises(TorchworkError, match=message):
        import_target(Request(f"{tmp_path / 'words.py'}:{name}", shapes), trust=True)
