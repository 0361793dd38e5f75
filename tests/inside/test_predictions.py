"""Confusions, calibration, mistakes and points: numbers worked out by hand, and nothing left behind."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from torchwork.errors import DataError
from torchwork.inside import predict
from torchwork.inside.calibration import Reliability, calibration_error
from torchwork.inside.confusion import confusion, table
from torchwork.inside.embedding import nearest, pca
from torchwork.inside.mistakes import cross_entropies, largest_losses, most_certain
from torchwork.inside.tsne import affinities, tsne

# Nine samples of three classes: a is found twice of three, b always, and what is taken for c never is.
TRUE = torch.tensor([0, 0, 0, 1, 1, 1, 1, 2, 2])
SAID = torch.tensor([0, 0, 2, 1, 1, 1, 1, 1, 0])


def test_a_confusion_matrix_has_true_classes_as_rows() -> None:
    assert confusion(SAID, TRUE, 3).tolist() == [[2, 0, 1], [0, 4, 0], [1, 1, 0]]


def test_the_table_of_classes_by_hand() -> None:
    a, b, c = table(confusion(SAID, TRUE, 3), ["a", "b", "c"])
    assert (a.samples, a.predicted, b.samples, b.predicted, c.samples, c.predicted) == (3, 3, 4, 5, 2, 1)
    assert (a.precision, a.recall, a.f1, a.iou) == pytest.approx((2 / 3, 2 / 3, 2 / 3, 2 / 4))
    assert (b.precision, b.recall, b.f1, b.iou) == pytest.approx((4 / 5, 1, 8 / 9, 4 / 5))
    assert (c.precision, c.recall, c.f1, c.iou) == (0, 0, 0, 0)


def test_a_class_without_samples_has_no_recall_and_one_that_nothing_is_taken_for_no_precision() -> None:
    absent, never = table(confusion(torch.tensor([0, 0]), torch.tensor([1, 1]), 3), ["absent", "never", "neither"])[:2]
    assert (absent.precision, absent.f1, never.recall, never.f1) == (0, 0, 0, 0)
    assert math.isnan(absent.recall) and math.isnan(never.precision)
    neither = table(confusion(torch.tensor([0]), torch.tensor([1]), 3), ["", "", "neither"])[2]
    assert all(map(math.isnan, (neither.precision, neither.recall, neither.f1, neither.iou)))


def test_pixels_without_a_class_do_not_count() -> None:
    targets = torch.tensor([[[0, -100], [1, 255]]])
    assert confusion(torch.ones_like(targets), targets, 2).tolist() == [[0, 1], [0, 1]]
    assert confusion(torch.ones_like(targets), targets, 2, ignored=0).tolist() == [[0, 0], [0, 1]]


def test_calibration_by_hand() -> None:
    """Two of 0.62 of which one is right, one of 0.95 that is right, one of exactly 0.2: bins are open at their foot."""
    reliability = Reliability()
    reliability.add(torch.tensor([0.62, 0.62]), torch.tensor([True, False]))
    reliability.add(torch.tensor([0.95, 0.2, math.nan], dtype=torch.float64), torch.tensor([True, False, True]))
    bins = reliability.bins()
    rows = [(item.samples, round(item.confidence, 6), item.accuracy) for item in bins]
    used = {place: row for place, row in enumerate(rows) if row[0]}
    assert used == {2: (1, 0.2, 0.0), 9: (2, 0.62, 0.5), 14: (1, 0.95, 1.0)}
    assert (bins[2].low, bins[2].high) == pytest.approx((2 / 15, 3 / 15))
    assert math.isnan(bins[0].accuracy)
    assert calibration_error(bins) == pytest.approx((0.2 + 2 * 0.12 + 0.05) / 4)


def test_without_predictions_there_is_no_calibration_error() -> None:
    assert math.isnan(calibration_error(Reliability().bins()))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_one_value_that_is_no_number_moves_no_other_point(wrong: float) -> None:
    rows = torch.randn(20, 5, generator=torch.Generator().manual_seed(0))
    rows[3] = torch.cat([rows[:3], rows[4:]]).mean(0)
    expected = pca(rows)
    rows[3, 2] = wrong
    assert torch.allclose(pca(rows), expected, atol=1e-5)
    assert tsne(rows, steps=5).isfinite().all()
    assert pca(torch.full((4, 3), wrong)).eq(0).all()


def test_the_loss_of_each_sample_is_cross_entropy() -> None:
    torch.manual_seed(0)
    outputs, targets = torch.randn(5, 4, 3), torch.randint(4, (5, 3))
    targets[0, 0] = -100
    expected = nn.functional.cross_entropy(outputs, targets, reduction="none")
    assert torch.allclose(cross_entropies(outputs.softmax(1), targets).float(), expected, atol=1e-6)


def test_the_worst_come_first_and_what_is_no_number_before_all() -> None:
    losses = torch.tensor([1.0, 3.0, math.nan, 3.0, 2.0])
    assert largest_losses(losses) == [2, 1, 3, 4, 0]
    assert largest_losses(losses, torch.tensor([True, True, False, True, False]), 2) == [1, 3]
    assert most_certain(torch.tensor([0.9, 0.5, 0.99]), torch.tensor([True, True, False])) == [0, 1]


def test_principal_components_are_those_of_the_singular_values() -> None:
    torch.manual_seed(0)
    for shape in ((40, 6), (6, 40)):
        rows = torch.randn(shape) * torch.arange(1, shape[1] + 1)
        u, s, _ = torch.linalg.svd(rows - rows.mean(0), full_matrices=False)
        points = pca(rows)
        assert torch.allclose(points.abs(), (u * s)[:, :2].abs(), atol=1e-3)
        assert torch.equal(points, pca(rows))


def test_an_axis_points_where_its_largest_weight_is_positive() -> None:
    rows = torch.tensor([[0.0, 0.0], [0.0, -1.0], [0.0, -4.0]])
    assert pca(rows)[:, 0].tolist() == pytest.approx([5 / 3, 2 / 3, -7 / 3])
    assert pca(rows)[:, 1].abs().max() < 1e-6


def test_points_of_huge_numbers_can_be_told_apart_by_their_neighbours() -> None:
    rows = torch.randn(20, 5, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(tsne(rows * 2.0**80, steps=50), tsne(rows, steps=50), atol=1e-3)


@pytest.mark.parametrize("rows", [torch.ones(5, 3), torch.ones(1, 3), torch.arange(4.0)[:, None]])
def test_points_that_have_no_second_dimension_lie_on_a_line(rows: Tensor) -> None:
    assert pca(rows).shape == tsne(rows, steps=5).shape == (len(rows), 2)
    assert pca(rows).isfinite().all() and tsne(rows, steps=5).isfinite().all()


def test_neighbours_are_nearest_by_their_angle() -> None:
    rows = torch.tensor([[10.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 0.0], [0.0, 0.0]])
    found = nearest(torch.tensor([2.0, 0.0]), rows, 4)
    assert [index for index, _ in found] == [0, 2, 1, 4]
    assert [distance for _, distance in found] == pytest.approx([0, 1 - math.sqrt(0.5), 1, 1])


def test_what_is_no_number_is_near_to_nothing() -> None:
    rows = torch.tensor([[1.0, 0.0], [math.inf, 1.0], [math.nan, 1.0], [0.0, 1.0]])
    assert [index for index, _ in nearest(rows[0], rows, 4)] == [0, 3]
    assert nearest(rows[1], rows, 4) == nearest(rows[2], rows, 4) == []


def test_affinities_have_the_wanted_perplexity() -> None:
    torch.manual_seed(0)
    found = affinities(torch.randn(60, 5), 10.0)
    assert float(found.sum()) == pytest.approx(1, abs=1e-4)
    assert torch.allclose(found, found.T)
    # Rows were made symmetric since, so each has its perplexity only about.
    rows = found / found.sum(1, keepdim=True)
    assert float(torch.special.entr(rows).sum(1).exp().mean()) == pytest.approx(10, rel=0.4)


def test_tsne_keeps_groups_together_that_two_components_cannot_tell_apart() -> None:
    torch.manual_seed(0)
    groups = torch.arange(8).repeat_interleave(20)
    rows = nn.functional.one_hot(groups).float() * 5 + torch.randn(160, 8) * 0.3
    points = tsne(rows)
    assert _alike(points, groups) > 0.95 > _alike(pca(rows), groups)
    assert torch.equal(points, tsne(rows))


def _alike(points: Tensor, groups: Tensor) -> float:
    apart = torch.cdist(points, points).fill_diagonal_(math.inf)
    return float((groups[apart.argmin(1)] == groups).float().mean())


def batches(inputs: Tensor, targets: Tensor, size: int = 4) -> list[tuple[Tensor, Tensor]]:
    return list(zip(inputs.split(size), targets.split(size), strict=True))


class Scores(nn.Module):
    """Gives what it gets, through a last layer of ones on the diagonal."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.relu, self.last = nn.ReLU(inplace=True), nn.Linear(count, count, bias=False)
        nn.init.eye_(self.last.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.relu(x))  # type: ignore[no-any-return]


def test_predictions_of_classes() -> None:
    scores = torch.eye(3)[SAID] * 4.0
    scores[2, 2] = 9.0  # the surest of all mistakes
    made = predict(Scores(3), batches(scores, TRUE), classes=["a", "b", "c"])
    assert made.kind == "classes" and made.samples == 9
    assert made.accuracy == pytest.approx(6 / 9)
    assert made.confusion.tolist() == [[2, 0, 1], [0, 4, 0], [1, 1, 0]]
    assert torch.allclose(made.scores, scores.softmax(1))
    assert [item.index for item in made.mistakes()] == [2, 7, 8]
    worst = made.mistakes(1)[0]
    assert (worst.truth, worst.predicted) == ("a", "c")
    assert worst.loss == pytest.approx(float(nn.functional.cross_entropy(scores[2:3], TRUE[2:3])), rel=1e-5)
    assert worst.confidence == pytest.approx(float(scores[2].softmax(0)[2]), rel=1e-6)
    assert [item.index for item in made.mistakes(by="confidence")] == [2, 7, 8]
    assert sum(item.samples for item in made.bins) == 9


def test_the_last_layer_is_read_before_anything_changes_it() -> None:
    inputs = torch.randn(9, 3)
    kept = inputs.clone()
    made = predict(Scores(3), batches(inputs, TRUE))
    assert made.hidden is not None and made.hidden.layer == "last"
    assert torch.equal(made.hidden.rows, kept.relu())
    assert torch.equal(inputs, kept)  # an in-place ReLU must not reach somebody's data


def test_of_many_samples_rows_are_kept_that_are_evenly_spread() -> None:
    inputs = torch.arange(10.0)[:, None].repeat(1, 2) + 1
    made = predict(Scores(2), batches(inputs, torch.zeros(10, dtype=torch.int64)), indices=torch.arange(10), hidden=4)
    assert made.hidden is not None and made.hidden.places.tolist() == [0, 3, 6, 9]
    assert made.hidden.rows[:, 0].tolist() == [1, 4, 7, 10]


def test_classes_without_a_name_get_their_number() -> None:
    made = predict(Scores(3), batches(torch.eye(3), torch.tensor([0, 1, 2])), classes=["a"])
    assert made.classes == ["a", "1", "2"]


def test_predictions_of_pixels() -> None:
    """Two pictures of 1x4 pixels, three classes: one pixel without a class, two wrong in the second."""
    said = torch.tensor([[[0, 0, 1, 1]], [[2, 2, 2, 0]]])
    true = torch.tensor([[[0, 0, 1, -100]], [[1, 1, 2, 0]]])
    model = nn.Conv2d(3, 3, 1, bias=False)
    nn.init.dirac_(model.weight)
    scores = nn.functional.one_hot(said).movedim(-1, 1).float() * 3
    made = predict(model, batches(scores, true, 1), classes=["a", "b", "c"])
    assert made.kind == "places"
    assert made.confusion.tolist() == [[3, 0, 0], [0, 1, 2], [0, 0, 1]]
    assert [row.iou for row in made.rows] == pytest.approx([1, 1 / 3, 1 / 3])
    assert made.right.tolist() == [1, 0.5] and made.accuracy == 0.75
    [only] = made.mistakes()
    assert (only.index, only.truth, only.predicted) == (1, "b", "c")
    assert only.confidence == pytest.approx(float(scores[1, :, 0, 0].softmax(0)[2]))
    assert sum(item.samples for item in made.bins) == 7
    assert only.loss == pytest.approx(float(nn.functional.cross_entropy(scores[1:], true[1:])))
    assert made.hidden is not None and torch.allclose(made.hidden.rows, scores.mean((2, 3)))


def test_predictions_of_numbers() -> None:
    """Errors 1, -1, 2 of targets 1, 2, 6: squares 6, deviations 4 + 1 + 9."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    targets = torch.tensor([1.0, 2.0, 6.0])
    made = predict(model, batches(torch.tensor([[2.0], [1.0], [8.0]]), targets, 2))
    assert made.kind == "values" and made.accuracy is None and made.errors is not None
    assert made.errors.mean_absolute == pytest.approx(4 / 3)
    assert made.errors.root_mean_square == pytest.approx(math.sqrt(2))
    assert made.errors.r2 == pytest.approx(1 - 6 / 14)
    worst = made.mistakes()[0]
    assert (worst.index, worst.truth, worst.predicted, worst.loss) == (2, "6", "8", 4)


def test_numbers_that_do_not_vary_have_no_r2() -> None:
    made = predict(nn.Linear(1, 1), batches(torch.randn(3, 1), torch.ones(3, 1)))
    assert made.errors is not None and math.isnan(made.errors.r2)
    assert made.as_dict()["r2"] is None


def test_scores_that_are_no_numbers_are_said() -> None:
    model = nn.Linear(2, 2)
    nn.init.constant_(model.weight, math.nan)
    made = predict(model, batches(torch.ones(4, 2), torch.tensor([0, 1, 0, 1])))
    assert made.notes == ["4 samples have scores that are no numbers: the training has diverged"]
    assert sum(item.samples for item in made.bins) == 0
    numbers = predict(model, batches(torch.ones(4, 2), torch.zeros(4, 2)))
    assert numbers.notes == made.notes


@pytest.mark.parametrize("fails", [False, True])
def test_a_network_is_left_as_it_was(fails: bool) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(4 * 36, 3))
    model[2].eval()  # not all in one mode
    model(torch.randn(2, 3, 8, 8)).sum().backward()
    before = _state(model)
    targets: Any = torch.tensor([0, 1, 2, 0])
    inputs, larger = torch.randn(4, 3, 8, 8), torch.randn(4, 3, 9, 9)
    before["random"] = torch.get_rng_state()
    if fails:
        with pytest.raises(RuntimeError):
            predict(model, [(inputs, targets), (larger, targets)])
    else:
        predict(model, [(inputs, targets)])
    after = _state(model) | {"random": torch.get_rng_state()}
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in model.modules())


def _state(model: nn.Module) -> dict[str, Tensor]:
    modes = {f"{name} mode": torch.tensor(module.training) for name, module in model.named_modules()}
    gradients = {f"{name} gradient": item.grad for name, item in model.named_parameters() if item.grad is not None}
    copies = {name: item.clone() for name, item in (model.state_dict() | gradients).items()}
    return modes | copies


def test_data_without_targets_or_samples_are_refused() -> None:
    with pytest.raises(DataError, match="no targets"):
        predict(nn.Linear(2, 2), [(torch.ones(2, 2), None)])
    with pytest.raises(DataError, match="no sample"):
        predict(nn.Linear(2, 2), [])


class Sequence(nn.Module):
    """An LSTM with time first, whose last layer gives classes at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.lstm, self.last = nn.Embedding(5, 6), nn.LSTM(6, 7), nn.Linear(7, 5)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.lstm(self.embed(x.T))
        return self.last(out).permute(1, 2, 0)  # type: ignore[no-any-return]


def test_sequences_are_points_by_the_mean_over_their_steps() -> None:
    made = predict(Sequence(), batches(torch.randint(5, (6, 9)), torch.randint(5, (6, 9))))
    assert made.kind == "places" and made.hidden is not None
    assert made.hidden.layer == "last" and made.hidden.rows.shape == (6, 7)
    points, places = made.points()
    assert points.shape == (6, 2) and places.tolist() == list(range(6))


def test_outputs_that_are_read_otherwise_are_only_points() -> None:
    """As with CTC: scores [time, samples, classes], and sequences of another length as targets."""
    made = predict(Steps(), batches(torch.randint(5, (6, 9)), torch.randint(5, (6, 4))))
    assert made.kind == "other" and made.accuracy is None and made.mistakes() == [] and made.rows == []
    assert made.hidden is not None and made.hidden.rows.shape == (6, 7)
    assert made.notes == ["what this network says cannot be compared sample by sample"]


class Steps(Sequence):
    """The same with its scores as CTC takes them, [time, samples, classes]."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).permute(2, 0, 1)


@pytest.mark.parametrize("shape", [(3, 2500), (3, 2500, 4)])
def test_of_very_many_classes_there_is_no_table(shape: tuple[int, ...]) -> None:
    scores = torch.zeros(shape)
    scores[:, 2400] = 9
    truth = torch.full((3, *shape[2:]), 2400)
    truth[1] = 7
    made = predict(nn.Identity(), batches(scores, truth))
    assert made.confusion.numel() == 0 and made.rows == [] and made.accuracy == pytest.approx(2 / 3)
    assert [(item.index, item.truth, item.predicted) for item in made.mistakes()] == [(1, "7", "2400")]
    assert made.hidden is None  # nothing here has weights


def test_a_picture_without_a_class_anywhere() -> None:
    made = predict(nn.Conv2d(3, 3, 1), batches(torch.randn(2, 3, 1, 2), torch.tensor([[[-100, -100]], [[1, 1]]])))
    assert made.mistakes(None, by="confidence") == made.mistakes() and 0 not in [item.index for item in made.mistakes()]
    assert made.losses[0] == 0 and sum(item.samples for item in made.bins) == 2


def test_samples_without_a_class_do_not_count() -> None:
    x = torch.randn(4, 3).softmax(1)
    made = predict(nn.Identity(), batches(x, torch.tensor([*x.argmax(1)[:2].tolist(), -100, -1])))
    assert made.accuracy == 1 and made.mistakes() == [] == made.mistakes(by="confidence")
    assert sum(item.samples for item in made.bins) == 2 == int(made.confusion.sum())


def test_one_output_is_a_number_and_no_class() -> None:
    made = predict(nn.Linear(2, 1), batches(torch.randn(4, 2), torch.tensor([0, 1, 1, 0])))
    assert made.kind == "values" and made.errors is not None


def test_more_classes_than_a_network_can_say_have_rows_too() -> None:
    made = predict(
        nn.Conv2d(1, 2, 1), batches(torch.randn(2, 1, 4, 4), torch.ones(2, 4, 4).long()), classes=["a", "b", "c"]
    )
    assert [row.name for row in made.rows] == ["a", "b", "c"] and made.rows[2].samples == 0
