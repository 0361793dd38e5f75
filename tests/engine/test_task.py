"""Losses meet the targets that people have."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from torchwork.engine import Classification, Regression
from torchwork.errors import TrainingError

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 3.0], [1.0, 0.5, 0.0], [0.0, 4.0, 1.0]])
CLASSES = torch.tensor([0, 2, 1, 1])


class Fixed(nn.Module):
    def __init__(self, outputs: Any) -> None:
        super().__init__()
        self.outputs = outputs

    def forward(self, x: Any) -> Any:
        return self.outputs


def run(task: Any, outputs: Any, targets: Any) -> tuple[float, dict[str, float]]:
    batch = (torch.zeros(len(LOGITS), 1), targets)
    loss, out = task.loss(Fixed(outputs), batch, "model")
    sums = {name: value.double().numpy() for name, value in task.measure(out, batch).items()}
    return float(loss), {name: float(value) for name, value in task.summarize(sums, task.size(batch)).items()}


SOFT = torch.nn.functional.one_hot(CLASSES, 3).float() * 0.8 + 0.2 / 3
EXPECTED = nn.functional.cross_entropy(LOGITS, CLASSES)


@pytest.mark.parametrize("targets", [CLASSES, CLASSES.to(torch.uint8), CLASSES.int(), CLASSES[:, None]])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_classes_as_indices(targets: Tensor, reduction: str) -> None:
    loss, metrics = run(Classification(nn.CrossEntropyLoss(reduction=reduction)), LOGITS, targets)
    assert loss == pytest.approx(float(EXPECTED)) and metrics == {"accuracy": 0.75}


def test_a_sum_stays_a_sum() -> None:
    task = Classification(nn.CrossEntropyLoss(reduction="sum"))
    assert run(task, LOGITS, CLASSES)[0] == pytest.approx(4 * float(EXPECTED)) and task.reduction == "sum"


def test_classes_as_probabilities() -> None:
    loss, metrics = run(Classification(nn.CrossEntropyLoss()), LOGITS, SOFT.double())
    assert loss == pytest.approx(float(nn.functional.cross_entropy(LOGITS, SOFT))) and metrics == {"accuracy": 0.75}


@pytest.mark.parametrize(
    "outputs", [torch.tensor([1.0, -1.0, 2.0, -3.0]), torch.tensor([[1.0], [-1.0], [2.0], [-3.0]])]
)
def test_two_classes_from_one_output(outputs: Tensor) -> None:
    targets = torch.tensor([1, 0, 0, 0])
    loss, metrics = run(Classification(nn.BCEWithLogitsLoss()), outputs, targets)
    expected = nn.functional.binary_cross_entropy_with_logits(outputs.flatten(), targets.float())
    assert loss == pytest.approx(float(expected)) and metrics == {"accuracy": 0.75}
    loss, metrics = run(Classification(nn.BCELoss()), outputs.sigmoid(), targets)
    assert loss == pytest.approx(float(expected)) and metrics == {"accuracy": 0.75}


def test_several_labels_at_once() -> None:
    labels = torch.tensor([[1.0, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
    loss, metrics = run(Classification(nn.BCEWithLogitsLoss()), LOGITS, labels)
    assert loss == pytest.approx(float(nn.functional.binary_cross_entropy_with_logits(LOGITS, labels)))
    assert metrics["accuracy"] == pytest.approx(float(((LOGITS > 0) == (labels > 0.5)).float().mean()))


@pytest.mark.parametrize(
    "criterion",
    [
        nn.NLLLoss(),
        nn.MultiMarginLoss(),
        nn.BCEWithLogitsLoss(),
        nn.MultiLabelSoftMarginLoss(),
        nn.SoftMarginLoss(),
        nn.HingeEmbeddingLoss(),
        nn.MSELoss(),
        nn.L1Loss(),
        nn.SmoothL1Loss(),
        nn.HuberLoss(),
        nn.PoissonNLLLoss(),
        nn.KLDivLoss(reduction="batchmean"),
    ],
    ids=lambda criterion: type(criterion).__name__,
)
def test_every_loss_takes_class_indices(criterion: nn.Module) -> None:
    loss, metrics = run(Classification(criterion), LOGITS, CLASSES)
    assert loss == loss and 0 <= metrics["accuracy"] <= 1


def test_signed_losses_get_signs() -> None:
    signs = torch.nn.functional.one_hot(CLASSES, 3).float() * 2 - 1
    assert run(Classification(nn.SoftMarginLoss()), LOGITS, CLASSES)[0] == pytest.approx(
        float(nn.functional.soft_margin_loss(LOGITS, signs))
    )


def test_losses_of_several_inputs() -> None:
    mean, variance, target = torch.randn(4, 1), torch.rand(4, 1) + 0.1, torch.randn(4)
    loss, metrics = run(Regression(nn.GaussianNLLLoss()), (mean, variance), target)
    assert loss == pytest.approx(float(nn.functional.gaussian_nll_loss(mean, target[:, None], variance)))
    assert metrics["mae"] == pytest.approx(float((mean[:, 0] - target).abs().mean()))
    a, b, c = torch.randn(3, 4, 5)
    expected = float(nn.functional.triplet_margin_loss(a, b, c))
    assert run(Classification(nn.TripletMarginLoss()), (a, b, c), CLASSES)[0] == pytest.approx(expected)
    sign = torch.tensor([1, -1, 1, 1])
    expected = float(nn.functional.cosine_embedding_loss(a, b, sign))
    assert run(Classification(nn.CosineEmbeddingLoss()), (a, b), sign)[0] == pytest.approx(expected)
    logs = torch.randn(6, 4, 5).log_softmax(2)
    targets = (torch.randint(1, 5, (4, 3)), torch.full((4,), 6), torch.full((4,), 3))
    expected = float(nn.functional.ctc_loss(logs, *targets))
    assert run(Classification(nn.CTCLoss()), logs, targets)[0] == pytest.approx(expected)


def test_regression_does_not_broadcast() -> None:
    outputs, targets = torch.tensor([[1.0], [2.0], [3.0], [5.0]]), torch.tensor([1, 2, 3, 1])
    loss, metrics = run(Regression(nn.MSELoss()), outputs, targets)
    assert loss == 4.0 and metrics == {"mae": 1.0, "rmse": 2.0}
    with pytest.raises(TrainingError, match=r"outputs of shape \[4, 3\] with targets of shape \[4\]"):
        run(Regression(nn.MSELoss()), LOGITS, targets)


def test_numbers_as_classes_are_refused() -> None:
    with pytest.raises(TrainingError, match="expected class indices as whole numbers"):
        run(Classification(nn.CrossEntropyLoss()), LOGITS, torch.rand(4))


def test_predictions_are_shown_with_names_and_scores() -> None:
    shown = Classification(nn.CrossEntropyLoss(), ["ant", "bee", "cat"]).show(LOGITS)
    assert [item["class"] for item in shown] == ["ant", "cat", "ant", "bee"]
    assert sum(shown[0]["scores"]) == pytest.approx(1) and shown[0]["score"] == max(shown[0]["scores"])
    assert Classification(nn.BCEWithLogitsLoss()).show(torch.tensor([0.0, 9.0]))[1]["class"] == 1
    logs = Classification(nn.NLLLoss()).show(LOGITS.log_softmax(1))
    assert logs[0]["scores"] == pytest.approx(LOGITS[0].softmax(0).tolist())
    assert Regression(nn.MSELoss()).show(torch.tensor([[1.5]])) == [[1.5]]


def test_of_classes_of_pixels_the_share_of_each_is_shown() -> None:
    pixels = torch.tensor([[-1.0, -2.0], [-0.1, 3.0]])[None, None]
    [mask] = Regression(nn.BCEWithLogitsLoss()).show(pixels)
    assert mask == {"class": 0, "score": 0.75, "scores": [0.75, 0.25], "of": "pixels"}
    assert Regression(nn.BCEWithLogitsLoss()).probabilities(pixels).shape == (1, 2, 2, 2)
    [labels] = Classification(nn.CrossEntropyLoss(), ["ground", "ant"]).show(torch.cat([-pixels, pixels], 1))
    assert labels == {**mask, "class": "ground"}
    [tags] = Classification(nn.CrossEntropyLoss()).show(torch.cat([-pixels, pixels], 1).flatten(2))
    assert tags == {**mask, "of": "positions"}
    assert Regression(nn.BCEWithLogitsLoss()).show(torch.tensor([[0.5, 1.5]])) == [[0.5, 1.5]]
    assert Regression(nn.MSELoss()).show(pixels) == pixels.tolist()
