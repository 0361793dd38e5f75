"""Short trials: what they measure of networks that are right and wrong, and that they leave no trace."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from torchwork.inside.trials import FEW, Batch, certain, gap, trials

PIXELS, CLASSES = 12, 4


def loss(model: nn.Module, batch: Batch) -> Tensor:
    return nn.functional.cross_entropy(model(batch[0]), batch[1])


def batch(samples: int = 16) -> Batch:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(samples, PIXELS, generator=generator), torch.arange(samples) % CLASSES


def network(*more: nn.Module) -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(nn.Linear(PIXELS, 32), *more, nn.ReLU(), nn.Linear(32, CLASSES))


class Flat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.detach() * 0


class Across(nn.Module):
    """Takes the mean of the batch away, in evaluation too."""

    def forward(self, x: Tensor) -> Tensor:
        return x - x.mean(0)


def test_a_network_that_is_right_learns_a_few_samples_and_keeps_them_apart() -> None:
    found = trials(network(nn.Dropout(0.5)), batch(), loss).found
    assert found["few samples"]["last"] < 0.05 * found["few samples"]["first"]
    assert found["few samples"]["samples"] == FEW
    assert found["neighbours"]["changes"] < 1e-5 and found["inputs"]["differ"] > 0.01
    assert found["start"]["outputs are zero"] == pytest.approx(torch.tensor(float(CLASSES)).log().item())
    assert found["start"]["loss"] == pytest.approx(found["start"]["outputs are zero"], rel=0.3)


def test_inputs_that_do_not_arrive_are_seen() -> None:
    found = trials(network(Flat()), batch(), loss).found
    assert found["inputs"]["differ"] == 0.0
    assert found["few samples"]["last"] > 0.8 * found["few samples"]["first"] and found["few samples"]["steps"] > 100


def test_samples_that_mix_are_seen() -> None:
    assert trials(network(Across()), batch(), loss).found["neighbours"]["changes"] > 0.01


def test_batch_norm_does_not_mix_in_evaluation() -> None:
    assert trials(network(nn.BatchNorm1d(32)), batch(), loss).found["neighbours"]["changes"] < 1e-5


def test_a_network_of_several_inputs_and_outputs_is_tried() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 8), nn.Linear(8 + PIXELS, CLASSES)

        def forward(self, given: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            words, x = given
            scores = self.head(torch.cat([self.embed(words).mean(1), x], 1))
            return scores, scores.sum()

    torch.manual_seed(0)
    x, y = batch()
    made = ((torch.randint(0, 7, (16, 3)), x), y)
    found = trials(Both(), made, lambda model, b: nn.functional.cross_entropy(model(b[0])[0], b[1]))
    assert not found.skipped and found.found["neighbours"]["changes"] < 1e-5
    assert found.found["few samples"]["last"] < 0.1 * found.found["few samples"]["first"]


def test_averages_that_batch_norm_never_learnt_are_a_gap() -> None:
    x, y = batch(32)
    late, usual = network(nn.BatchNorm1d(32, momentum=1e-4)), network(nn.BatchNorm1d(32))
    for model in (late, usual):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(60):
            optimizer.zero_grad()
            loss(model.train(), (5 * x + 20, y)).backward()
            optimizer.step()
    apart = []
    for model in (late, usual):
        numbers = gap(model, [(5 * x + 20, y)], loss).found["gap"]
        apart.append(numbers["evaluation"] - numbers["training"])
    assert apart[0] > 1.0 > 0.05 > apart[1]
    assert gap(network(), [(x, y)], loss).found == {}


class Failing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            raise ValueError("not in training")
        return x


def test_a_trial_that_fails_takes_no_other_with_it() -> None:
    found = trials(network(Failing()), batch(), loss)
    assert set(found.found) == {"inputs", "neighbours"}
    assert found.skipped == {"start": "not in training", "few samples": "not in training"}


def test_it_ends_when_its_seconds_are_over() -> None:
    found = trials(network(Flat()), batch(), loss, seconds=0.0).found["few samples"]
    assert found["steps"] == 1


def state_of(model: nn.Module) -> dict[str, Any]:
    return {
        "weights": {name: item.clone() for name, item in model.state_dict().items()},
        "modes": [module.training for module in model.modules()],
        "gradients": [None if item.grad is None else item.grad.clone() for item in model.parameters()],
        "wanted": [item.requires_grad for item in model.parameters()],
        "hooks": [len(module._forward_hooks) for module in model.modules()],
        "random": torch.get_rng_state(),
    }


@pytest.mark.parametrize("more", [nn.BatchNorm1d(32), nn.Dropout(), Failing()], ids=["norm", "dropout", "failing"])
def test_nothing_is_left_behind(more: nn.Module) -> None:
    model = network(more).eval()
    model.train()
    model[1].eval()
    loss(model, batch()).backward()
    model[0].bias.requires_grad_(False)
    before = copy.deepcopy(state_of(model))
    trials(model, batch(), loss)
    gap(model, [batch()], loss)
    after = state_of(model)
    assert torch.equal(after.pop("random"), before.pop("random"))
    for name in ("weights", "gradients"):
        old, new = before.pop(name), after.pop(name)
        pairs = zip(old.values(), new.values(), strict=True) if name == "weights" else zip(old, new, strict=True)
        assert all(one is other if one is None else torch.equal(one, other) for one, other in pairs)
    assert after == before


def test_a_copy_without_chance_says_the_same_twice() -> None:
    lstm = nn.LSTM(4, 8, num_layers=2, dropout=0.5, batch_first=True)
    made, x = certain(lstm), torch.randn(2, 3, 4)
    assert made.training and torch.equal(made(x)[0], made(x)[0]) and lstm.dropout == 0.5


def test_a_loss_that_is_a_part_of_the_network_can_be_tried_on_zeros() -> None:
    model = nn.Sequential(nn.Linear(2, 3))
    model.loss = nn.Linear(3, 1)

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        return model.loss(model[0](batch[0])).sum() + model(batch[0]).sum()  # type: ignore[index, operator]

    found = trials(model, (torch.ones(4, 2), torch.zeros(4)), loss)
    assert "start" not in found.skipped and not model._forward_hooks
