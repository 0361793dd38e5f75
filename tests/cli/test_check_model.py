"""`check` of a model without data, and of documents with code in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .answer import DOCUMENT, ask, picture, refused

MODEL = """torchwork: 1
name: small
model:
  layers:
    - {Conv2d: {out_channels: 4, kernel_size: 3}, name: conv}
    - Flatten
    - {Linear: {out_features: 10}, name: head}
  example: [2x1x8x8]
"""
CODE = """
  modules:
    Own:
      code: |
        from torch import nn

        class Own(nn.Module):
            def __init__(self):
                super().__init__()
                open("ran", "w").close()
                self.scale = nn.Linear(10, 10)

            def forward(self, x):
                return self.scale(x)
"""


@pytest.fixture
def small(here: Path) -> str:
    (here / "small.yaml").write_text(MODEL, "utf-8")
    return "small.yaml"


def with_code(text: str, after: str) -> str:
    return text.replace(after, f"{after}\n    - {{Own: {{}}, name: own}}{CODE.rstrip()}")


def test_a_model_without_data_is_checked_with_its_example(small: str) -> None:
    answer = ask("check", small)
    assert answer.status == 0 and "the document is right" in answer.out
    assert "2x10" in answer.out and "1,490 parameters" in answer.out
    found = ask("check", small, "--json").json
    assert found["problems"] == [] and found["totals"]["batch_size"] == 2
    assert [row["name"] for row in found["layers"]] == ["conv", "1", "head"]


def test_without_an_example_it_says_what_to_write(small: str) -> None:
    Path(small).write_text(MODEL.replace("  example: [2x1x8x8]\n", ""), "utf-8")
    assert "model.example: a model without data is checked with example inputs" in refused("check", small)


def test_wrong_models_and_settings_are_told(small: str) -> None:
    assert "small.yaml: model.layers[2].Linear: expected the arguments" in refused(
        "check", small, "--set", "model.layers[2].Linear=1"
    )
    assert "model.example" in refused("check", small, "--set", "model.example=[2xx3]")
    Path(small).write_text(MODEL.replace("Flatten", "Flaten"), "utf-8")
    assert "did you mean Flatten?" in refused("check", small)


def test_training_it_says_what_is_missing(small: str) -> None:
    sentence = refused("train", small)
    assert "a model alone" in sentence and "add `data:` and `loss:`" in sentence


def test_code_is_shown_but_runs_only_with_trust(here: Path) -> None:
    head = "    - {Linear: {out_features: classes}, name: head}"
    text = with_code(DOCUMENT.replace(head, head.replace("classes", "10")), head.replace("classes", "10"))
    (here / "experiment.yaml").write_text(text, "utf-8")
    answer = ask("check", "experiment.yaml")
    assert answer.status == 0 and not (here / "ran").exists()
    assert "Own is code" in answer.out and "at least" in answer.out and "as far as it was run" in answer.out
    assert "Own is code, and building it would run it" in refused("train", "experiment.yaml")
    assert not (here / "ran").exists() and not (here / "runs").exists()
    trusted = ask("check", "experiment.yaml", "--trust")
    assert trusted.status == 0 and "at least" not in trusted.out, trusted
    assert (here / "ran").exists()
    assert ask("train", "experiment.yaml", "--trust", "--run", "own").status == 0
    picture(here / "a.png")
    assert "building it would run it" in refused("predict", "own", "a.png")
    assert ask("predict", "own", "a.png", "--trust").status == 0
