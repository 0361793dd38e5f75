"""A question is given up while it is answered: it ends at the next module, and nothing of it stays."""

from __future__ import annotations

import os
import time

import pytest
import torch
from torch import nn

from torchwork.answer.leaving import LeftError, Questions


def test_what_is_left_ends_at_the_next_module_and_the_next_question_is_answered() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, os.fdopen(writing, "w", buffering=1) as pipe:
        questions, layer, x = Questions(lines), nn.Linear(1, 1), torch.zeros(1, 1)
        pipe.write("first\n")
        assert next(iter(questions)) == "first\n"
        with pytest.raises(LeftError), questions.answering(7):
            layer(x)
            pipe.write('{"leave": 7}\n')
            end = time.monotonic() + 60
            while time.monotonic() < end:
                layer(x)
        layer(x)
        with questions.answering(8):
            layer(x)
        pipe.write("second\n")
        pipe.close()
        assert list(questions) == ["second\n"]
