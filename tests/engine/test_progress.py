"""What the terminal shows."""

from __future__ import annotations

import io
import re

from rich.console import Console

from torchwork.engine import ProgressBar

from .small import make_trainer


def test_without_a_terminal_there_is_one_line_for_each_epoch() -> None:
    out = io.StringIO()
    make_trainer(listeners=[ProgressBar(Console(file=out, width=40))]).fit()
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    pattern = r"epoch 2/2  loss [\d.]+ \(valid [\d.]+\)  accuracy [\d.]+ \(valid [\d.]+\)  \d+\.\d s  [\d,]+/s"
    assert re.fullmatch(pattern, lines[1])


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end() -> None:
    out = io.StringIO()
    bar = ProgressBar(Console(file=out, force_terminal=True, width=120))
    make_trainer(listeners=[bar]).fit()
    assert "epoch 1/2" in out.getvalue() and "left" in out.getvalue()
    assert bar.bar is None
