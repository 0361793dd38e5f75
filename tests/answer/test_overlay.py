"""What the data page draws over pictures: masks in the colours of their classes, boxes; on every draw, too."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from torchwork.answer.augmenting import augment
from torchwork.answer.looking import data, samples
from torchwork.answer.overlay import colours
from torchwork.serve.views import Augmented, DataSamples, DataView

TEXT = """torchwork: 1
name: over
data:
  source: {{Shapes: {{size: 32, train: 20, valid: 10, test: 10, task: {task}}}}}
  augment: [{{RandomHorizontalFlip: {{p: 1.0}}}}]
model: {{layers: [Flatten]}}
loss: {loss}
optimizer: Adam
"""


def text(task: str) -> str:
    return TEXT.format(task=task, loss="CrossEntropyLoss" if task == "labels" else "MSELoss")


def alpha(mask: str) -> np.ndarray:
    with Image.open(BytesIO(base64.b64decode(mask.partition(",")[2]))) as image:
        return np.array(image.convert("RGBA"))[..., 3]


@pytest.mark.parametrize("task", ["masks", "labels"])
def test_a_mask_lies_where_the_shape_is_and_turns_over_with_its_picture(task: str) -> None:
    [sample] = DataSamples.model_validate(samples(text(task), "experiment.yaml", "train", None, 3, 1)).samples
    drawn = Augmented.model_validate(augment(text(task), "experiment.yaml", 3, 2, 0))
    assert sample.over is not None and drawn.original_over is not None and len(drawn.over) == 2
    before = alpha(sample.over.mask)
    assert set(np.unique(before)) == {0, before.max()} and 0 < before.max() < 255
    assert np.array_equal(before, alpha(drawn.original_over.mask))
    assert np.array_equal(before[:, ::-1], alpha(drawn.over[0].mask))


def test_a_box_turns_over_with_its_picture() -> None:
    drawn = Augmented.model_validate(augment(text("boxes"), "experiment.yaml", 3, 1, 0))
    assert drawn.original_over is not None and drawn.original_over.size == [32, 32]
    x1, y1, x2, y2 = map(float, drawn.original_over.box)
    assert drawn.over[0].box == [32 - x2, y1, 32 - x1, y2]


def test_the_legend_has_a_colour_for_each_class_and_counts_are_pixels() -> None:
    view = DataView.model_validate(data(text("labels"), "experiment.yaml"))
    assert view.attached == "labels" and [name for name, _ in view.legend] == view.classes
    assert dict(view.legend)["ground"] == "transparent" and sum(view.splits[0].counts.values()) == 20 * 32 * 32


def test_colours_do_not_come_again_soon() -> None:
    paints = [paint for _, paint in colours([str(number) for number in range(28)])]
    assert len(set(paints)) == 28
