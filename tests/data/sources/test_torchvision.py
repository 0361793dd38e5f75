"""Data sets of torchvision by their names, and one's own by code."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.data import Bundle, sources
from torchwork.data.sources import OWN
from torchwork.data.sources.torchvision import split_arguments
from torchwork.errors import DataError, DocumentError

Opener = Callable[..., Bundle]

CODE = """
import random
import numpy
import torch

class Noise(torch.utils.data.Dataset):
    def __init__(self, samples=20, split="train"):
        self.samples, self.shift = samples, 0 if split == "train" else 1000

    def __len__(self):
        return self.samples

    def __getitem__(self, index):
        return torch.full((2, 3), float(index + self.shift)), index % 2

class Random(Noise):
    def __getitem__(self, index):
        return torch.tensor([random.random(), numpy.random.rand(), float(torch.rand(()))]), index % 2

class Broken(Noise):
    def __getitem__(self, index):
        return 1 / 0

class Single(Noise):
    def __getitem__(self, index):
        return torch.zeros(2)
"""


def test_torchworks_own_sources_win() -> None:
    entries = sources()
    assert {kind.__name__: entries[kind.__name__].target for kind in OWN} == {kind.__name__: kind for kind in OWN}
    assert "EMNIST" in entries and "SVHN" in entries


def test_every_own_source_is_documented() -> None:
    for kind in OWN:
        entry = sources()[kind.__name__]
        assert entry.summary and all(argument.help for argument in entry.arguments), entry.name


def test_fake_data(opened: Opener) -> None:
    bundle = opened(source={"FakeData": {"size": 60, "image_size": [3, 8, 8], "num_classes": 3}}, batch_size=10)
    assert bundle.spec.inputs == [[3, 8, 8]] and bundle.spec.classes == ["0", "1", "2"]
    assert next(iter(bundle.train.epoch(0)))[0].shape == (10, 3, 8, 8)


def test_real_files_through_torchvisions_class(shared: Path, opened: Opener, tmp_path: Path) -> None:
    raw = tmp_path / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in (shared / "data" / "mnist").glob("t10k*.gz"):
        for prefix in ("t10k", "train"):
            (raw / file.stem.replace("t10k", prefix)).write_bytes(gzip.decompress(file.read_bytes()))
    bundle = opened(source={"KMNIST": {"root": "."}}, limit=50)
    assert bundle.spec.samples == {"train": 50, "valid": 50} and bundle.spec.inputs == [[1, 28, 28]]


def test_splits_are_those_of_the_arguments() -> None:
    assert split_arguments(sources()["KMNIST"], {}) == {"train": {"train": True}, "test": {"train": False}}
    assert split_arguments(sources()["KMNIST"], {"train": False}) == {"train": {}}


def test_nothing_is_downloaded_unasked(opened: Opener) -> None:
    with pytest.raises(DataError, match=r"KMNIST.*or `download: true`"):
        opened(source={"KMNIST": {"root": "nowhere"}})


def test_code_needs_trust(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise SystemExit")
    with pytest.raises(DataError, match=r"runs the file 'mine.py'.*add --trust"):
        opened(source={"Code": {"file": "mine.py", "name": "Noise"}})


def test_ones_own_data_set(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CODE)
    bundle = opened(
        source={"Code": {"file": "mine.py", "name": "Noise", "arguments": {"samples": 30}}},
        trust=True,
        normalize="none",
        shuffle=False,
    )
    assert bundle.spec.samples == {"train": 30, "valid": 30} and bundle.spec.classes == ["0", "1"]
    assert bundle.resolved.loading == "streamed" and bundle.valid is not None
    inputs, targets = next(iter(bundle.valid.epoch(0)))
    assert inputs[3].unique().tolist() == [1003.0] and targets is not None and targets.dtype == torch.int64


def test_a_data_set_that_draws_is_a_function_of_seed_epoch_and_sample(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CODE)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)

    def epoch(number: int, start: int = 0, **section: Any) -> list[torch.Tensor]:
        source = {"Code": {"file": "mine.py", "name": "Random"}}
        train = opened(source=source, trust=True, normalize="none", batch_size=6, **section).train
        return [inputs for inputs, _ in train.epoch(number, start)]

    first = epoch(0, workers=0)
    assert all(map(torch.equal, first, epoch(0, workers=2)))
    assert all(map(torch.equal, first[2:], epoch(0, 2, workers=1)))
    assert len(torch.cat(first).unique()) == 60 and not torch.equal(first[0], epoch(1)[0])
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(("name", "message"), [
    ("Nose", "expected a class or function of mine.py, got 'Nose'; did you mean Noise"),
    ("Broken", r"mine.py: Broken\[0\] raised ZeroDivisionError: division by zero"),
    ("Single", r"mine.py: Single\[0\]: expected a pair \(input, target\), got Tensor"),
])  # fmt: skip
def test_code_that_does_not_fit_is_told(opened: Opener, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "mine.py").write_text(CODE)
    with pytest.raises(DataError, match=message):
        opened(source={"Code": {"file": "mine.py", "name": name}}, trust=True)


def test_callables_have_no_place_in_a_document(opened: Opener) -> None:
    with pytest.raises(DocumentError, match=r"transform"):
        opened(source={"FakeData": {"transform": "os.system"}})
