"""CTC: targets padded with the blank, outputs read by each time step's best class."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from torchwork.engine import Transcription
from torchwork.errors import TrainingError

BLANK = 0


def spoken(*rows: list[int], classes: int = 4) -> Tensor:
    """Log probabilities [T, N, C] whose best classes are these rows."""
    scores = nn.functional.one_hot(torch.tensor(rows), classes).float() * 9
    return scores.log_softmax(2).transpose(0, 1)


def task() -> Transcription:
    return Transcription(nn.CTCLoss(blank=BLANK))


def test_it_reads_without_repetitions_and_blanks() -> None:
    outputs = spoken([1, 1, 0, 1, 2, 2], [0, 3, 3, 0, 0, 3], [0, 0, 0, 0, 0, 0])
    assert task().show(outputs) == [[1, 1, 2], [3, 3], []]


def test_accuracy_counts_whole_sequences() -> None:
    outputs = spoken([1, 1, 0, 1, 2, 2], [0, 3, 3, 0, 0, 3])
    targets = torch.tensor([[1, 1, 2], [3, 2, BLANK]])
    assert task().measure(outputs, (None, targets)) == {"accuracy": torch.tensor(1)}


@pytest.mark.parametrize("dtype", [torch.int64, torch.float32])
def test_padded_targets_get_their_lengths(dtype: torch.dtype) -> None:
    outputs = spoken([1, 2, 0, 1, 2, 2], [0, 3, 3, 0, 0, 3])
    targets = torch.tensor([[1, 2, 1], [3, BLANK, BLANK]])
    expected = nn.functional.ctc_loss(outputs, targets, torch.tensor([6, 6]), torch.tensor([3, 1]))
    model = nn.Identity()
    assert torch.equal(task().loss(model, (outputs, targets.to(dtype)), "model")[0], expected)


def test_one_class_a_sample_is_a_sequence_too() -> None:
    outputs = spoken([1, 2, 0], [0, 3, 3])
    expected = nn.functional.ctc_loss(outputs, torch.tensor([[2], [3]]), torch.tensor([3, 3]), torch.tensor([1, 1]))
    assert torch.equal(task().loss(nn.Identity(), (outputs, torch.tensor([2, 3])), "model")[0], expected)


@pytest.mark.parametrize("shape", [(2, 4), (2, 6, 4)])
def test_outputs_of_another_shape_are_told(shape: tuple[int, ...]) -> None:
    with pytest.raises(TrainingError, match=r"expected|takes log probabilities of shape \[time, samples, classes\]"):
        task().loss(nn.Identity(), (torch.zeros(shape), torch.tensor([1, 2, 3])), "model")
