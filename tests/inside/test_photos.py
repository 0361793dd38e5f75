"""On real photographs a trained network looks at the right animal."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from benchmarks.explain import ANIMALS, mobilenet, picture
from benchmarks.measure import Options
from torchwork.inside import explain


@pytest.mark.parametrize("number", [0, 1, 2, 6])
def test_the_animal_is_in_the_brightest_quarter(shared: Path, number: int) -> None:
    file, classes, [(x1, y1, x2, y2), *_] = ANIMALS[number]
    model, x = mobilenet(Options(shared / "data")), picture(shared / "data" / "photos" / file)
    with torch.no_grad():
        scores = model(x[None])[0]
    found = explain(model, x, target=max(classes, key=lambda index: float(scores[index])))
    bright = found.map >= found.map.flatten().quantile(0.75)
    assert bright[(y1 + y2) // 2, (x1 + x2) // 2]
    assert bright[y1:y2, x1:x2].sum() > bright.sum() / 2
    assert found.trust is not None and found.trust.trusted
