"""What a run says of a whole split: in Python, on the command line, and as the worker answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import torchwork
from torchwork.answer import mistaken
from torchwork.answer import predictions as answering
from torchwork.answer.explaining import explain
from torchwork.answer.opened import opened_data, opened_run
from torchwork.answer.trying import predict_sample, samples
from torchwork.cli.grammar import run as command
from torchwork.data import open_data
from torchwork.data.still import spread, still
from torchwork.errors import DataError
from torchwork.experiment.spec import Data
from torchwork.predicted import predicted
from torchwork.serve.looks import Explanation, Mistakes, Neighbour, PredictionsView

from .documents import NUMBERS, TABLE, masks

CLASSES = """
seed: 1
data:
  source: {Shapes: {size: 24, train: 96, valid: 40}}
  augment: [{RandomCrop: {size: 20}}]
  batch_size: 16
model: {layers: [{Conv2d: {out_channels: 8, kernel_size: 3}}, BatchNorm2d, {ReLU: {inplace: true}},
  {AdaptiveAvgPool2d: {output_size: 2}}, Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 1}
"""
ORDERS: tuple[Literal["loss", "confidence"], ...] = ("loss", "confidence")


def trained(text: str, runs: Path) -> torchwork.Run:
    return torchwork.Run.open(torchwork.train(torchwork.Experiment.loads(text), runs=runs).path)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> torchwork.Run:
    return trained(CLASSES, tmp_path_factory.mktemp("runs"))


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> torchwork.Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE)
    return trained(NUMBERS, tmp_path)


def test_predictions_agree_with_what_training_recorded(run: torchwork.Run) -> None:
    made = run.predictions()
    assert made.samples == 40 and made.classes == run.spec.classes
    assert made.accuracy == pytest.approx(run.result["valid/accuracy"])
    assert float(made.losses.mean()) == pytest.approx(run.result["valid/loss"], rel=1e-5)
    assert sum(row.samples for row in made.rows) == 40 == sum(map(sum, made.confusion.tolist()))
    assert made.hidden is not None and made.hidden.rows.shape == (40, 32)
    assert all(made.targets[item.index] != made.predicted[item.index] for item in made.mistakes())


def test_training_samples_are_seen_without_augmentation_and_at_its_size(run: torchwork.Run) -> None:
    bundle = run.bundle()
    batches, indices = still(bundle, "train")
    assert indices.tolist() == list(range(96)) and len(batches) == 6
    inputs = torch.cat([given for given, _ in batches.epoch(0) if isinstance(given, Tensor)])
    again = torch.cat([given for given, _ in batches.epoch(1) if isinstance(given, Tensor)])
    assert inputs.shape == (96, 3, 20, 20) and torch.equal(inputs, again)
    stored = bundle.train.store.gather(torch.tensor([5]))[0]
    assert torch.allclose(inputs[5], bundle.train.normalize(stored[None, :, 2:22, 2:22])[0])
    assert run.predictions("train").targets.tolist() == bundle.train.targets.tolist()  # type: ignore[union-attr]


def test_of_many_samples_some_are_taken_that_are_evenly_spread(run: torchwork.Run) -> None:
    assert spread(10, 4).tolist() == [0, 3, 6, 9] and spread(3, 4).tolist() == [0, 1, 2]
    whole, made = run.predictions("train"), run.predictions("train", most=20)
    assert made.samples == 20 and made.indices.tolist() == spread(96, 20).tolist()
    assert torch.allclose(made.scores, whole.scores[made.indices], atol=1e-5)
    assert made.notes == ["20 of 96 samples, evenly spread"]


def test_no_random_number_is_drawn(run: torchwork.Run) -> None:
    bundle, subject = run.bundle(), run.subject()
    before, drawn = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[union-attr]
    predicted(subject.model, subject.task, bundle, "train")
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], drawn)  # type: ignore[arg-type]


def test_masks_of_classes_are_counted_by_pixel(tmp_path: Path) -> None:
    run = trained(masks("labels"), tmp_path)
    made = run.predictions()
    assert made.kind == "places" and made.classes == run.spec.classes
    assert made.accuracy == pytest.approx(run.result["valid/accuracy"], rel=1e-5)
    assert sum(row.samples for row in made.rows) == 10 * 16 * 16 == sum(item.samples for item in made.bins)


@pytest.mark.parametrize("loss", ["BCEWithLogitsLoss", "MSELoss"])
def test_masks_of_zeros_and_ones_are_two_classes_where_the_loss_reads_them_so(tmp_path: Path, loss: str) -> None:
    run = trained(masks("masks", "1", loss), tmp_path)
    made = run.predictions()
    if loss == "MSELoss":
        assert made.kind == "values" and made.errors is not None
        assert made.errors.root_mean_square == pytest.approx(run.result["valid/rmse"], rel=1e-4)
        assert made.mistakes() == []  # a picture as the target is not told in words
        return
    assert made.kind == "places" and made.classes == ["0", "1"]
    batches, _ = still(run.bundle(), "valid")
    ones = sum(int(targets.sum()) for _, targets in batches.epoch(0) if targets is not None)
    assert [row.samples for row in made.rows] == [10 * 16 * 16 - ones, ones]


def test_numbers_have_errors_and_agree_with_what_training_recorded(numbers: torchwork.Run) -> None:
    made = numbers.predictions()
    assert made.errors is not None and made.accuracy is None and made.rows == []
    assert made.errors.mean_absolute == pytest.approx(numbers.result["valid/mae"], rel=1e-5)
    assert made.errors.root_mean_square == pytest.approx(numbers.result["valid/rmse"], rel=1e-5)
    errors, spread_ = made.scores - made.targets, made.targets - made.targets.mean()
    assert made.errors.r2 == pytest.approx(1 - float(errors.square().sum() / spread_.square().sum()), rel=1e-4)


def test_data_that_are_gone_are_one_sentence(numbers: torchwork.Run) -> None:
    Path("table.csv").unlink()
    with pytest.raises(DataError, match=r"data of this run cannot be read: .*table.csv.*bring them back") as caught:
        torchwork.Run.open(numbers.path).predictions()
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="cannot be read"):
        answering.predictions(str(numbers.path))


def test_a_split_that_is_not_there(run: torchwork.Run) -> None:
    with pytest.raises(DataError, match="no split 'test' in this document; it has train, valid"):
        run.predictions("test")


def test_pictures_of_many_sizes_are_fitted_for_neighbours(tmp_path: Path) -> None:
    for number, side in enumerate((40, 50, 60, 44, 52, 61)):
        place = tmp_path / f"{'ab'[number % 2]}"
        place.mkdir(exist_ok=True)
        Image.new("RGB", (side, side + 3), (40 * number, 0, 90)).save(place / f"{number}.png")
    section = {
        "source": {"ImageFolder": {"root": str(tmp_path)}}, "split": {"valid": 0.34}, "batch_size": 2,
        "augment": [{"RandomResizedCrop": {"size": 24}}],
    }  # fmt: skip
    bundle = open_data(Data.model_validate(section), seed=1, cache=tmp_path / "cache")
    inputs = [given for given, _ in still(bundle, "train")[0].epoch(0)]
    assert all(isinstance(item, Tensor) and item.shape[1:] == (3, 24, 24) for item in inputs)


def test_the_worker_tells_the_page(run: torchwork.Run) -> None:
    view = PredictionsView.model_validate(answering.predictions(str(run.path)))
    made = run.predictions()
    assert view.accuracy == made.accuracy and view.splits == ["train", "valid"] and view.counted == "samples"
    assert len(view.points) == 40 and view.projection == "pca"
    assert [point.label for point in view.points] == made.targets.tolist()
    drawn = PredictionsView.model_validate(answering.predictions(str(run.path), "train", "t-sne"))
    assert drawn.split == "train" and drawn.samples == 96 == len(drawn.points)
    assert drawn.projection == "t-sne"


def listed(run: torchwork.Run, **asked: Any) -> Mistakes:
    return Mistakes.model_validate(mistaken.mistakes(str(run.path), **asked))


def test_the_mistakes_are_told_a_page_at_a_time_in_both_orders(run: torchwork.Run) -> None:
    made = run.predictions()
    for order in ORDERS:
        expected = [item.index for item in made.mistakes(None, order)]
        first, second = listed(run, order=order, count=5), listed(run, order=order, first=5, count=500)
        assert first.total == second.total == len(expected) and len(first.mistakes) == 5
        assert [item.index for item in [*first.mistakes, *second.mistakes]] == expected
        assert all(item.picture.startswith("data:image/") and item.said is None for item in first.mistakes)


def test_every_cell_of_the_confusions_lists_as_many_samples_as_it_counts(run: torchwork.Run) -> None:
    made = run.predictions()
    for label, row in enumerate(made.confusion.tolist()):
        for taken, count in enumerate(row):
            found = listed(run, label=label, predicted=taken, count=200)
            assert found.total == count == len(found.mistakes)
            names = {(item.label, item.predicted) for item in found.mistakes}
            assert names <= {(made.classes[label], made.classes[taken])}
        assert listed(run, label=label).total == sum(row)
    with pytest.raises(DataError, match="0 to 9, got 10"):
        listed(run, predicted=10)


@pytest.mark.parametrize(
    ("task", "out", "loss", "classes"),
    [
        ("labels, classes: [circle, square]", "classes", "CrossEntropyLoss", ["ground", "circle", "square"]),
        ("masks", "1", "BCEWithLogitsLoss", ["0", "1"]),
    ],
)
def test_mistakes_of_masks_come_with_the_true_and_the_said_mask(
    tmp_path: Path, task: str, out: str, loss: str, classes: list[str]
) -> None:
    run = trained(masks(task, out, loss), tmp_path)
    view = PredictionsView.model_validate(answering.predictions(str(run.path)))
    assert view.counted == "places" and view.legend[0][1] == "transparent"
    assert [name for name, _ in view.legend] == classes
    found = listed(run, count=3).mistakes
    assert all(item.truth and item.said and item.said.mask.startswith("data:image/png") for item in found)
    assert any(item.truth != item.said for item in found)
    explained = Explanation.model_validate(explain(str(run.path), sample=found[0].index))
    assert (explained.truth, explained.said) == (found[0].truth, found[0].said) and explained.legend == view.legend
    tried = predict_sample(str(run.path), found[0].index)
    assert not tried.get("value")  # a predicted picture is told in no numbers
    [beside] = samples(str(run.path), 1, found[0].index)
    assert tried["truth"] == beside["label"] == explained.label
    assert tried["truth"].endswith(" %") if loss == "BCEWithLogitsLoss" else tried["truth"] in classes[1:]


def test_a_split_that_would_take_too_long_is_predicted_in_part(
    run: torchwork.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "SECONDS", 0.0)
    monkeypatch.setattr(answering, "FEWEST", 10)
    opened = opened_run(str(run.path))
    answering._predictions.pop(opened.model, None)
    view = PredictionsView.model_validate(answering.predictions(str(run.path)))
    answering._predictions.pop(opened.model)
    assert view.samples == 10 == len(view.points) and view.notes == ["10 of 40 samples, evenly spread"]
    assert [point.index for point in view.points] == spread(40, 10).tolist()


def test_the_worker_tells_errors_of_numbers(numbers: torchwork.Run) -> None:
    view = PredictionsView.model_validate(answering.predictions(str(numbers.path)))
    assert [name for name, _ in view.facts] == ["mean absolute error", "root mean square error", "R²"]
    assert view.accuracy is None and view.rows == []
    [worst] = listed(numbers, count=1).mistakes
    assert worst.picture == "" and float(worst.predicted) != float(worst.label)
    pair = next(pair for pair in view.pairs if pair.index == worst.index)
    assert (pair.truth, pair.predicted) == pytest.approx((float(worst.label), float(worst.predicted)))
    assert len(view.pairs) == view.samples


def test_a_training_sample_is_its_own_nearest_neighbour_unless_it_is_left_out(run: torchwork.Run) -> None:
    opened = opened_run(str(run.path))
    bundle = opened_data(opened.run)
    inputs: Any = next(still(bundle, "train")[0].epoch(0))[0]
    found = [Neighbour.model_validate(item) for item in answering.neighbours(opened, inputs[3:4], 4)]
    assert found[0].index == 3 and found[0].distance == pytest.approx(0, abs=1e-6)
    assert len(found) == 4 and all(item.picture.startswith("data:image/") for item in found)
    assert found[0].label == bundle.spec.classes[int(bundle.train.targets[3])]  # type: ignore[index]
    others = answering.neighbours(opened, inputs[3:4], 4, but=3)
    assert [item["index"] for item in others[:3]] == [item.index for item in found[1:]]


def test_without_the_data_there_are_no_neighbours(numbers: torchwork.Run) -> None:
    Path("table.csv").unlink()
    assert answering.neighbours(opened_run(str(numbers.path)), torch.zeros(1, 2)) == []


def test_on_the_command_line(run: torchwork.Run, capsys: pytest.CaptureFixture[str]) -> None:
    made = run.predictions()
    assert command(["predict", str(run.path), "--split", "valid", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accuracy"] == made.accuracy and found["confusion"] == made.confusion.tolist()
    assert [item["index"] for item in found["mistakes"]] == [item.index for item in made.mistakes(10)]
    assert "NaN" not in json.dumps(found)
    assert command(["predict", str(run.path), "--split", "valid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"valid: 40 samples, accuracy {made.accuracy:.2%}, calibration error ")
    assert [line.split()[0] for line in lines[3:13]] == made.classes
    worst = made.mistakes(1)[0]
    assert any(line.split()[:3] == [str(worst.index), worst.truth, worst.predicted] for line in lines)


@pytest.mark.parametrize(
    "more", [[], ["cat.png", "--split", "valid"], ["--split", "test"], ["--split", "valid", "--explain", ""]]
)
def test_what_the_command_line_refuses(run: torchwork.Run, capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    assert command(["predict", str(run.path), *more]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and "split" in line
