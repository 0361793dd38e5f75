"""What is seen at the end of an epoch: of every layer, small, and without a trace."""

from __future__ import annotations

import torch
from torch import nn

import torchwork
from torchwork.inside import EpochLook, rarely

from .networks import Tokens


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 20, 3), nn.BatchNorm2d(20), nn.ReLU(inplace=True), nn.Dropout(), nn.Flatten(), nn.Linear(720, 4)
    )


def test_looks_become_rarer_and_the_last_epoch_has_one() -> None:
    assert [epoch for epoch in range(1, 31) if rarely(epoch, 30)] == [1, 2, 3, 5, 8, 13, 21, 30]


def test_outputs_maps_and_kernels_of_every_layer_are_there() -> None:
    model, x = network(), torch.randn(12, 3, 8, 8)
    view = EpochLook(model, x).take()
    assert list(view.histograms) == ["outputs/0", "outputs/1", "outputs/2", "outputs/5"]
    assert list(view.pictures) == ["maps/0", "maps/1", "maps/2", "kernels/0"]
    assert view.pictures["maps/0"].shape == (4 * 6 + 3, 4 * 6 + 3)
    assert view.pictures["kernels/0"].shape == (4 * 3 + 3, 5 * 3 + 4, 3)
    exact = torchwork.probe(model.eval(), x[:8])["1"]
    assert view.histograms["outputs/1"].counts.sum() == exact.numel()
    assert abs(view.histograms["outputs/1"].total - float(exact.double().sum())) < 1e-3
    assert view.numbers["layer_time/0"] > 0 and view.numbers["layer_memory/0"] == 20 * 36 * 4


def test_costs_come_once_and_maps_or_histograms_can_be_left_out() -> None:
    look = EpochLook(network(), torch.randn(2, 3, 8, 8), maps=0)
    assert look.take().numbers and not look.take().numbers
    assert not look.take().pictures
    view = EpochLook(network(), torch.randn(3, 3, 8, 8), maps=2, histograms=False).take()
    assert not view.histograms
    assert view.pictures["maps/0"].shape == (2 * 6 + 1, 16 * 6 + 15)


def test_large_maps_are_small_pictures() -> None:
    model = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1))
    assert EpochLook(model, torch.randn(1, 3, 200, 100)).take().pictures["maps/0"].shape == (4 * 48 + 3, 4 * 24 + 3)


def test_the_model_and_its_inputs_are_left_as_they_were() -> None:
    model, x = network(), torch.randn(4, 3, 8, 8)
    model(x).sum().backward()
    kept = {name: item.clone() for name, item in model.state_dict().items()}
    gradients, state = [item.grad for item in model.parameters()], torch.get_rng_state()
    look = EpochLook(model, x, lambda network, given: network(given.mul_(2)))
    assert look.take().histograms["outputs/0"].total == look.take().histograms["outputs/0"].total
    assert all(torch.equal(item, kept[name]) for name, item in model.state_dict().items())
    assert all(item.grad is old for item, old in zip(model.parameters(), gradients, strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training and not any(module._forward_hooks for module in model.modules())


def test_tokens_are_drawn_on_the_grid_of_their_patches() -> None:
    view = EpochLook(Tokens(first=True, class_token=True), torch.randn(2, 3, 32, 24)).take()
    drawn = {tag: picture.shape for tag, picture in view.pictures.items() if "encoder" in tag}
    assert len(drawn) == 2 * 5 and set(drawn.values()) == {view.pictures["maps/patches"].shape}
