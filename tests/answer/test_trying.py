"""What a run's model says of one sample, as the page asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

import torchwork
from tests.documents import masks
from torchwork.answer import trying
from torchwork.serve.messages import Prediction


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        (masks(), {"ground", "circle", "square"}),
        (masks("masks", "1", "BCEWithLogitsLoss"), {"0", "1"}),
    ],
)
def test_a_segmentation_is_told_as_shares_of_its_pixels(text: str, classes: set[str], tmp_path: Path) -> None:
    run = torchwork.train(torchwork.Experiment.loads(text), runs=tmp_path)
    found = Prediction(**trying.predict_sample(str(run.path), 0))
    assert found.places and found.truth
    assert {score.label for score in found.scores} == classes
    assert sum(score.score for score in found.scores) == pytest.approx(1)
