"""References, order of calls, and Graph's own behaviour."""

from __future__ import annotations

from torchwork.experiment import Definition
from torchwork.graph.wiring import Ref, wire

from .graph_models import resolved, told


def test_by_default_a_node_takes_from_the_one_before() -> None:
    wiring = wire(Definition.model_validate({"nodes": {"a": "ReLU", "b": "ReLU"}}), "model")
    assert wiring.steps["a"].sources == (Ref("input"),)
    assert wiring.steps["b"].sources == (Ref("a"),)
    assert wiring.outputs == (Ref("b"),) and wiring.single


def test_the_first_node_takes_all_inputs() -> None:
    wiring = wire(Definition.model_validate({"inputs": ["x", "y"], "nodes": {"a": "add"}}), "model")
    assert wiring.steps["a"].sources == (Ref("x"), Ref("y"))


def test_calls_follow_the_document_where_they_can() -> None:
    nodes = {
        "d": {"ReLU": {}, "from": "c"},
        "a": {"ReLU": {}, "from": "input"},
        "b": "ReLU",
        "c": "ReLU",
        "e": {"ReLU": {}, "from": "d"},
    }
    wiring = wire(Definition.model_validate({"nodes": nodes}), "model")
    assert wiring.order == ("a", "b", "c", "d", "e")


def test_a_long_chain_listed_backwards() -> None:
    count = 3000
    nodes = {f"n{place}": {"relu": {}, "from": f"n{place + 1}"} for place in range(count)} | {
        f"n{count}": {"relu": {}, "from": "input"}
    }
    found = resolved({"nodes": nodes, "outputs": "n0"}, (2, 3))
    assert told(found) == []
    assert found.rows[0].name == f"n{count}"


def test_nested_elements() -> None:
    wiring = wire(Definition.model_validate({"nodes": {"a": "GRU", "b": {"ReLU": {}, "from": "a[1][-2]"}}}), "model")
    assert wiring.steps["b"].sources == (Ref("a", (1, -2)),)
    assert str(wiring.steps["b"].sources[0]) == "a[1][-2]"
