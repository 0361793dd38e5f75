"""Networks of several inputs are explained by one of them, while the others stay."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from torchwork.errors import TorchworkError
from torchwork.inside import METHODS, candidates_for, explain


class Pair(nn.Module):
    """Two pictures through one encoder, and a table that it changes in place."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True))
        self.rows, self.head = nn.Linear(5, 8), nn.Linear(24, 4)

    def forward(self, left: Tensor, table: Tensor, right: Tensor) -> Tensor:
        first, second = self.encoder(left).mean((2, 3)), self.encoder(right).mean((2, 3))
        return self.head(torch.cat([first, self.rows(table.mul_(2)), second], 1))


def pair() -> tuple[Pair, tuple[Tensor, Tensor, Tensor]]:
    torch.manual_seed(0)
    return Pair().eval(), (torch.randn(3, 9, 9), torch.randn(5), torch.randn(3, 9, 9))


@pytest.mark.parametrize(("which", "place", "begin"), [("left", 0, 0), (2, 2, 16)])
def test_one_of_several_inputs_at_its_own_call_of_a_shared_layer(which: Any, place: int, begin: int) -> None:
    model, inputs = pair()
    found = explain(model, inputs, "hires-cam", target=1, input=which, check=False)
    assert found.layer == "encoder.1"
    maps = model.encoder(inputs[place][None])[0].detach()
    expected = torch.einsum("k,khw->hw", model.head.weight[1, begin : begin + 8], maps).detach() / 49
    assert torch.allclose(found.raw, expected, atol=1e-6)
    assert [item.name for item in candidates_for(model, inputs, input=which)] == ["encoder.1", "encoder.0"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_sees_one_input_and_changes_none(method: str) -> None:
    model, inputs = pair()
    kept = [item.clone() for item in inputs]
    scores = model(*(item[None].clone() for item in inputs))[0].detach()
    first, other = (explain(model, inputs, method, input=name) for name in (None, "right"))
    assert torch.allclose(first.scores, scores) and first.trust is not None
    assert not torch.equal(first.map, other.map)
    assert all(torch.equal(*items) for items in zip(inputs, kept, strict=True))


def test_a_network_that_takes_one_batch_by_name() -> None:
    class ByName(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Pair()

        def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
            return {"scores": self.inner(batch["left"], batch["table"], batch["right"])}

    _, (left, table, right) = pair()
    torch.manual_seed(0)
    model, batch = ByName().eval(), {"table": table, "left": left, "right": right}
    for name in ("left", "right"):
        expected = explain(model.inner, (left, table, right), input=name)
        assert torch.equal(explain(model, batch, input=name).map, expected.map)
    assert torch.equal(explain(model, batch).map, explain(model, batch, input="left").map)
    with pytest.raises(TorchworkError, match="no input lefd; did you mean left"):
        explain(model, batch, input="lefd")


def test_integrated_gradients_of_one_input_add_up() -> None:
    model, (left, table, right) = pair()
    found = explain(model, (left, table, right), "integrated-gradients", target=0, input="right", check=False)
    with torch.no_grad():
        score, without = (model(left[None], table[None].clone(), item[None])[0, 0] for item in (right, right * 0))
    assert float(found.raw.sum()) == pytest.approx(float(score - without), abs=1e-3)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("rigth", "this network has no input rigth; did you mean right"),
        (3, "this network has no input 3; there are left, table, right"),
        ("table", r"expected one picture .*, got shape \[5\]"),
    ],
)
def test_an_input_that_is_not_there_or_no_picture(which: Any, said: str) -> None:
    with pytest.raises(TorchworkError, match=said):
        explain(*pair(), input=which)


def test_inputs_that_are_no_sample() -> None:
    model, (left, _, right) = pair()
    with pytest.raises(TorchworkError, match="one sample, all its inputs with a batch dimension"):
        explain(model, (left[None], torch.randn(2, 5), right[None]))
    with pytest.raises(TorchworkError, match="as tensors, in the order of `forward`"):
        explain(model, (left, None, right))  # type: ignore[arg-type]
