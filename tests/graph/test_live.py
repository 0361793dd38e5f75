"""Summaries of live modules: right in every mode, and nothing of them is left in the module."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from torchwork.errors import TorchworkError
from torchwork.graph import TensorSpec, summarize

from .graph_models import B, E, H, T, encoder_mac


class Foreign(nn.Module):
    """A module of somebody: shared weights, a function call, a layer that its parent calls without its hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, E)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(E, 2, 16, batch_first=True), 2)
        self.lstm = nn.LSTM(E, H, batch_first=True)
        self.norm = nn.BatchNorm1d(H)
        self.head = nn.Linear(H, 11)
        self.loop = nn.Linear(H, H)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.lstm(self.encoder(self.embed(tokens)))[1][0][0]
        return self.head(self.loop(self.loop(F.dropout(self.norm(x), training=self.training))))


@pytest.mark.parametrize("training", [True, False])
def test_a_live_module_costs_the_same_in_training_and_evaluation(training: bool) -> None:
    module = Foreign().train(training)
    with torch.no_grad():
        summary = summarize(module, [TensorSpec((B, T), "int64")])
    assert summary.totals.parameters == sum(weight.numel() for weight in module.parameters())
    expected = 2 * encoder_mac(16) + B * T * 4 * H * (E + H) + B * H * (2 * H + 11)
    assert summary.totals.mac == expected
    assert summary.output == TensorSpec((B, 11))
    names = [row.name for row in summary.rows]
    assert names[:4] == ["", "embed", "encoder", "encoder.layers.0"]
    assert [row.shared for row in summary.rows if row.name == "loop"] == ["", "loop"]
    assert {row.name: row.parameters for row in summary.rows}["encoder.layers.0.self_attn"] == 4 * E * E + 4 * E


def test_a_live_module_is_left_as_it_was() -> None:
    module = Foreign()
    module.norm.eval()
    module.head.weight.grad = torch.ones_like(module.head.weight)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    addresses = [tensor.data_ptr() for tensor in module.state_dict().values()]
    modes = [child.training for child in module.modules()]
    generator = torch.get_rng_state()
    summarize(module, [torch.zeros(B, T, dtype=torch.int64)])
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    assert addresses == [tensor.data_ptr() for tensor in module.state_dict().values()]
    assert modes == [child.training for child in module.modules()]
    assert torch.equal(generator, torch.get_rng_state())
    assert torch.equal(module.head.weight.grad, torch.ones_like(module.head.weight))
    assert module.embed.weight.grad is None
    assert not any(child._forward_hooks or child._forward_pre_hooks for child in module.modules())


class Choosing(nn.Module):
    """Its path depends on the numbers, so that fake tensors cannot run it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(E)
        self.head = nn.Linear(E, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.dropout(self.norm(x))
        return self.head(x[x.sum(1) > -1e9]) if float(x.sum()) > -1e9 else x


def test_a_live_module_whose_shapes_depend_on_the_data_runs_as_a_copy() -> None:
    module, x = Choosing(), torch.rand(B, E)
    before = module.norm.running_mean.clone()
    generator = torch.get_rng_state()
    summary = summarize(module, [x])
    assert summary.totals.mac == B * E * 2
    assert torch.equal(module.norm.running_mean, before)
    assert torch.equal(generator, torch.get_rng_state())


def test_a_live_module_that_cannot_run_is_a_sentence() -> None:
    with pytest.raises(TorchworkError, match="Linear cannot run on inputs of the shapes 2x4"):
        summarize(nn.Linear(3, 2), [TensorSpec((2, 4))])
