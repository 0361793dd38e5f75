"""Sentences that real documents get: those that the page's tests (frontend/src/ui/sentences.test.ts) translate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from torchwork.answer.checking import check

SAID: dict[str, Any] = json.loads((Path(__file__).parent / "said.json").read_text("utf-8"))


@pytest.mark.parametrize("case", SAID["cases"], ids=lambda case: case["by"].strip() or case["replace"].strip())
def test_a_wrong_document_gets_these_sentences(case: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert case["replace"] in SAID["document"]
    answer = check(SAID["document"].replace(case["replace"], case["by"], 1), "experiment.yaml")
    told = [text for problem in answer["problems"] for text in (problem["message"], problem["fix"]) if text]
    assert told == [english for english, _ in case["said"]]
