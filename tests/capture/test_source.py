"""Classes that stay code bring with them what their source needs."""

from __future__ import annotations

from pathlib import Path

from torchwork.capture import Request, import_target

OWN = """
import torch
from torch import nn

from parts import *

try:
    import package_that_nobody_has as extra
except ImportError:
    extra = None

if torch.cuda.device_count() > 1000:
    SCALE = 2.0
else:
    SCALE = 3.0


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        x = twice(self.linear(x))
        largest = torch.tensor(x.detach().numpy().max())  # no node can say this
        return x * SCALE / largest if extra is None else x
"""
PARTS = "OFFSET = 1\n\n\ndef twice(x):\n    return 2 * x + OFFSET\n"


def test_names_under_if_and_try_and_from_a_star(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "parts.py").write_text(PARTS)
    imported = import_target(Request(f"{tmp_path / 'own.py'}:Net", "2x3"), trust=True)
    assert imported.report.proof.holds
    [found] = imported.report.classes
    assert found.way == "code"
    code = imported.document.model.modules["Net"].code or ""
    assert "def twice(x):" in code and "OFFSET = 1" in code and "else:\n    SCALE = 3.0" in code
    assert "except ImportError:\n    extra = None" in code
