"""What a document and its data say before any training; and that the offered change takes the finding away."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from torchwork.doctor import Diagnosis, Evidence, diagnose
from torchwork.doctor.network import is_plain, last_layer, layers
from torchwork.draw import apply
from torchwork.experiment import Experiment

from .records import DATA, DOCUMENT

Plain = dict[str, Any]
Change = Callable[[Plain, Plain], None]
CHANGES: dict[str, Change] = {}


def fault(rule: str) -> Callable[[Change], Change]:
    def keep(change: Change) -> Change:
        CHANGES[rule] = change
        return change

    return keep


def looked(document: Plain, data: Plain) -> Diagnosis:
    return diagnose(Evidence(document=Experiment.parse(document), data=data))


def names(found: Diagnosis) -> list[str]:
    return [item.rule for item in found.findings]


def stack(depth: int, activation: str) -> list[Any]:
    return [*(item for _ in range(depth) for item in ({"Linear": {"out_features": 64}}, activation)),
            {"Linear": {"out_features": "classes"}}]  # fmt: skip


@fault("softmax twice")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"].append({"Softmax": {"dim": 1}})


@fault("sigmoid twice")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"].append("Sigmoid")
    document["loss"] = "BCEWithLogitsLoss"


@fault("log_softmax missing")
def _(document: Plain, data: Plain) -> None:
    document["loss"] = "NLLLoss"


@fault("activation on the scores")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"].append("ReLU")


@fault("constant initialisation")
def _(document: Plain, data: Plain) -> None:
    document["parameters"] = [{"match": "*.weight", "init": "zeros_"}]


@fault("frozen without being trained before")
def _(document: Plain, data: Plain) -> None:
    document["parameters"] = [{"match": "0.*", "freeze": True}]


@fault("deep sigmoid stack")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"] = stack(6, "Sigmoid")


@fault("deep default initialisation")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"] = stack(14, "ReLU")


@fault("batch norm with a tiny batch")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"].insert(1, "BatchNorm2d")
    document["data"]["batch_size"] = 2


@fault("dropout too high")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"].insert(5, {"Dropout": {"p": 0.95}})


@fault("bottleneck")
def _(document: Plain, data: Plain) -> None:
    document["model"]["layers"][3] = {"Linear": {"out_features": 2}}


@fault("momentum too high")
def _(document: Plain, data: Plain) -> None:
    document["optimizer"]["SGD"]["momentum"] = 0.999


@fault("weight decay too high")
def _(document: Plain, data: Plain) -> None:
    document["optimizer"]["SGD"]["weight_decay"] = 0.5


@fault("learning rate unusual")
def _(document: Plain, data: Plain) -> None:
    document["optimizer"] = {"Adam": {"lr": 0.2}}


@fault("learning rate gone too soon")
def _(document: Plain, data: Plain) -> None:
    document["schedule"] = {"StepLR": {"step_size": 2, "gamma": 0.5}, "every": "step"}


@fault("schedule longer than training")
def _(document: Plain, data: Plain) -> None:
    document["schedule"] = {"CosineAnnealingLR": {"T_max": 10000}}


@fault("schedule shorter than training")
def _(document: Plain, data: Plain) -> None:
    document["schedule"] = {"CosineAnnealingLR": {"T_max": 2}}


@fault("too few steps")
def _(document: Plain, data: Plain) -> None:
    document["data"]["batch_size"] = 512
    data["steps_per_epoch"] = 4


@fault("inputs not normalised")
def _(document: Plain, data: Plain) -> None:
    document["data"]["normalize"] = "none"
    for items in data["facts"]["inputs"].values():
        items[0] |= {"mean": 70.0, "std": 90.0, "min": 0.0, "max": 255.0}


@fault("inputs without content")
def _(document: Plain, data: Plain) -> None:
    data["facts"]["inputs"]["train"][0] |= {"mean": 1.0, "std": 0.0, "min": 1.0, "max": 1.0}


@fault("values that are no numbers")
def _(document: Plain, data: Plain) -> None:
    data["facts"]["inputs"]["train"][0]["finite"] = 0.99


@fault("splits differ")
def _(document: Plain, data: Plain) -> None:
    data["facts"]["inputs"]["valid"][0] |= {"mean": 30.0, "std": 100.0}


@fault("validation copied from training")
def _(document: Plain, data: Plain) -> None:
    data["facts"]["copies"] = 0.4


@fault("samples in order")
def _(document: Plain, data: Plain) -> None:
    document["data"]["shuffle"] = False
    data["facts"]["sorted"] = 0.99


@fault("classes missing")
def _(document: Plain, data: Plain) -> None:
    data["spec"]["class_counts"]["train"][3] = 0


@fault("class imbalance")
def _(document: Plain, data: Plain) -> None:
    data["spec"]["class_counts"]["train"][3] = 4


@fault("targets far from zero")
def _(document: Plain, data: Plain) -> None:
    document["loss"] = "MSELoss"
    data["facts"]["targets"] = {"train": {"mean": 4000.0, "std": 3000.0}}
    data["spec"] = {}


def planted(rule: str) -> tuple[Plain, Plain]:
    document, data = copy.deepcopy(DOCUMENT), copy.deepcopy(DATA)
    CHANGES[rule](document, data)
    return document, data


def test_a_rare_class_with_samples_enough_is_worth_a_note() -> None:
    document, data = copy.deepcopy(DOCUMENT), copy.deepcopy(DATA)
    data["spec"]["class_counts"]["train"] = [9000, 800] + [9000] * 8
    assert [item.severity for item in looked(document, data).findings] == ["note"]
    document, data = planted("class imbalance")
    assert [item.severity for item in looked(document, data).findings] == ["warning"]


def test_nothing_is_said_of_a_healthy_document() -> None:
    assert looked(DOCUMENT, DATA).findings == ()


@pytest.mark.parametrize("rule", CHANGES)
def test_the_fault_is_named_and_nothing_else(rule: str) -> None:
    assert names(looked(*planted(rule))) == [rule]


LEFT = {"inputs not normalised"}
"""What only the data show: the change is of the document, and its effect is seen when the data are opened again."""


@pytest.mark.parametrize("rule", CHANGES)
def test_each_change_can_be_applied_and_takes_the_finding_away(rule: str) -> None:
    document, data = planted(rule)
    [finding] = looked(document, data).findings
    for change in finding.changes:
        changed = apply(document, change.edits).document
        data["steps_per_epoch"] = 2048 // changed["data"]["batch_size"]
        assert rule in LEFT or rule == "classes missing" or rule not in names(looked(changed, data))


def test_copies_among_rows_that_repeat_anyway_are_no_finding() -> None:
    data = copy.deepcopy(DATA)
    data["facts"] |= {"copies": 0.1, "repeats": 0.08}
    assert looked(DOCUMENT, data).findings == ()


def test_one_row_that_comes_twice_is_no_leak() -> None:
    data = copy.deepcopy(DATA)
    data["facts"] |= {"copies": 1 / 30, "samples": {"train": 120, "valid": 30}}
    assert looked(DOCUMENT, data).findings == ()


def test_a_short_cut_lets_a_deep_network_be() -> None:
    nodes: Plain = {"first": {"Linear": {"out_features": 64}}}
    for number in range(14):
        nodes |= {f"fc{number}": {"Linear": {"out_features": 64}}, f"relu{number}": "ReLU"}
    nodes |= {"sum": {"add": {}, "from": ["relu13", "first"]}, "head": {"Linear": {"out_features": "classes"}}}
    assert looked({**DOCUMENT, "model": {"nodes": nodes}}, DATA).findings == ()


def test_layers_are_called_like_their_modules() -> None:
    block = {"arguments": {"width": None}, "layers": [{"Linear": {"out_features": "width"}}, "ReLU"]}
    model = {
        "layers": [
            {"Block": {"width": 8}, "repeat": 2, "name": "body"},
            {"Linear": {"out_features": 3}, "name": "head"},
        ],
        "modules": {"Block": block},
    }
    found = Experiment.parse({**DOCUMENT, "model": model}).model
    assert [item.name for item in layers(found)] == ["body.0.0", "body.0.1", "body.1.0", "body.1.1", "head"]
    last = last_layer(found)
    assert last is not None and last.name == "head" and is_plain(found)


def test_a_bypassed_layer_is_not_there() -> None:
    layers_ = [*DOCUMENT["model"]["layers"], {"Softmax": {"dim": 1}, "bypass": True}]
    assert looked({**DOCUMENT, "model": {"layers": layers_}}, DATA).findings == ()
