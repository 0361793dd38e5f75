"""The trial chooses among what is open, and leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from torchwork.engine import Classification, Update, keep_memory, set_fused, tune
from torchwork.engine import tune as tuning
from torchwork.experiment import Train

from .small import convolutional, differences, mlp, pictures, points


def choose(model: nn.Module, optimizer: Any, batch: Any, **settings: Any) -> Any:
    settings = {"device": "cpu", **settings}
    return tune(
        model, Classification(nn.CrossEntropyLoss()), [Update([optimizer])], batch, Train.model_validate(settings)
    )


def test_all_open_choices_are_tried_and_nothing_changes() -> None:
    model = convolutional()
    optimizer = torch.optim.Adam(model.parameters())
    weights, random_state = {k: v.clone() for k, v in model.state_dict().items()}, torch.get_rng_state()
    choice = choose(model, optimizer, pictures(8))
    assert list(choice.times) == ["contiguous", "contiguous, fused", "channels_last", "channels_last, fused"]
    fastest = min(choice.times.values())
    chosen = choice.memory_format + (", fused" if choice.fused else "")
    assert chosen == "contiguous" or choice.times[chosen] == fastest < 0.95 * choice.times["contiguous"]
    assert differences(dict(model.state_dict()), weights) == [] and not optimizer.state
    assert torch.equal(torch.get_rng_state(), random_state)
    assert optimizer.param_groups[0]["fused"] is None and model[0].weight.is_contiguous()  # type: ignore[index,union-attr]


def test_only_what_is_open_is_tried() -> None:
    net, conv = mlp(), convolutional()
    assert list(choose(net, torch.optim.SGD(net.parameters()), points(8)).times) == ["contiguous", "contiguous, fused"]
    assert choose(net, torch.optim.RMSprop(net.parameters()), points(8)).times == {}
    assert choose(net, torch.optim.Adam(net.parameters(), foreach=True), points(8)).times == {}
    assert choose(net, torch.optim.Adam(net.parameters(), fused=False), points(8)).times == {}
    decided = choose(conv, torch.optim.RMSprop(conv.parameters()), pictures(8), memory_format="channels_last")
    assert (decided.memory_format, decided.fused, decided.times) == ("channels_last", None, {})
    repeatable = choose(conv, torch.optim.Adam(conv.parameters()), pictures(8), deterministic=True)
    assert (repeatable.memory_format, repeatable.fused, repeatable.times) == ("contiguous", None, {})


def test_a_model_that_does_not_run_is_left_to_training() -> None:
    model = nn.Linear(2, 2)
    assert choose(model, torch.optim.Adam(model.parameters()), points(8)).times == {}


def test_the_fused_form_computes_the_same() -> None:
    results = []
    for fused in (True, False):
        model = mlp(0.0)
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        set_fused(optimizer, fused)
        nn.functional.cross_entropy(model(points()[0]), points()[1]).backward()
        optimizer.step()
        results.append([parameter.detach() for parameter in model.parameters()])
        assert optimizer.param_groups[0]["fused"] is (True if fused else None)
    for one, two in zip(*results, strict=True):
        torch.testing.assert_close(one, two)
    rmsprop = torch.optim.RMSprop(mlp().parameters())
    set_fused(rmsprop, True)
    assert "fused" not in rmsprop.defaults


def test_the_allocator_can_be_asked_twice() -> None:
    assert keep_memory() == keep_memory()
    assert callable(tuning)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_the_trial_runs_in_the_precision_of_training(precision: str) -> None:
    model = mlp()
    assert len(choose(model, torch.optim.AdamW(model.parameters()), points(8), precision=precision).times) == 2
