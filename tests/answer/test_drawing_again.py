"""What the worker keeps from edit to edit never shows: each drawing is the one that a new process would make."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

import pytest

from tests.draw.documents import ALL
from tests.draw.test_applying import some_edit
from torchwork.answer import keeping, printing
from torchwork.answer.asking import answer
from torchwork.build import plan
from torchwork.draw import edit as edits
from torchwork.draw import edited_text
from torchwork.errors import DocumentError
from torchwork.experiment import composing, files
from torchwork.graph import evaluate, memory

DATA = """torchwork: 1
name: drawn
data: {source: {Shapes: {size: 28, train: 48, valid: 16}}, batch_size: 4}
loss: CrossEntropyLoss
optimizer: {SGD: {lr: 0.1}}
parameters: [{match: "*.bias", set: {weight_decay: 0}}]
"""
PICTURES = """model:
  layers:
    - Conv2d: {out_channels: 6, kernel_size: 5}
    - {ReLU: {inplace: true}, at: [0, 100]}
    - {Two: {width: 8}, repeat: 2}
    - MaxPool2d: {kernel_size: 2}
    - Flatten
    - Linear: {out_features: classes}
  modules:
    Two:
      arguments: {width: 4}
      layers: [{Conv2d: {out_channels: width, kernel_size: 3}}, BatchNorm2d]
"""


def texts() -> dict[str, str]:
    alone = {name: "model:\n" + "\n".join(f"  {line}" for line in text.splitlines()) for name, text in ALL.items()}
    return {**{name: f"{text}\n" for name, text in alone.items()}, "pictures": DATA + PICTURES}


def drawn(text: str, path: str) -> dict[str, Any]:
    question = {"method": "draw", "arguments": {"text": text, "path": path, "instances": {}}}
    found: dict[str, Any] = json.loads(answer(json.dumps(question)))["found"]
    if not any(node["lines"] or node["made"] for level in found["levels"] for node in level["nodes"] if "made" in node):
        found["code"] = ""  # what was printed last, which is another thing in each history
    return found


def forget() -> None:
    """As a new process begins."""
    for kept in (files._shared, composing.composed, evaluate._run, evaluate._weights):
        kept.cache_clear()
    for known in (memory._known, plan._fitting, keeping._right, keeping._last, printing._pages, printing._last):
        known.clear()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", texts())
def test_each_edit_is_drawn_as_by_a_new_process(name: str) -> None:
    draw, text, history = random.Random(name), texts()[name], list[str]()
    for number in range(14):
        plain = files.read(text)[0]
        move: edits.Edit = edits.Move(places={draw.choice("012"): (number, 1)})
        move = move if number % 3 == 0 else some_edit(draw, plain)
        try:
            text = edited_text(text, [move])[0]
        except DocumentError:
            continue
        history.append(text)
    warm = [drawn(text, "warm.yaml") for text in [*history, *reversed(history)]]
    for text, back, found in zip(history, warm[: len(history) - 1 : -1], warm, strict=False):
        forget()
        assert found == back == drawn(text, "new.yaml")


def test_what_a_definition_is_given_counts() -> None:
    for width in (8, 9):
        text = texts()["pictures"].replace("width: 8", f"width: {width}")
        found = drawn(text, "x.yaml")
        forget()
        assert found == drawn(text, "x.yaml") and found["can_train"]


def test_a_process_that_was_just_started_draws_the_same() -> None:
    text = texts()["pictures"].replace("out_channels: 6", "out_channels: 7")
    drawn(texts()["pictures"], "x.yaml")
    question = {"method": "draw", "arguments": {"text": text, "path": "x.yaml", "instances": {}}}
    command = [sys.executable, "-P", "-m", "torchwork.answer"]
    done = subprocess.run(command, input=json.dumps(question) + "\n", capture_output=True, text=True, check=True)
    there, here = json.loads(done.stdout.splitlines()[-1])["found"], drawn(text, "x.yaml")
    for found in (there, here):
        found["checked"].pop("notes")  # what was measured earlier, and whether torchvision is loaded, differs rightly
    assert there == here
