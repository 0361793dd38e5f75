"""Single values of a document."""

from __future__ import annotations

from typing import Any

import pytest

from torchwork.draw import apply
from torchwork.draw.edit import SetValue, UnsetValue

from .documents import CHAIN, RESIDUAL, document, said


def after(start: dict[str, Any], *edits: SetValue | UnsetValue) -> dict[str, Any]:
    return apply(start, edits).document


def test_values_come_with_their_sections() -> None:
    assert after({}, SetValue(path="train.clip.norm", value=1.0)) == {"train": {"clip": {"norm": 1.0}}}
    assert after({}, SetValue(path="parameters[0].match", value="*")) == {"parameters": [{"match": "*"}]}
    assert after({"optimizer": "Adam"}, SetValue(path="optimizer.Adam.lr", value=0.1)) == {
        "optimizer": {"Adam": {"lr": 0.1}}
    }


def test_values_of_nodes() -> None:
    found = apply(document(CHAIN), [SetValue(path="model.layers[1].ReLU.inplace", value=True)])
    assert found.document["model"]["layers"][1] == {"ReLU": {"inplace": True}}
    assert (found.level, found.selected) == ("", ["1"])
    found = apply(document(RESIDUAL), [SetValue(path="model.modules.Block.nodes.bn1.BatchNorm2d.eps", value=0.1)])
    assert (found.level, found.selected) == ("Block", ["bn1"])


def test_what_becomes_empty_goes() -> None:
    start = {"train": {"clip": {"norm": 1.0}}, "seed": 1, "schedule": {"StepLR": {"step_size": 2}, "every": "step"}}
    assert after(start, UnsetValue(path="train.clip.norm")) == {"seed": 1, "schedule": start["schedule"]}
    assert after(start, UnsetValue(path="schedule.StepLR.step_size"))["schedule"] == {"StepLR": {}, "every": "step"}
    assert after({"loss": {"MSELoss": {"reduction": "sum"}}}, UnsetValue(path="loss.MSELoss.reduction")) == {
        "loss": "MSELoss"
    }
    rule = {"match": "*", "init": {"normal_": {"std": 1}}}
    assert after({"parameters": [rule]}, UnsetValue(path="parameters[0].init.normal_.std"))["parameters"] == [
        {"match": "*", "init": "normal_"}
    ]
    assert after({"parameters": [{"match": "*"}]}, UnsetValue(path="parameters[0]")) == {}


def test_a_level_may_become_empty() -> None:
    assert after({"model": {"layers": ["ReLU"]}}, UnsetValue(path="model.layers[0]")) == {"model": {"layers": []}}


@pytest.mark.parametrize("path", ["model.layers[9].ReLU", "model.layers.x", "seed.x", "name.x.y"])
def test_places_that_are_not_there(path: str) -> None:
    start = {**document(CHAIN), "seed": 3}
    assert "cannot be set" in said(start, SetValue(path=path, value=1))
    assert "there is nothing at" in said(start, UnsetValue(path=path))


def test_what_is_no_place() -> None:
    assert "expected a place such as" in said(CHAIN, SetValue(path="a..b", value=1))
