"""Opening the section `data`: what comes out, what is said, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.data import Bundle, Spec, part_problems, samples
from torchwork.errors import DataError, DocumentError
from torchwork.experiment.spec import Data, Normalize

Opener = Callable[..., Bundle]

SHAPES = {"Shapes": {"train": 60, "valid": 30, "size": 16}}


def test_fashion_mnist(shared: Path, opened: Opener) -> None:
    root = str(shared / "data" / "fashion_mnist")
    bundle = opened(source={"FashionMNIST": {"root": root}}, split={"valid": "test"}, batch_size=1000)
    assert bundle.spec.inputs == [[1, 28, 28]] and bundle.spec.target == "class"
    assert bundle.spec.symbols == {"classes": 10, "channels": 1, "height": 28, "width": 28}
    assert bundle.spec.samples == {"train": 60_000, "valid": 10_000}
    assert bundle.spec.class_counts["train"] == [6000] * 10
    normalize = bundle.resolved.normalize
    assert isinstance(normalize, Normalize)
    assert normalize.mean == [pytest.approx(0.2860, abs=5e-5)] and normalize.std == [pytest.approx(0.3530, abs=5e-5)]
    inputs, targets = next(iter(bundle.train.epoch(0)))
    assert inputs.shape == (1000, 1, 28, 28) and inputs.dtype == torch.float32
    assert targets is not None and targets.dtype == torch.int64
    assert bundle.resolved.loading == "resident" and bundle.resolved.workers == 0
    assert bundle.train.store.gather(torch.tensor([0])).sum() == 76247  # type: ignore[union-attr]


def test_ants_and_bees(shared: Path, opened: Opener) -> None:
    source = {"ImageFolder": {"root": str(shared / "data" / "hymenoptera_small")}}
    bundle = opened(source=source, augment=[{"RandomResizedCrop": {"size": 64}}, "RandomHorizontalFlip"], batch_size=32)
    assert bundle.spec.samples == {"train": 244, "valid": 153} and bundle.spec.classes == ["ants", "bees"]
    assert bundle.spec.inputs == [[3, 64, 64]]
    assert any("1 file" in note and "train/ants/imageNotFound.gif" in note for note in bundle.notes)
    assert any("valid: augmentation gives pictures of 64x64" in note for note in bundle.notes)
    assert bundle.valid is not None
    for part in (bundle.train, bundle.valid):
        assert sum(len(inputs) for inputs, _ in part.epoch(0)) == part.samples


def test_ants_and_bees_of_their_own_sizes_cannot_be_stacked(shared: Path, opened: Opener) -> None:
    source = {"ImageFolder": {"root": str(shared / "data" / "hymenoptera_small")}}
    with pytest.raises(
        DataError, match=r"expected pictures of one size in train, got .* put Resize and CenterCrop into data.prepare"
    ):
        opened(source=source)


def test_damaged_pictures_are_named_counted_and_left_out(pictures: Callable[..., Path], opened: Opener) -> None:
    root = pictures("root/train", cats=5, dogs=5).parent
    pictures("root/val", cats=2, dogs=2)
    (root / "train" / "cats" / "3.png").write_bytes(b"\x89PNG broken")
    bundle = opened(source={"ImageFolder": {"root": str(root)}}, batch_size=4)
    assert bundle.spec.samples == {"train": 9, "valid": 4}
    assert any("train: 1 of 10 samples are damaged and left out: train/cats/3.png" in note for note in bundle.notes)
    assert [len(inputs) for inputs, _ in bundle.train.epoch(0)] == [4, 4, 1]
    assert "train/cats/3.png" not in bundle.names["train"]


def test_the_resolved_section_opens_to_the_same(opened: Opener) -> None:
    first = opened(source=SHAPES, augment=["RandomHorizontalFlip"])
    again = opened(**first.resolved.model_dump())
    assert again.resolved == first.resolved
    assert torch.equal(next(iter(first.train.epoch(4)))[0], next(iter(again.train.epoch(4)))[0])


def test_normalize_is_measured_once(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    first, fewer = opened(source=SHAPES), opened(source=SHAPES, limit=20)
    assert fewer.resolved.normalize != first.resolved.normalize
    monkeypatch.delattr("torchwork.data.bundle.measure_all")
    second = opened(source=SHAPES)
    assert first.resolved.normalize == second.resolved.normalize
    assert second.notes == first.notes  # what is known from before is told as what was measured now
    assert any(note.endswith("measured on train") for note in second.notes)


def test_normalize_is_measured_on_what_is_prepared(opened: Opener) -> None:
    plain = opened(source=SHAPES).resolved.normalize
    grey = opened(source=SHAPES, prepare=["Grayscale"]).resolved.normalize
    assert isinstance(plain, Normalize) and isinstance(grey, Normalize)
    assert len(plain.mean) == 3 and len(grey.mean) == 1


@pytest.mark.parametrize(("normalize", "low", "high"), [("none", 0, 1), ({"mean": [0.5] * 3, "std": [0.5] * 3}, -1, 1)])
def test_normalize_as_given(opened: Opener, normalize: Any, low: float, high: float) -> None:
    inputs, _ = next(iter(opened(source=SHAPES, normalize=normalize).train.epoch(0)))
    assert low <= inputs.min() < low + 0.2 and high - 0.2 < inputs.max() <= high


def test_augmentation_that_changes_the_size_is_followed_by_validation(opened: Opener) -> None:
    bundle = opened(source=SHAPES, prepare=[{"Resize": {"size": 20}}], augment=[{"RandomCrop": {"size": 12}}])
    assert bundle.spec.inputs == [[3, 12, 12]] and bundle.valid is not None
    assert next(iter(bundle.valid.epoch(0)))[0].shape[1:] == (3, 12, 12)
    prepared = opened(source=SHAPES, prepare=[{"Resize": {"size": 20}}]).valid
    assert prepared is not None
    whole = prepared.store.gather(torch.tensor([0]))[0]
    assert torch.equal(bundle.valid.store.gather(torch.tensor([0]))[0], whole[:, 4:16, 4:16])  # its middle


def test_a_limit_holds_for_every_split(opened: Opener) -> None:
    assert opened(source=SHAPES, limit=7).spec.samples == {"train": 7, "valid": 7}


def test_only_training_is_shuffled_and_dropped(opened: Opener) -> None:
    bundle = opened(source=SHAPES, batch_size=25, drop_last=True)
    assert bundle.valid is not None
    assert (bundle.train.samples, bundle.valid.samples) == (50, 30)
    assert bundle.train.shuffle and not bundle.valid.shuffle


def test_random_preparation_is_refused(opened: Opener) -> None:
    with pytest.raises(
        DataError, match=r"data.prepare\[1\].*got RandomHorizontalFlip, which is random; move it to data.augment"
    ):
        opened(source=SHAPES, prepare=[{"Resize": {"size": 8}}, "RandomHorizontalFlip"])


def test_a_class_missing_from_validation_is_told(pictures: Callable[..., Path], opened: Opener) -> None:
    root = pictures("root/train", cats=3, dogs=3).parent
    pictures("root/val", cats=2)
    with pytest.raises(DataError, match=r"samples of every class of train, got none of dogs"):
        opened(source={"ImageFolder": {"root": str(root)}})


def test_wrong_parts_are_told_without_data() -> None:
    section = Data.model_validate({
        "source": {"FashionMNIST": {"rot": "x"}},
        "prepare": [{"Resize": {"sise": 3}}],
        "augment": ["RandomFlip", {"RandomApply": {"transforms": [{"ColorJitter": {"brightnes": 1}}]}}],
    })  # fmt: skip
    told = "\n".join(map(str, part_problems(section)))
    for place in (
        "data.source.FashionMNIST.rot",
        "data.prepare[0].Resize",
        "data.augment[0]",
        "data.augment[1].RandomApply.transforms[0]",
    ):
        assert place in told
    assert not part_problems(Data.model_validate({"source": SHAPES, "prepare": [{"Resize": {"size": 8}}]}))


def test_an_unknown_source_is_told_with_the_nearest(opened: Opener) -> None:
    with pytest.raises(DocumentError, match=r"data.source.*got 'FashonMNIST'.*did you mean FashionMNIST"):
        opened(source="FashonMNIST")


def test_the_spec_survives_json(opened: Opener) -> None:
    spec = opened(source=SHAPES).spec
    assert Spec.from_dict(spec.as_dict()) == spec
    assert Spec.from_dict(spec.as_dict() | {"later": 1}) == spec


def test_previews_show_what_is_stored_with_its_label(opened: Opener) -> None:
    bundle = opened(source=SHAPES)
    shown = samples(bundle, 5)
    assert len(shown) == 5 and shown[0][0].dtype == torch.uint8 and shown[0][0].shape == (3, 16, 16)
    assert bundle.train.targets is not None and bundle.spec.classes is not None
    assert [label for _, label in shown] == [bundle.spec.classes[i] for i in bundle.train.targets[:5]]
