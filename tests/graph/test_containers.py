"""Nodes with names such as `convs.0`: modules in lists and dictionaries of their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from torchwork.experiment import Model
from torchwork.graph import Resolved, TensorSpec, resolve
from torchwork.graph.containers import in_order

LINEAR = {"Linear": {"out_features": 4}}


def resolved(nodes: dict[str, Any], **more: Any) -> Resolved:
    return resolve(Model.model_validate({"nodes": nodes, **more}), [TensorSpec((2, 4))])


def test_numbers_make_a_list_and_words_a_dictionary() -> None:
    built = resolved({"convs.0": LINEAR, "heads.age": LINEAR, "convs.1": LINEAR, "heads.0.last": LINEAR}).build()
    assert isinstance(built.convs, nn.ModuleList)
    assert isinstance(built.heads, nn.ModuleDict)
    keys = ["convs.0", "convs.1", "heads.age", "heads.0.last"]
    assert [name.removesuffix(".weight") for name in built.state_dict() if name.endswith("weight")] == keys
    twin = copy.deepcopy(built)
    given = torch.rand(2, 4)
    assert torch.equal(twin(given), built(given))


def test_a_list_with_a_gap_keeps_its_keys() -> None:
    built = resolved({"convs.0": LINEAR, "convs.2": LINEAR}).build()
    assert [*built.state_dict()][-1] == "convs.2.bias"


def test_what_is_written_by_hand_draws_the_same_weights() -> None:
    torch.manual_seed(0)
    built = resolved({"b.1": LINEAR, "a": LINEAR, "b.0": LINEAR}).build()
    torch.manual_seed(0)
    by_hand = nn.ModuleDict({"b": nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)]), "a": nn.Linear(4, 4)})
    assert all(torch.equal(one, other) for one, other in zip(built.parameters(), by_hand.parameters(), strict=True))
    assert in_order(["b.1", "a", "b.0", "c.x", "c.0"]) == ["b.0", "b.1", "a", "c.x", "c.0"]


def test_they_are_used_tied_repeated_and_taken_apart_like_others() -> None:
    nodes = {
        "cells.0": {"LSTM": {"hidden_size": 4}}, "again": {"use": "cells.0", "from": "cells.0[0]"},
        "rows.0": {**LINEAR, "repeat": 2, "from": "again[0]"}, "rows.1": LINEAR,
    }  # fmt: skip
    found = resolved(nodes, tie={"rows.1.weight": "rows.0.1.weight"})
    assert not found.problems
    built = found.build()
    assert built.rows[1].weight is built.rows[0][1].weight
    assert built(torch.rand(2, 4)).shape == (2, 4)


def test_rows_are_called_by_the_whole_name_in_their_module() -> None:
    modules = {"Inner": {"nodes": {"convs.0": LINEAR, "norms.0": "LayerNorm"}}}
    assert resolved({"stages.0": "Inner", "last": LINEAR}, modules=modules).labels == [
        "stages.0", "convs.0", "norms.0", "last",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "place", "words"),
    [
        ({"convs": LINEAR, "convs.0": LINEAR}, "model.nodes.convs", "convs.0 lies in it"),
        ({"a.b": LINEAR, "a.b.c": LINEAR}, 'model.nodes["a.b"]', "a.b.c lies in it"),
        ({"convs.items": LINEAR}, 'model.nodes["convs.items"]', "items is an attribute of every container"),
        ({"train.0": LINEAR}, 'model.nodes["train.0"]', "train is an attribute of every nn.Module"),
        ({"acts.0": "relu"}, 'model.nodes["acts.0"].relu', "relu is a function"),
        ({"w.0": {"Parameter": {"size": [4]}}, "x": LINEAR}, 'model.nodes["w.0"]', "only modules lie in lists"),
        ({"a.0": LINEAR, "a.1": {"use": "a.0"}}, 'model.nodes["a.1"]', "only modules lie in lists"),
        ({"a.0": LINEAR, "b": {**LINEAR, "from": "a.1"}}, "model.nodes.b.from", "no node or input called a.1"),
        ({"a.0": {"Linear": {"out_features": "wide"}}}, 'model.nodes["a.0"].Linear.out_features', "unknown name"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(nodes: dict[str, Any], place: str, words: str) -> None:
    problems = resolved(nodes).problems
    assert [problem.path for problem in problems] == [place]
    assert words in problems[0].message
