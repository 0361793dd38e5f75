"""Whatever is done to a network inside `untouched`, it comes out as it went in."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest
import torch
from torch import nn

from torchwork.inside import untouched


def network() -> nn.Sequential:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 2))
    model[1].eval()
    model[0].weight.requires_grad_(False)
    model(torch.randn(8, 4)).sum().backward()
    return model


@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_put_back(fails: bool) -> None:
    model = network()
    model[3].register_forward_hook(print_nothing)
    hook = next(iter(model[3]._forward_hooks.items()))
    modes = [module.training for module in model.modules()]
    gradients = {name: (item.grad, copy.deepcopy(item.grad)) for name, item in model.named_parameters()}
    buffers = {name: (item, item.clone()) for name, item in model.named_buffers()}
    wanted = [item.requires_grad for item in model.parameters()]
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # type: ignore[union-attr]

    def disturb() -> None:
        with untouched(model):
            model.train().requires_grad_(True)
            model.register_forward_hook(print_nothing)
            model[3]._forward_hooks.clear()
            model[1].running_var = torch.ones(4)
            model(torch.randn(8, 4)).sum().backward()
            random.random(), np.random.rand()
            if fails:
                raise ValueError

    if fails:
        with pytest.raises(ValueError):
            disturb()
    else:
        disturb()
    assert [module.training for module in model.modules()] == modes
    assert [item.requires_grad for item in model.parameters()] == wanted
    for name, item in model.named_parameters():
        assert item.grad is gradients[name][0]
        assert item.grad is None or torch.equal(item.grad, gradients[name][1])
    for name, item in model.named_buffers():
        assert item is buffers[name][0]
        assert torch.equal(item, buffers[name][1])
    assert not model._forward_hooks
    assert list(model[3]._forward_hooks.items()) == [hook]
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states[:2]  # type: ignore[union-attr]
    assert torch.equal(torch.get_rng_state(), states[2])


def test_averages_of_batch_norm_come_back_though_torch_counts_no_change() -> None:
    model = nn.BatchNorm1d(3)
    with untouched(model):
        model(torch.randn(8, 3) + 5)
        assert model.running_mean is not None and model.running_mean.abs().min() > 0.1
    assert model.running_mean.tolist() == [0, 0, 0]
    assert int(model.num_batches_tracked) == 0  # type: ignore[arg-type]


def test_a_graph_that_was_made_before_can_still_go_backwards() -> None:
    model = nn.BatchNorm1d(3).eval()
    loss = model(torch.randn(4, 3, requires_grad=True)).sum()
    with untouched(model), torch.no_grad():
        model(torch.randn(4, 3))
    loss.backward()


def print_nothing(*_: object) -> None:
    """A hook."""
