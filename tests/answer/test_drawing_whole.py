"""The worker writes the message of the page itself: every field of it, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.answer.test_drawing_again import texts
from torchwork.answer.asking import answer
from torchwork.serve.drawings import Drawing

WRONG = {
    "no document": "[1, 2",
    "empty": "",
    "faults with ways out": "model: {example: [2x3], layers: [{Linear: {in_features: 4, out_features: 2}}, Foo]}\n",
    "infinity": "model: {example: [2x3], layers: [{Hardtanh: {max_val: .inf}}]}\n",
}


def drawn(text: str, edits: list[dict[str, Any]]) -> Any:
    asked = {"method": "draw", "arguments": {"text": text, "path": "a.yaml", "instances": {}, "edits": edits}}
    return json.loads(answer(json.dumps(asked)))


@pytest.mark.parametrize("text", [*texts().values(), *WRONG.values()], ids=[*texts(), *WRONG])
def test_a_drawing_is_written_whole(text: str) -> None:
    found = drawn(text, [])["found"]
    assert json.loads(Drawing.model_validate(found).model_dump_json()) == found and found["text"] == text


def test_edits_are_made_where_the_drawing_is() -> None:
    text = "model: {example: [2x3], layers: [ReLU]}  # mine\n"
    found = drawn(text, [{"do": "add", "part": "Tanh", "sources": ["0"]}, {"do": "rename", "node": "1", "name": "t"}])
    assert found["found"]["text"] == "model: {example: [2x3], layers: [ReLU, {Tanh: {}, name: t}]}  # mine\n"
    assert found["found"]["selected"] == ["t"]
    refused = drawn(text, [{"do": "remove", "nodes": ["nobody"]}])
    assert "nobody" in refused["error"] and refused["problems"]
