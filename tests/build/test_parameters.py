"""Rules by name pattern: freezing, initialisation, groups, and optimizers of their own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from torchwork.build.parameters import apply_rules, make_optimizers, rule_problems
from torchwork.errors import DocumentError
from torchwork.experiment import Optimizer, Rule

SGD = Optimizer.of("SGD", lr=0.1)


@pytest.fixture
def model() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))


def rules(*values: dict) -> list[Rule]:
    return [Rule.model_validate(value) for value in values]


def test_without_rules_there_is_one_optimizer_with_one_group(model: nn.Module) -> None:
    [optimizer] = make_optimizers(model, SGD, [])
    [group] = optimizer.param_groups
    assert group["params"] == list(model.parameters())
    assert group["lr"] == 0.1


def test_later_rules_win_and_equal_settings_share_a_group(model: nn.Module) -> None:
    written = rules(
        {"match": "*", "set": {"weight_decay": 0.01}}, {"match": "*.bias", "set": {"weight_decay": 0, "lr": 1.0}}
    )
    [optimizer] = make_optimizers(model, SGD, written)
    weights, biases = optimizer.param_groups
    assert weights["params"] == [model[0].weight, model[1].weight]
    assert (weights["weight_decay"], weights["lr"]) == (0.01, 0.1)
    assert (biases["weight_decay"], biases["lr"]) == (0, 1.0)


def test_a_rule_may_give_parameters_another_optimizer(model: nn.Module) -> None:
    first, second = make_optimizers(model, SGD, rules({"match": "1.*", "optimizer": {"AdamW": {"lr": 0.001}}}))
    assert isinstance(first, torch.optim.SGD)
    assert isinstance(second, torch.optim.AdamW)
    assert second.param_groups[0]["params"] == list(model[1].parameters())


def test_frozen_parameters_are_in_no_group(model: nn.Module) -> None:
    written = rules({"match": "0.*", "freeze": True})
    apply_rules(model, written)
    [optimizer] = make_optimizers(model, SGD, written)
    assert optimizer.param_groups[0]["params"] == list(model[1].parameters())


def test_initialisation_by_name(model: nn.Module) -> None:
    apply_rules(
        model, rules({"match": "*.bias", "init": {"constant_": {"val": 7}}}, {"match": "0.weight", "init": "eye_"})
    )
    assert model[1].bias.tolist() == [7]
    assert torch.equal(model[0].weight, torch.eye(3, 2))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"match": "2.*"}, "`2.*` matches no parameter"),
        ({"match": "0.wieght", "freeze": True}, "did you mean 0.weight"),
        ({"match": "*.bias", "init": "xavier_uniform_"}, "for 0.bias (3,)"),
    ],
)
def test_what_a_rule_cannot_do_is_said(model: nn.Module, written: dict, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        apply_rules(model, rules(written))
    assert message in str(caught.value)


def test_everything_frozen_is_refused(model: nn.Module) -> None:
    written = rules({"match": "*", "freeze": True})
    apply_rules(model, written)
    with pytest.raises(DocumentError, match="nothing to train"):
        make_optimizers(model, SGD, written)


def test_names_and_settings_of_rules_are_checked_without_a_model() -> None:
    written = rules(
        {"match": "*", "set": {"momentun": 0.9}},
        {"match": "*", "init": "kaiming_normal"},
        {"match": "*", "optimizer": "Adan"},
    )
    found = [str(problem) for problem in rule_problems(written, SGD)]
    assert found[0] == "parameters[0].set.momentun: SGD has no argument 'momentun' (did you mean momentum?)"
    assert "kaiming_normal_" in found[1]
    assert "parameters[2].optimizer" in found[2]


def test_a_network_without_parameters_is_told_so() -> None:
    with pytest.raises(DocumentError, match="model: the network has no parameters"):
        make_optimizers(nn.Sequential(nn.ReLU()), SGD, [])
