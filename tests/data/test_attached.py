"""Masks and boxes move with their pictures: by the same draw, with exact class numbers, within the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from torchwork.data import open_data
from torchwork.data.attached import IGNORED, Attached, boxes_of, labels_of, with_box, with_mask
from torchwork.data.augment import Augment, plan
from torchwork.data.transforms import Prepare
from torchwork.errors import DataError
from torchwork.experiment.spec import Data, Transform

LABELS, FILLED, BOX = Attached("labels"), Attached("labels", IGNORED), Attached("box")
NEAREST = {"interpolation": "nearest"}
MOVING: list[Any] = [
    {"RandomHorizontalFlip": {"p": 0.5}},
    {"RandomVerticalFlip": {"p": 1.0}},
    {"RandomCrop": {"size": 20, "padding": 4}},
    {"RandomCrop": {"size": 20, "padding": 4, "padding_mode": "reflect"}},
    {"RandomResizedCrop": {"size": 16, **NEAREST}},
    {"RandomAffine": {"degrees": 30, "translate": [0.2, 0.2], "scale": [0.7, 1.4], "shear": 10, **NEAREST}},
    {"RandomRotation": {"degrees": 45, **NEAREST}},
    {"RandomPerspective": {"p": 1.0, **NEAREST}},
    {"ElasticTransform": {"sigma": 2.0, **NEAREST}},
    {"Resize": {"size": 12, **NEAREST}},
    {"Pad": {"padding": 3}},
    {"CenterCrop": {"size": 30}},
    {"RandomZoomOut": {"p": 1.0, "side_range": [1.5, 1.5]}},
    {"RandomApply": {"transforms": [{"RandomRotation": {"degrees": 45, **NEAREST}}], "p": 0.5}},
]
PIXELS: list[Any] = [
    {"ColorJitter": {"brightness": 0.5, "hue": 0.2}},
    {"RandomErasing": {"p": 1.0}},
    {"RandomErasing": {"p": 1.0, "value": "random"}},
    {"RandomGrayscale": {"p": 1.0}},
    {"RandomInvert": {"p": 1.0}},
    {"GaussianBlur": {"kernel_size": 3}},
]


def masked(samples: int = 8, size: int = 24) -> Tensor:
    """Pictures that show just their masks of three classes: class k is 80 k in every channel."""
    drawn = torch.randint(0, 3, (samples, 1, size // 4, size // 4), generator=torch.Generator().manual_seed(1))
    masks = drawn.repeat_interleave(4, 2).repeat_interleave(4, 3).to(torch.uint8)
    return with_mask((masks * 80).expand(-1, 3, -1, -1), masks)


def planned(written: Any, attached: Attached, example: Tensor) -> Augment:
    return plan([Transform.model_validate(written)], example, 3, attached)[0]


def moved(written: Any, attached: Attached, samples: Tensor) -> Tensor:
    augment = planned(written, attached, samples[0])
    rows = torch.rand(len(samples), augment.columns, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    made = augment(samples, rows)
    alone = torch.cat([augment(samples[i : i + 1], rows[i : i + 1]) for i in range(len(samples))])
    assert torch.equal(made, alone)
    return made


@pytest.mark.parametrize("written", MOVING, ids=str)
def test_a_mask_goes_where_its_picture_goes(written: Any) -> None:
    made = moved(written, LABELS, masked())
    assert torch.equal(made[:, 0], made[:, 3] * 80)
    assert made.shape != masked().shape or not torch.equal(made, masked())


@pytest.mark.parametrize("written", PIXELS, ids=str)
def test_what_changes_only_pixels_leaves_the_mask_alone(written: Any) -> None:
    made = moved(written, LABELS, masked())
    assert torch.equal(made[:, 3], masked()[:, 3]) and not torch.equal(made[:, :3], masked()[:, :3])


def test_classes_stay_whole_where_the_picture_is_interpolated() -> None:
    for written in (
        {"RandomAffine": {"degrees": 30, "interpolation": "bilinear"}},
        {"RandomResizedCrop": {"size": 31}},
    ):
        assert set(moved(written, LABELS, masked())[:, 3].unique().tolist()) <= {0, 1, 2}


@pytest.mark.parametrize("written", [{"Pad": {"padding": 2, "fill": 99}}, {"RandomCrop": {"size": 28, "padding": 2}}])
def test_what_was_outside_belongs_to_no_class(written: Any) -> None:
    made = moved(written, FILLED, masked(2))
    corner = made[:, 3, :2, :2] if "Pad" in written else made[:, 3][made[:, 3] > 2]
    assert (corner == IGNORED).all() and corner.numel()
    assert int(labels_of(made).min()) == -100 and int(labels_of(made).max()) == 2


def test_a_fill_of_the_picture_does_not_fill_the_mask() -> None:
    made = moved({"RandomRotation": {"degrees": [40, 50], "fill": 200}}, LABELS, masked())
    assert (made[:, :3] == 200).any() and int(made[:, 3].max()) <= 2


@pytest.mark.parametrize("name", ["RandAugment", "TrivialAugmentWide", "AugMix", "AutoAugment", "ToPILImage"])
@pytest.mark.parametrize("attached", [LABELS, BOX], ids=["mask", "box"])
def test_what_cannot_move_them_is_refused(name: str, attached: Attached) -> None:
    with pytest.raises(DataError, match=rf"data.augment\[0\]: {name} cannot move a {attached.word} with its picture"):
        planned({"RandomApply": {"transforms": [name]}}, attached, masked()[0])


def boxed(box: list[float], size: int = 24) -> Tensor:
    return with_box(torch.zeros(1, 3, size, size, dtype=torch.uint8), torch.tensor([box]))


BOXES: list[tuple[Any, list[float]]] = [
    ({"RandomHorizontalFlip": {"p": 1.0}}, [14, 4, 22, 16]),
    ({"RandomVerticalFlip": {"p": 1.0}}, [2, 8, 10, 20]),
    ({"Pad": {"padding": [3, 1]}}, [5, 5, 13, 17]),
    ({"Resize": {"size": [12, 48]}}, [4, 2, 20, 8]),
    ({"CenterCrop": {"size": 16}}, [0, 0, 6, 12]),
    ({"RandomRotation": {"degrees": [90, 90]}}, [4, 14, 16, 22]),
    ({"ColorJitter": {"brightness": 0.5}}, [2, 4, 10, 16]),
]


@pytest.mark.parametrize(("written", "expected"), BOXES, ids=str)
def test_a_box_goes_where_its_picture_goes_and_stays_within(written: Any, expected: list[float]) -> None:
    made = moved(written, BOX, boxed([2, 4, 10, 16]))
    assert torch.allclose(boxes_of(made)[0], torch.tensor(expected, dtype=torch.float32), atol=1e-4)


def test_a_box_is_kept_exactly_in_bytes_and_in_numbers() -> None:
    box = torch.tensor([[0.1, 2.7, 23.25, 1e-3]])
    for picture in (torch.zeros(1, 3, 5, 4, dtype=torch.uint8), torch.zeros(1, 1, 5, 4)):
        assert torch.equal(boxes_of(with_box(picture, box)), box)
    with pytest.raises(ValueError, match="at least 16 pixels"):
        with_box(torch.zeros(1, 3, 3, 5, dtype=torch.uint8), box)


def test_what_bends_a_picture_is_refused_for_boxes() -> None:
    with pytest.raises(DataError, match="ElasticTransform bends the picture, and no box follows it exactly"):
        planned("ElasticTransform", BOX, boxed([2, 4, 10, 16])[0])


def test_preparation_moves_them_and_keeps_them_when_a_picture_becomes_numbers() -> None:
    parts = [Transform.model_validate(item) for item in ("RandomHorizontalFlip", {"Resize": {"size": 12, **NEAREST}})]
    floats = Transform.model_validate({"ToDtype": {"dtype": "float32", "scale": True}})
    made = Prepare([parts[1], floats], LABELS)(masked(1)[0])
    assert made.dtype == torch.float32 and torch.allclose(made[0] * 255, made[3] * 80)
    assert torch.equal(
        boxes_of(Prepare([parts[1], floats], BOX)(boxed([2, 4, 10, 16])[0])), torch.tensor([1.0, 2, 5, 8])
    )


@pytest.mark.parametrize("task", ["masks", "labels", "boxes"])
def test_a_split_that_is_only_measured_is_brought_to_size_with_them(task: str, tmp_path: Path) -> None:
    section = {"Shapes": {"size": 32, "train": 20, "valid": 10, "test": 10, "task": task}}
    data = Data.model_validate({"source": section, "augment": [{"RandomResizedCrop": {"size": 24}}], "batch_size": 5})
    bundle = open_data(data, seed=1, cache=tmp_path)
    assert bundle.valid is not None and bundle.spec.inputs == [[3, 24, 24]] and len(bundle.resolved.normalize.mean) == 3  # type: ignore[union-attr]
    inputs, targets = next(iter(bundle.valid.epoch(0)))
    assert isinstance(inputs, Tensor) and inputs.shape == (5, 3, 24, 24)
    assert targets is not None and list(targets.shape[1:]) == bundle.spec.target_shape
    if task == "boxes":
        assert float(targets.min()) >= 0 and float(targets.max()) <= 24 and (targets[:, 2:] > targets[:, :2]).all()
    elif task == "labels":
        assert bundle.spec.class_counts["valid"][0] > 0 and sum(bundle.spec.class_counts["valid"]) == 10 * 24 * 24


def test_a_sample_has_the_same_mask_in_any_order(tmp_path: Path) -> None:
    section = {"Shapes": {"size": 32, "train": 20, "valid": 10, "test": 10, "task": "labels"}}
    written = {"source": section, "augment": [{"RandomRotation": {"degrees": 30}}], "batch_size": 5, "shuffle": False}
    bundle = open_data(Data.model_validate(written), seed=1, cache=tmp_path)
    batches = list(bundle.train.epoch(1))
    inputs, target = bundle.train.one(7, 1)
    whole, targets = batches[1]
    assert target is not None and targets is not None and isinstance(whole, Tensor)
    assert torch.equal(whole[2], inputs) and torch.equal(targets[2], target)
