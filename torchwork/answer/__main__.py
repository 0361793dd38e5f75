"""`python -m torchwork.answer`: one question a line on stdin, one answer a line on stdout, both JSON."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import BinaryIO

import psutil

from torchwork.answer.asking import answer
from torchwork.answer.drawing import draw
from torchwork.answer.leaving import Questions

LAZY = (20_000, 20, 100)
"""Garbage is looked for as often as an answer makes some hundred thousand objects, not dozens of times in each."""

LAYERS = [
    {"Conv2d": {"out_channels": 2, "kernel_size": 3}},
    "BatchNorm2d",
    "ReLU",
    "Flatten",
    {"Linear": {"out_features": 2}},
]
FIRST = json.dumps({"model": {"example": ["2x3x8x8"], "layers": LAYERS}})
SHARE = 0.75
"""Of the machine's memory, at most: a data set that is too large must not end other programs."""


def main() -> None:
    """Answers until the server closes the pipe, or is gone."""
    lines, answers = _pipes()
    questions = Questions(lines)
    _limit_memory()
    gc.freeze()  # all that torch has defined stays: looking through it would hold up an answer now and then
    gc.set_threshold(*LAZY)
    answers.write(b'{"ready": true}\n')
    draw(FIRST, "", {})  # torch loads half of itself at the first layer: while nobody waits

    def tell(share: float | None) -> None:
        answers.write(json.dumps({"done": share}).encode() + b"\n")

    for line in questions:
        answers.write(answer(line, questions, tell).encode() + b"\n")


def _limit_memory() -> None:
    """On Linux, where it counts what is written to and not what is only mapped."""
    if sys.platform == "linux":
        import resource

        most = max(4 << 30, int(psutil.virtual_memory().total * SHARE))
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


def _pipes() -> tuple[TextIOWrapper, BinaryIO]:
    """The two pipes under other numbers, so that nothing that is printed or asked for comes between."""
    questions, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return questions, answers


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the server, which then ends us
    with suppress(BrokenPipeError):
        main()
    gc.freeze()  # the end of the process does not look through what was opened since
    sys.exit()
