"""What the source of a class takes along, as public files have it: helpers, records, names that only look alike."""

from __future__ import annotations

import ast
from pathlib import Path

from torchwork.capture import Request, import_target
from torchwork.capture.names import changed_names, read_names

FILE = """
import collections
import torch
from torch import nn

Sizes = collections.namedtuple("Sizes", ["wide", "high"])
Sizes.__new__.__defaults__ = (4,) * 2
LOOKED_AT = []


class Base(nn.Module):
    def __init__(self, sizes, scale=False):
        super().__init__()
        self.fc = nn.Linear(sizes.wide, sizes.high)

    def forward(self, x):
        return self.fc(x) * float(x.detach().numpy().shape[1]) / torch.tensor(x.detach().numpy().max())


class Same(Base):
    pass


def scale():
    return Same(Sizes())


def make():
    return nn.Sequential(Base(Sizes()), nn.ReLU())
"""


def test_a_record_keeps_its_defaults_and_a_parameter_is_no_function(tmp_path: Path) -> None:
    (tmp_path / "records.py").write_text(FILE)
    found = import_target(Request(f"{tmp_path / 'records.py'}:make", "2x4"), trust=True)
    assert found.report.proof.holds, found.report.proof
    [code] = [item.code for item in found.document.model.modules.values() if item.code]
    assert "Sizes.__new__.__defaults__ = (4,) * 2" in code
    assert "def scale" not in code and "LOOKED_AT" not in code


def test_a_base_stands_before_what_is_made_of_it(tmp_path: Path) -> None:
    (tmp_path / "bases.py").write_text(FILE.replace("self.fc(x) *", "self.fc(x) * bool(scale) *"))
    text = (tmp_path / "bases.py").read_text().replace("def forward(self, x):", "def forward(self, x, also=None):")
    (tmp_path / "bases.py").write_text(text)
    found = import_target(Request(f"{tmp_path / 'bases.py'}:make", "2x4"), trust=True)
    assert found.report.proof.holds, found.report.proof
    [code] = [item.code for item in found.document.model.modules.values() if item.code]
    assert code.index("class Base") < code.index("class Same(Base)")


def test_names_that_are_read_at_once_and_later() -> None:
    source = (
        "@mark\nclass A(B):\n    x = [c for _ in D]\n\n    def f(self, e=g):\n        h = e\n        return h + i.j\n"
    )
    assert read_names(source) == ({"mark", "B", "c", "D", "g"}, {"i"})


def test_what_changes_a_part_of_a_name() -> None:
    statements = ast.parse("a.b = 1\nc[2] = 3\nd = e\n").body
    assert [changed_names(each) for each in statements] == [{"a"}, {"c"}, set()]
