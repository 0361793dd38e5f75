"""How transforms are planned, and that each sample has its own randomness."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from torchwork.catalog import catalog
from torchwork.data.augment import Augment, OnBatch, PerSample, plan
from torchwork.errors import DataError, DocumentError
from torchwork.experiment.spec import Transform


def parts(*written: Any) -> list[Transform]:
    return [Transform.model_validate(item) for item in written]


def pictures(samples: int = 6) -> Tensor:
    return torch.randint(0, 256, (samples, 3, 16, 16), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)


def rows(augment: Augment, samples: int = 6) -> Tensor:
    return torch.rand(samples, augment.columns, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def planned(*written: Any) -> Augment:
    return plan(parts(*written), pictures(1)[0], 4)[0]


def test_deterministic_transforms_run_on_the_batch() -> None:
    assert all(isinstance(step, OnBatch) for step in planned({"Resize": {"size": 8}}, {"Pad": {"padding": 1}}).steps)


def test_random_ones_without_a_vectorised_form_run_sample_by_sample() -> None:
    augment = planned("RandAugment", {"RandomRotation": {"degrees": 20}}, "RandomHorizontalFlip")
    assert augment.slow == ["RandAugment", "RandomRotation"]


def test_nested_transforms_are_made_from_the_document() -> None:
    augment = planned({"RandomApply": {"transforms": [{"ColorJitter": {"brightness": 0.5}}], "p": 0.5}})
    assert isinstance(augment.steps[0], PerSample)
    made = augment(pictures(40), rows(augment, 40))
    changed = (made != pictures(40)).any(dim=(1, 2, 3)).sum()
    assert 8 < changed < 32


SLOW = (
    "RandAugment",
    {"RandomAffine": {"degrees": 30, "translate": [0.2, 0.2]}},
    "TrivialAugmentWide",
    "RandomPerspective",
)


@pytest.mark.parametrize("written", SLOW, ids=str)
def test_a_sample_does_not_depend_on_its_batch(written: Any) -> None:
    augment = planned(written, "RandomHorizontalFlip")
    drawn = rows(augment)
    whole = augment(pictures(), drawn)
    alone = torch.cat([augment(pictures()[i : i + 1], drawn[i : i + 1]) for i in range(6)])
    assert torch.equal(whole, alone)


def test_the_models_generator_is_left_alone() -> None:
    augment = planned("RandAugment")
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    augment(pictures(), rows(augment))
    assert torch.equal(torch.rand(3), expected)


def test_samples_of_several_sizes_become_one_batch() -> None:
    augment = planned({"RandomResizedCrop": {"size": 8}}, "RandomHorizontalFlip")
    mixed = [torch.zeros(3, 20, 10, dtype=torch.uint8), torch.zeros(3, 9, 30, dtype=torch.uint8)]
    assert augment(mixed, rows(augment, 2)).shape == (2, 3, 8, 8)


def test_sizes_that_stay_different_are_told_with_what_to_do() -> None:
    augment = planned("RandomHorizontalFlip")
    mixed = [torch.zeros(3, 20, 10, dtype=torch.uint8), torch.zeros(3, 9, 30, dtype=torch.uint8)]
    with pytest.raises(
        DataError, match=r"expected samples of one shape, got \[?\(?3, 9, 30.*put Resize and CenterCrop"
    ):
        augment(mixed, rows(augment, 2))


@pytest.mark.parametrize(
    "written", ["MixUp", {"CutMix": {"alpha": 9.0}}, {"RandomChoice": {"transforms": ["MixUp", "CutMix"]}}], ids=str
)
def test_mixes_give_soft_targets(written: Any) -> None:
    _, mix = plan(parts(written), pictures(1)[0], 4)
    assert mix is not None
    targets = torch.tensor([0, 1, 2, 3, 0, 1])
    inputs, soft = mix(pictures().float(), targets, 0.3)
    assert soft.shape == (6, 4) and torch.allclose(soft.sum(1), torch.ones(6))
    assert (soft.gather(1, targets[:, None]) > 0).any() and not torch.equal(inputs, pictures().float())
    again = mix(pictures().float(), targets, 0.3)
    assert torch.equal(again[0], inputs) and torch.equal(again[1], soft)


def test_a_mix_must_come_last() -> None:
    with pytest.raises(DataError, match=r"must come last"):
        plan(parts("MixUp", "RandomHorizontalFlip"), pictures(1)[0], 4)


def test_a_mix_needs_classes() -> None:
    with pytest.raises(DataError, match=r"the target is no class"):
        plan(parts("MixUp"), pictures(1)[0], None)


def test_a_wrong_name_is_told_with_the_nearest() -> None:
    with pytest.raises(DocumentError, match=r"data.augment\[1\].*RandomHorizontalFlip"):
        planned("RandomVerticalFlip", "RandomHorizontlFlip")


def test_a_transform_that_gives_several_pictures_is_refused() -> None:
    with pytest.raises(DataError, match=r"FiveCrop.*do not fit in a batch"):
        planned({"FiveCrop": {"size": 8}})


NEED = {
    "Lambda": "a function, which a document cannot hold",
    "JPEG": "torchvision's compiled operators", "FiveCrop": "gives five pictures", "TenCrop": "gives ten pictures",
    "LinearTransformation": "a matrix", "Normalize": "float inputs, so ToDtype before it",
    "GaussianNoise": "float inputs likewise",
    "RandomApply": "transforms", "RandomChoice": "transforms", "RandomOrder": "transforms", "Compose": "transforms",
    "ConvertBoundingBoxFormat": "boxes", "SetClampingMode": "boxes", "UniformTemporalSubsample": "videos",
    "MixUp": "a batch, tested above", "CutMix": "a batch, tested above",
    "RandomIoUCrop": "boxes", "SanitizeBoundingBoxes": "boxes", "SanitizeKeyPoints": "key points",
    "RandomShortestSize": "gives many sizes", "RandomResize": "gives many sizes", "ScaleJitter": "gives many sizes",
    "RandomZoomOut": "gives many sizes",
}  # fmt: skip
"""transforms that do not run on their own in this test, and why"""

ARGUMENTS: dict[str, dict[str, Any]] = {
    "Resize": {"size": 8}, "CenterCrop": {"size": 8}, "RandomCrop": {"size": 8}, "RandomResizedCrop": {"size": 8},
    "Pad": {"padding": 1},
    "RandomAffine": {"degrees": 10}, "RandomRotation": {"degrees": 10}, "GaussianBlur": {"kernel_size": 3},
    "RandomPosterize": {"bits": 3}, "RandomSolarize": {"threshold": 100.0},
    "RandomAdjustSharpness": {"sharpness_factor": 2},
    "ToDtype": {"dtype": "float32", "scale": True}, "ElasticTransform": {"sigma": 1.0},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(set(catalog().entries("transform")) - set(NEED)))
def test_every_transform_of_the_catalog_runs(name: str) -> None:
    augment = planned({name: ARGUMENTS.get(name, {})})
    made = augment(pictures(), rows(augment))
    assert len(made) == 6
    assert torch.equal(made, augment(pictures(), rows(augment)))


def test_the_exceptions_are_all_in_the_catalog() -> None:
    names = set(catalog().entries("transform"))
    assert {name for name in NEED if name not in names} <= {"Lambda", "Compose", "JPEG"}


def test_float_transforms_follow_a_conversion() -> None:
    augment = planned({"ToDtype": {"dtype": "float32", "scale": True}}, {"GaussianNoise": {"sigma": 0.1}})
    assert augment(pictures(), rows(augment)).dtype == torch.float32
