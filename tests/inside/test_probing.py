"""`probe(model, x)`: what every layer gives, exact with in-place operations, with gradients, without a trace."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import rnn

import torchwork
from torchwork.errors import TorchworkError


class Block(nn.Module):
    """A reused in-place ReLU, a tuple, and a frozen layer."""

    def __init__(self, inplace: bool) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=inplace)
        self.lstm = nn.LSTM(16, 5, batch_first=True)
        self.first.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        h = self.relu(self.norm(self.first(x)))
        out, _ = self.lstm(self.relu(self.second(h)).flatten(2))
        return out[:, -1]  # type: ignore[no-any-return]


def block(inplace: bool) -> Block:
    torch.manual_seed(0)
    return Block(inplace)


X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def test_all_outputs_are_there_at_once_and_in_place_operations_change_none() -> None:
    exact, changed = (torchwork.probe(block(inplace), X) for inplace in (False, True))
    assert list(exact) == ["first", "norm", "relu", "second", "relu#2", "lstm"]
    assert torch.equal(exact.output, changed.output)
    for name in exact:
        a, b = exact[name], changed[name]
        assert torch.equal(a[0], b[0]) if name == "lstm" else torch.equal(a, b), name
    assert (changed["norm"] < 0).any()
    assert isinstance(exact["lstm"][1][0], Tensor)


@pytest.mark.parametrize("inplace", [False, True])
def test_gradients_are_those_of_autograd(inplace: bool) -> None:
    model = block(False).double()
    x = X.double()
    first = model.first(x).requires_grad_()
    normed = model.norm(first)
    out = model.lstm(model.relu(model.second(model.relu(normed))).flatten(2))[0][:, -1]
    wanted = torch.autograd.grad(out[0, 3], [first, normed])
    found = torchwork.probe(block(inplace).double(), x, gradients=lambda output: output[0, 3])
    assert torch.allclose(found.gradients["first"], wanted[0])
    assert torch.allclose(found.gradients["norm"], wanted[1])
    assert {"relu", "relu#2", "second", "lstm"} <= found.gradients.keys()


def test_nothing_of_it_stays() -> None:
    model = block(True)
    model(X).sum().backward()
    kept = {name: item.clone() for name, item in model.state_dict().items()}
    gradients = [item.grad for item in model.parameters()]
    copies = [None if item is None else item.clone() for item in gradients]
    state, x = torch.get_rng_state(), X.clone()
    found = torchwork.probe(model, x, gradients=lambda output: output.sum())
    assert found.gradients
    assert all(torch.equal(item, kept[name]) for name, item in model.state_dict().items())
    for item, before, copy in zip(model.parameters(), gradients, copies, strict=True):
        assert item.grad is before
        assert copy is None or torch.equal(before, copy)  # type: ignore[arg-type]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(x, X) and x.grad is None
    assert not any(module._forward_hooks for module in model.modules())
    assert model.training


def test_layers_can_be_chosen_and_a_wrong_name_says_what_is_near() -> None:
    found = torchwork.probe(block(True), X, layers="[fs]*")
    assert list(found) == ["first", "second"]
    with pytest.raises(KeyError, match="did you mean second"):
        found["secnd"]
    with pytest.raises(TorchworkError, match="did you mean norm"):
        torchwork.probe(block(True), X, layers="nrm")


def test_attention_is_a_layer_and_its_fast_path_hides_nothing() -> None:
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2).eval()
    found = torchwork.probe(model, torch.randn(2, 5, 8))
    assert [name for name in found if name.endswith(("self_attn", "linear1"))] == [
        f"layers.{number}.{part}" for number in (0, 1) for part in ("self_attn", "linear1")
    ]


def test_an_error_says_in_which_layer_it_came() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.ReLU(), nn.Linear(5, 2)))
    with pytest.raises(RuntimeError) as told:
        torchwork.probe(model, torch.randn(2, 4))
    assert told.value.__notes__ == ["in layer 1.1: 2×3"]
    with pytest.raises(TorchworkError, match=r"expected a network, an nn\.Module, got str"):
        torchwork.probe("model", torch.randn(2, 4))  # type: ignore[call-overload]
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_gradients_want_one_number() -> None:
    with pytest.raises(TorchworkError, match=r"got a tensor of shape \[2, 5\]"):
        torchwork.probe(block(True), X, gradients=lambda output: output)


def test_a_compiled_model_is_looked_into_as_it_was_written() -> None:
    model = block(True).eval()
    compiled = torch.compile(model, backend="eager")
    compiled(X)
    assert torch.equal(torchwork.probe(compiled, X)["second"], torchwork.probe(model, X)["second"])  # type: ignore[call-overload]


class Tagger(nn.Module):
    """An LSTM over packed sequences, with outputs by name."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.lstm, self.out = nn.Embedding(20, 8), nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 3)

    def forward(self, tokens: Tensor, lengths: Tensor, scale: float = 1.0) -> Named:
        packed = rnn.pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return Named(scores=self.out(hidden) * scale, hidden=hidden)


class Named(OrderedDict):  # type: ignore[type-arg]
    """Its items are attributes too, as those of well-known libraries."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def test_packed_sequences_are_seen_and_gradients_of_them() -> None:
    model, tokens, lengths = Tagger(), torch.randint(0, 20, (4, 7)), torch.tensor([7, 5, 3, 2])
    found = torchwork.probe(model, tokens, lengths, gradients=lambda output: output.scores[1, 4, 2])
    packed = found["lstm"][0]
    assert isinstance(packed, rnn.PackedSequence) and packed.data.shape == (17, 16)
    padded, _ = rnn.pad_packed_sequence(packed, batch_first=True)
    assert torch.equal(padded, found.output.hidden)
    assert found.gradients["lstm"].shape == (17, 16) and found.gradients["lstm"].any()


def test_inputs_by_name_and_outputs_of_ones_own_kind() -> None:
    model, tokens, lengths = Tagger(), torch.randint(0, 20, (2, 3)), torch.tensor([3, 2])
    by_place = torchwork.probe(model, tokens, lengths)
    by_name = torchwork.probe(model, tokens=tokens, lengths=lengths, scale=2.0, layers="out")
    assert isinstance(by_name.output, Named) and list(by_name) == ["out"]
    assert torch.equal(by_name.output.scores, by_place.output.scores * 2)
    grads = torchwork.probe(model, tokens, lengths=lengths, gradients=lambda output: output.scores[0, 0, 0]).gradients
    assert grads["out"].shape == (2, 3, 3)


def test_what_was_seen_is_printed_with_its_shapes() -> None:
    assert repr(torchwork.probe(block(True), X, layers="[fl]*")) == "first  2×4×6×6\nlstm  2×4×5, 1×2×5, 1×2×5"


def test_a_layer_that_gives_a_view_of_what_it_has_changed_does_not_end_the_process() -> None:
    """pytorch#196459: register_hook alone ends it."""

    class View(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            base = x * 1
            view = base[:, :2]
            base.mul_(2)
            return view

    found = torchwork.probe(nn.Sequential(nn.Linear(3, 4), View()), torch.ones(1, 3), gradients=torch.sum)
    assert found.gradients["1"].tolist() == [[1, 1]] and found.gradients["0"].tolist() == [[2, 2, 0, 0]]
