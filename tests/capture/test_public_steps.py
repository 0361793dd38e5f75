"""What public models taught of training steps, of sizes, and of functions."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from torchwork.capture import Captured, capture
from torchwork.capture.constructors import watched
from torchwork.capture.proof import prove
from torchwork.capture.report import CLOSE_STEP, Proof
from torchwork.code.script import print_model_file
from torchwork.experiment import Model, ModelDocument

FROZEN = "every size of the input is frozen, the batch too"


def ways(found: Captured) -> dict[str, str]:
    return {item.name: item.way for item in found.report.classes}


def test_a_step_with_other_gradients_is_not_proved() -> None:
    assert Proof(outputs=0.0, step=0.0).holds
    assert not Proof(outputs=0.0, step=2 * CLOSE_STEP).holds
    other = Model.model_validate({"layers": [{"Linear": {"out_features": 4}}, {"Dropout": {"p": 0.9}}]})
    found = prove(nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1)), other, [[torch.rand(8, 4)]])
    assert not found.holds
    assert "the gradients of a training step differ" in found.problem


def test_gradients_that_are_zero_but_for_rounding_are_no_difference() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    model = capture(net, [torch.rand(8, 4)], "net").model
    assert prove(net, model, [[torch.rand(8, 4)]]).holds


class Unseen(nn.Module):
    """Draws from a generator of its own, so that no two steps are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.generator = nn.Linear(4, 4), torch.Generator()

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        return x * torch.rand(x.shape, generator=self.generator) if self.training else x


def test_a_step_that_is_another_each_time_is_not_compared() -> None:
    same = Model.model_validate({"nodes": {"fc": {"Linear": {"out_features": 4}}}})
    found = prove(Unseen(), same, [[torch.rand(8, 4)]])
    assert found.holds and found.outputs == 0
    assert found.step is None and "others each time" in found.apart


class Undropped(nn.Module):
    """Gives what dropout took, not what it gave: in evaluation the two are one tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.drop, self.out = nn.Linear(4, 4), nn.Dropout(0.5), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        return self.out(self.drop(x)) + self.out(x)


def test_what_dropout_took_is_told_from_what_it_gave() -> None:
    found = capture(Undropped(), [torch.rand(4, 4)], "net")
    assert ways(found) == {"Undropped": "native"}
    assert found.report.proof.step == 0


class Norms(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        along = torch.linalg.vector_norm(x, dim=1, keepdim=True)
        return x.norm(), x.norm(dim=-1), x.norm(2, 1, True), x / along, torch.linalg.norm(x, dim=1)


def test_norms_are_distances_to_zero() -> None:
    found = capture(Norms(), [torch.rand(2, 3, 8, 8)], "net")
    assert ways(found) == {"Norms": "native"}
    assert found.report.proof.outputs == 0


class Filled(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return x + torch.empty(x.size(0), 1).fill_(2.0), x.clone().fill_(0) + x, x * x.clone().zero_()


def test_filled_tensors() -> None:
    found = capture(Filled(), [torch.rand(4, 6)], "net")
    assert "code" not in ways(found).values()
    assert found.report.proof.outputs == 0


class Scores(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.softmax(x)


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@pytest.mark.parametrize(("shape", "dim"), [((4, 6), 1), ((2, 3, 4), 0)])
def test_softmax_without_a_dimension_takes_the_one_of_torch(shape: tuple[int, ...], dim: int) -> None:
    found = capture(Scores(), [torch.rand(shape)], "net")
    assert found.report.proof.outputs == 0
    assert f"softmax along dimension {dim}, which torch chose" in found.report.classes[0].frozen[0]


class Words(nn.Module):
    """Sequences [time, batch], as PyTorch's own example of a language model takes them."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn, self.out = nn.Embedding(10, 8), nn.GRU(8, 8), nn.Linear(8, 10)

    def forward(self, words: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        output, hidden = self.rnn(self.embed(words), hidden)
        return self.out(output).view(-1, 10), hidden


def test_the_batch_may_stand_in_second_place() -> None:
    words = torch.randint(0, 10, (7, 4))
    found = capture(Words(), [words, torch.rand(1, 4, 8)], "net")
    assert found.report.proof.holds, found.report
    assert FROZEN not in found.report.notes
    assert found.report.proof.sizes[1] == "6x12, 1x12x8"


class Masked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True)
        self.encoder, self.out = nn.TransformerEncoder(layer, 1), nn.Linear(8, 3)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.out(self.encoder(x, mask))


def test_a_layer_behind_an_encoder_says_its_features() -> None:
    found = capture(Masked().eval(), [torch.rand(2, 5, 8), torch.zeros(5, 5)], "net")
    assert found.report.proof.holds, found.report
    assert "code" not in ways(found).values()


class Checked(nn.Module):
    """Asserts what holds of a GRU's numbers, and of no others."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.big = nn.GRU(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        output, hidden = self.rnn(x[-1:])
        assert (output == hidden).all()
        return self.big(output) if float(output.sum()) > -1e9 else output


def test_assertions_on_numbers_hold() -> None:
    with watched() as made:
        net = Checked()
    found = capture(net, [torch.rand(5, 2, 4)], "net", made)
    assert found.report.proof.holds, found.report


def _runs(found: Captured, module: nn.Module, tmp_path: Path, inputs: list[Tensor]) -> None:
    """The script of a capture gives what the module gives."""
    document = ModelDocument.parse({"name": "net", "model": found.model.as_dict()})
    text = print_model_file(document, base=tmp_path, trust=True)
    scope: dict[str, object] = {"__name__": "script"}
    exec(compile(text, "script", "exec"), scope)
    made = scope["make_model"]()  # type: ignore[operator]
    made.load_state_dict({f"{found.prefix}{key}": value for key, value in module.state_dict().items()})
    with torch.no_grad():
        assert torch.equal(made.eval()(*inputs), module.eval()(*inputs))


class Scaled(nn.Module):
    """Code for its assignment; the number with which it is called makes two classes of it."""

    def __init__(self) -> None:
        super(Scaled, self).__init__()  # noqa: UP008
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor, factor: float = 1.0) -> Tensor:
        x = self.fc(x).clone()
        x[:, 0] = x[:, 0] * factor
        return x


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Scaled(), Scaled()

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x, 2.0), 3.0)


def test_one_class_in_two_definitions_is_written_once(tmp_path: Path) -> None:
    with watched() as made:
        net = Twice()
    found = capture(net, [torch.rand(2, 4)], "net", made)
    assert list(ways(found).values()).count("code") == 1
    _runs(found, net, tmp_path, [torch.rand(2, 4)])
