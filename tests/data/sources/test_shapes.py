"""The embedded pictures: the same everywhere, and learnable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from torchwork.data import Bundle
from torchwork.data.sources.outlines import OUTLINES
from torchwork.data.sources.shapes import Shapes, uniform
from torchwork.errors import DataError


def test_pictures_never_change() -> None:
    """If this fails, every published number on Shapes is void: undo the change, or give `_held` a new version."""
    scenes = Shapes().render("train", np.arange(100))
    assert hashlib.sha256(scenes.pictures.tobytes()).hexdigest()[:16] == "7653d603ca7d20ce"
    assert scenes.classes[:10, 0].tolist() == [3, 5, 6, 9, 0, 4, 7, 2, 1, 8]


def test_a_picture_does_not_depend_on_the_others() -> None:
    whole = Shapes(size=24).render("valid", np.arange(600))
    part = Shapes(size=24).render("valid", np.array([599, 3]))
    assert np.array_equal(part.pictures, whole.pictures[[599, 3]]) and np.array_equal(
        part.classes, whole.classes[[599, 3]]
    )


def test_splits_and_seeds_give_other_pictures() -> None:
    made = [
        Shapes(size=16, seed=seed).render(split, np.arange(4)).pictures
        for seed in (0, 1)
        for split in ("train", "valid", "test")
    ]
    assert len({item.tobytes() for item in made}) == 6


def test_classes_are_balanced() -> None:
    classes = Shapes(size=16).render("train", np.arange(200)).classes[:, 0]
    assert np.bincount(classes).tolist() == [20] * 10
    assert classes[:10].tolist() != classes[10:20].tolist()


def test_masks_and_boxes_belong_to_the_objects() -> None:
    scenes = Shapes(size=48, classes=list(OUTLINES)).render("train", np.arange(60), objects=1)
    for i in range(60):
        rows, columns = np.nonzero(scenes.masks[i])
        assert set(np.unique(scenes.masks[i])) == {0, scenes.classes[i, 0] + 1}
        assert scenes.boxes[i, 0].tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert Shapes(size=48).render("train", np.arange(3), objects=4).boxes.shape == (3, 4, 4)


def test_hashed_numbers_are_uniform_and_unrelated() -> None:
    drawn = uniform(1, np.arange(2000)[:, None], np.arange(4))
    assert drawn.min() >= 0 and drawn.max() < 1 and abs(drawn.mean() - 0.5) < 0.01
    assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.1
    assert abs(np.corrcoef(drawn[1:, 0], drawn[:-1, 0])[0, 1]) < 0.1


@pytest.mark.parametrize(("arguments", "message"), [
    ({"classes": ["circle", "sqare"]}, "got 'sqare'; did you mean square"),
    ({"classes": ["circle"]}, "at least 2 classes"),
    ({"size": 4}, "a size from 8 to 512"),
    ({"train": 0}, "at least 1 picture a split"),
])  # fmt: skip
def test_wrong_arguments_are_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Shapes(**arguments)


def test_a_small_network_learns_them(opened: Callable[..., Bundle]) -> None:
    """Four classes, 800 pictures, six epochs; a linear model stays near chance."""
    source = {"Shapes": {"train": 800, "valid": 200, "size": 24, "classes": ["circle", "star", "A", "moon"]}}
    bundle = opened(source=source, batch_size=20)

    def accuracy(model: nn.Module) -> float:
        torch.manual_seed(0)
        optimizer = torch.optim.Adam(model.parameters(), 3e-3)
        for epoch in range(6):
            for inputs, targets in bundle.train.epoch(epoch):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), targets).backward()  # type: ignore[arg-type]
                optimizer.step()
        assert bundle.valid is not None
        with torch.no_grad():
            return (
                sum(int((model(inputs).argmax(1) == targets).sum()) for inputs, targets in bundle.valid.epoch(0)) / 200
            )

    torch.manual_seed(0)
    layers = [
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]
    assert accuracy(nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 36, 4))) > 0.75
    assert accuracy(nn.Sequential(nn.Flatten(), nn.Linear(3 * 24 * 24, 4))) < 0.6
