"""The sides that are compared: the bare loop, the usual loop, and trainings timed by what they recorded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import torch

from benchmarks import accuracy, bare, overhead, training, usual_loop
from benchmarks.measure import Options, Report

TINY = {"data__limit": 200, "train__epochs": 3, "data__batch_size": 50}


@pytest.fixture(scope="module")
def fashion(shared: Path) -> Path:
    return shared / "data" / "fashion_mnist"


def test_the_bare_network_is_counted_by_hand() -> None:
    assert sum(parameter.numel() for parameter in bare.lenet().parameters()) == 156 + 1_812 + 23_160 + 7_260 + 610
    assert bare.lenet()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_bare_loop_runs_on_real_pictures(fashion: Path) -> None:
    inputs, targets = bare.first_batch(fashion, 500)
    assert inputs.shape == (500, 1, 28, 28)
    assert abs(float(inputs.mean())) < 0.05 and abs(float(inputs.std()) - 1) < 0.05
    assert targets[:4].tolist() == [9, 0, 0, 3]
    assert bare.epoch((inputs, targets), samples=1000) > 0


def test_epochs_are_timed_from_the_end_of_one_to_the_end_of_the_next(fashion: Path) -> None:
    found = training.epochs_of(training.fashion(fashion, **TINY))
    assert len(found.whole) == len(found.training) == 2
    assert all(0 < part < whole for part, whole in zip(found.training, found.whole, strict=True))


def test_tuning_keeps_the_numbers(fashion: Path) -> None:
    report = Report("overhead")
    overhead.same_numbers(fashion, report)
    assert report.missed == 0


def test_the_usual_loop_reads_pictures_one_by_one(fashion: Path, tmp_path: Path) -> None:
    root = usual_loop.unpacked(fashion, tmp_path)
    image, label = usual_loop.pictures(root, augmented=True)[0]
    packed = gzip.decompress((fashion / "train-labels-idx1-ubyte.gz").read_bytes())
    assert image.shape == (1, 28, 28)
    assert label == packed[8]
    assert usual_loop.loop_seconds(root, False, 200, 0, 1) > 0


def test_cifar_becomes_folders(shared: Path, tmp_path: Path) -> None:
    archive = Options(data=shared / "data").folder("cifar10") / "cifar10_jpeg.npz"
    assert accuracy.unpack(archive, tmp_path, most=30) == 60
    assert len(list(tmp_path.glob("test/*/*.jpg"))) == 30
    assert {path.name for path in (tmp_path / "train").iterdir()} >= {"airplane", "truck"}
    assert next(tmp_path.glob("train/*/*.jpg")).read_bytes().startswith(b"\xff\xd8")
