"""Models that cannot be: each is one sentence that names the node."""

from __future__ import annotations

from typing import Any

import pytest

from torchwork.experiment import Model
from torchwork.graph import TensorSpec, resolve

LINEAR = {"Linear": {"out_features": 3}}


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ({"nodes": {"a": {"ReLU": {}, "from": "b"}, "b": {"ReLU": {}, "from": "a"}}},
         "model.nodes.a.from: the nodes form a cycle: a -> b -> a"),
        ({"nodes": {"a": {"ReLU": {}, "from": "a"}}}, "model.nodes.a.from: the nodes form a cycle: a -> a"),
        ({"nodes": {"a": {"ReLU": {}, "from": "stem"}}}, "model.nodes.a.from: there is no node or input called stem"),
        ({"nodes": {"a": {"Bilinear": {"out_features": 2}}}}, "model.nodes.a"),
        ({"inputs": ["x", "x"], "layers": [{"ReLU": {}, "from": "x"}]}, "model.inputs: two inputs are called x"),
        ({"layers": [{**LINEAR, "name": "a"}, {**LINEAR, "name": "a"}]}, "two nodes are called a"),
        ({"layers": ["A"], "modules": {"A": {"layers": ["B"]}, "B": {"layers": ["A"]}}},
         "model.modules.A: A uses itself: A -> B -> A"),
        ({"layers": [{"A": {"width": 3}}], "modules": {"A": {"arguments": {"size": 1}, "layers": [LINEAR]}}},
         "model.layers[0].A.width: A has no argument 'width'"),
        ({"layers": ["A"], "modules": {"A": {"inputs": ["x", "y"], "layers": [{"add": {}, "from": ["x", "y"]}]}}},
         "it takes 2 inputs (x, y), but gets 1"),
        ({"layers": ["ReLU"], "outputs": ["0", "0"]}, "model.outputs[1]: two outputs are called 0"),
    ],
)  # fmt: skip
def test_one_sentence(model: dict[str, Any], sentence: str) -> None:
    inputs = [TensorSpec((2, 4))] * len(model.get("inputs", ["input"]))
    (problem,) = resolve(Model.model_validate(model), inputs).problems
    assert sentence in str(problem) and "\n" not in str(problem)
