"""Splits by name, by fraction and by file, and what wrong ones get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.data.samples import Held, Samples, Source
from torchwork.data.split import Splitter, fraction, limited
from torchwork.errors import DataError
from torchwork.experiment.spec import Split

CLASSES = ["a", "b", "c"]


def held(count: int, first: int = 0, classes: int = 3) -> Held:
    numbers = torch.arange(first, first + count)
    return Held(numbers[:, None].float(), numbers % classes, "key")


def source(classes: list[str] | None = CLASSES, **splits: int) -> Source:
    def make(count: int, first: int) -> Callable[[], Samples]:
        return lambda: held(count, first)

    return Source({name: make(count, 1000 * i) for i, (name, count) in enumerate(splits.items())}, classes)


def chosen(
    made: Source, base: Path = Path(), seed: int = 0, **split: Any
) -> tuple[dict[str, list[int]], Split, list[str]]:
    splitter = Splitter(made, seed, base)
    samples, resolved = splitter.choose(Split.model_validate(split))
    numbers = {name: item.inputs[:, 0].int().tolist() for name, item in samples.items() if isinstance(item, Held)}
    return numbers, resolved, splitter.notes


def test_by_default_validation_is_the_sources_own_split() -> None:
    numbers, resolved, notes = chosen(source(train=9, test=6, val=3))
    assert numbers["valid"] == [2000, 2001, 2002] and set(numbers) == {"train", "valid"}
    assert resolved == Split(train="train", valid="val")
    assert "valid: the split val" in notes[0]


def test_without_one_it_is_a_tenth_of_train() -> None:
    numbers, resolved, notes = chosen(source(train=60))
    assert len(numbers["valid"]) == 6 and len(numbers["train"]) == 54
    assert resolved.valid == 0.1 and "a tenth" in notes[0]


def test_fractions_are_disjoint_stratified_and_seeded() -> None:
    numbers, _, _ = chosen(source(train=90), valid=0.2, test=0.1)
    assert sorted(numbers["train"] + numbers["valid"] + numbers["test"]) == list(range(90))
    assert [sum(number % 3 == label for number in numbers["valid"]) for label in range(3)] == [6, 6, 6]
    assert numbers == chosen(source(train=90), valid=0.2, test=0.1)[0]
    assert numbers != chosen(source(train=90), valid=0.2, test=0.1, seed=1)[0]


def test_values_are_not_stratified() -> None:
    assert len(fraction(50, torch.rand(50), 0.1, 0, "valid", None)) == 5


def test_by_file_with_names_and_numbers(tmp_path: Path) -> None:
    (tmp_path / "valid.txt").write_text("3\nsample 5\n\n3\n")
    numbers, _, _ = chosen(source(train=9), tmp_path, valid={"file": "valid.txt"})
    assert numbers["valid"] == [3, 5] and numbers["train"] == [0, 1, 2, 4, 6, 7, 8]


def test_the_same_split_twice_is_allowed_and_said() -> None:
    _, _, notes = chosen(source(train=9, test=3), valid="train")
    assert "the same samples as for training" in notes[0]


@pytest.mark.parametrize(("split", "message"), [
    ({"valid": "tset"}, r"data.split.valid: expected a split .*\(train, test\), got 'tset'; did you mean test"),
    ({"train": "x"}, "data.split.train: expected a split"),
    ({"valid": {"file": "none.txt"}}, "expected a text file at"),
    ({"valid": {"file": "empty.txt"}}, "got an empty file"),
    ({"valid": {"file": "far.txt"}}, r"far.txt:2: expected a number from 0 to 8, for train has 9 samples, got 9"),
    ({"valid": {"file": "odd.txt"}}, "odd.txt:1: expected the name of .* or its number, got 'smaple 3'.*did you mean"),
    ({"valid": {"file": "all.txt"}}, "the other splits take all 9"),
])  # fmt: skip
def test_wrong_splits_are_told(tmp_path: Path, split: dict[str, Any], message: str) -> None:
    for name, text in (("empty", " \n"), ("far", "1\n9"), ("odd", "smaple 3"), ("all", "\n".join(map(str, range(9))))):
        (tmp_path / f"{name}.txt").write_text(text)
    with pytest.raises(DataError, match=message):
        chosen(source(train=9, test=3), tmp_path, **split)


def test_a_class_with_one_sample_cannot_be_split() -> None:
    with pytest.raises(DataError, match=r"at least 2 samples of each class to split by fraction, got 1 of 'c'"):
        fraction(7, torch.tensor([0, 0, 0, 1, 1, 1, 2]), 0.3, 0, "valid", CLASSES)


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_a_fraction_that_leaves_nothing_is_told(share: float) -> None:
    with pytest.raises(DataError, match=r"leaves samples on both sides"):
        fraction(10, None, share, 0, "valid", None)


def test_an_empty_split_is_told() -> None:
    with pytest.raises(DataError, match=r"expected samples in the split test, got none"):
        chosen(source(train=9, test=0), valid="test")


def test_a_limit_draws_from_everywhere() -> None:
    some = limited(held(300), 30, 0, "train")
    assert len(some) == 30 and isinstance(some, Held)
    numbers = some.inputs[:, 0].int().tolist()
    assert numbers == sorted(numbers) and numbers[-1] > 200
    assert len(limited(held(5), 30, 0, "train")) == 5
