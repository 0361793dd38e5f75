"""Random models: what resolve says is what running them gives."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchwork.experiment import Model
from torchwork.graph import TensorSpec, resolve

from .graph_models import chain, resolved, told

LAYERS = st.one_of(
    st.integers(1, 9).map(lambda size: {"Linear": {"out_features": size}}),
    st.sampled_from(["ReLU", "Tanh", "Identity", "relu"]),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(LAYERS, min_size=1, max_size=8), st.lists(st.integers(1, 5), min_size=2, max_size=4))
def test_chains(layers: list[Any], shape: list[int]) -> None:
    found = resolved(chain(*layers), tuple(shape))
    assert told(found) == []
    built = found.build()
    assert found.output == TensorSpec(tuple(built(torch.rand(shape)).shape))
    assert found.totals.parameters == sum(weight.numel() for weight in built.parameters())


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_graph_resolves_or_says_why(data: st.DataObject) -> None:
    names = ["a", "b", "c", "d"]
    references = st.sampled_from([*names, "input", "a[0]", "zz", "b[1]"])
    parts = st.sampled_from(
        [
            *({"Linear": {"in_features": size, "out_features": 3}} for size in (4, 5)),
            *({name: {}} for name in ("add", "Foo", "flatten")),
            {"Linear": {"out_features": 3}},
            {"cat": {"dim": 1}},
            {"GRU": {"hidden_size": 2}},
            {"use": "a"},
            {"use": "d"},
        ]
    )
    nodes = {}
    for name in names:
        source = data.draw(st.none() | references | st.lists(references, min_size=1, max_size=3))
        nodes[name] = data.draw(parts) | ({} if source is None else {"from": source})
    model = Model.model_validate({"nodes": nodes})
    found = resolve(model, [TensorSpec((4, 4))])
    if found.problems:
        assert all(problem.path.startswith("model.") and problem.message for problem in found.problems)
        assert not any("Traceback" in str(problem) or "FakeTensor" in str(problem) for problem in found.problems)
        return
    output = found.build()(torch.rand(4, 4))
    if isinstance(output, torch.Tensor):
        assert found.output == TensorSpec(tuple(output.shape))
