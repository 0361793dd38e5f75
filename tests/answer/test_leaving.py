"""A question is given up while it is answered: it ends at the next module, and nothing of it stays."""

from __future__ import annotations

import json
import os
import time

import pytest
import torch
from torch import nn

import torchwork
from torchwork.answer import opened
from torchwork.answer.asking import answer
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


TEXT = """
data: {source: {Shapes: {size: 8, train: 32, valid: 16}}, batch_size: 8}
model: {layers: [{Conv2d: {out_channels: 2, kernel_size: 3}}, BatchNorm2d, Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {SGD: {lr: 0.01}}
train: {epochs: 1, device: cpu, memory_format: contiguous}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> torchwork.Run:
    return torchwork.train(torchwork.Experiment.loads(TEXT), runs=tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("method", ["diagnose_run", "layers", "mistakes"])
def test_a_question_that_was_left_says_so_and_can_be_asked_again(run: torchwork.Run, method: str) -> None:
    asked = {"method": method, "arguments": {"run": str(run.path)}}
    opened.opened_run(str(run.path))
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, os.fdopen(writing, "w", buffering=1) as pipe:
        questions = Questions(lines)
        pipe.write('{"leave": 7}\nread\n')
        assert next(iter(questions)) == "read\n"
        state = torch.get_rng_state()
        assert json.loads(answer(json.dumps({**asked, "number": 7}), questions))["status"] == 499
        assert torch.equal(torch.get_rng_state(), state)
        assert "found" in json.loads(answer(json.dumps({**asked, "number": 8}), questions))


def test_a_run_that_is_tried_keeps_its_data_open(run: torchwork.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = opened.opened_data(opened.opened_run(str(run.path)).run)
    monkeypatch.setattr(torchwork.Run, "bundle", lambda run: pytest.fail("opened again"))
    asked = {"method": "diagnose_run", "arguments": {"run": str(run.path)}}
    assert "found" in json.loads(answer(json.dumps(asked)))
    assert opened.opened_data(run) is bundle
