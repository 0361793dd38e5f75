"""`make_unique`: a definition of its own for one instance."""

from __future__ import annotations

import pytest

from torchwork.errors import DocumentError
from torchwork.experiment import Model, make_unique

MODEL = Model.model_validate(
    {
        "nodes": {"a": {"Block": {"n": 2}}, "b": {"Block": {"n": 3}, "from": "a"}, "c": "Stage", "act": "ReLU"},
        "modules": {
            "Block": {"arguments": {"n": 1}, "layers": [{"Linear": {"out_features": "n"}}]},
            "Stage": {"layers": ["Block", "Block"]},
        },
    }
)


def test_one_instance_gets_a_copy_and_keeps_all_else() -> None:
    found = make_unique(MODEL, "nodes.b")
    assert found.nodes is not None and MODEL.nodes is not None
    assert found.nodes["b"].as_dict() == {"Block2": {"n": 3}, "from": "a"}
    assert found.nodes["a"] == MODEL.nodes["a"] and list(found.nodes) == list(MODEL.nodes)
    assert list(found.modules) == ["Block", "Block2", "Stage"]
    assert found.modules["Block2"] == MODEL.modules["Block"]
    assert "Block2" not in MODEL.modules


def test_names_count_up_and_places_may_lie_in_definitions() -> None:
    found = make_unique(make_unique(MODEL, "nodes.b"), "model.modules.Stage.layers[1]")
    stage = found.modules["Stage"].layers
    assert stage is not None and [node.name for node in stage] == ["Block", "Block3"]
    assert Model.model_validate(found.as_dict()) == found


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("nodes.act", "ReLU is no definition"),
        ("nodes.zzz", "there is no node here"),
        ("modules.Stage.layers[7]", "there is no node here"),
        ("modules.Block", "there is no node here"),
        ("nodes.a.name", "there is no node here"),
        ("", "expected a place"),
    ],
)
def test_other_places_are_refused(path: str, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        make_unique(MODEL, path)
    assert sentence in str(caught.value)
