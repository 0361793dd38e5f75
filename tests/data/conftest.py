"""What the tests of data share: a cache folder of their own, and small made-up data sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from torchwork.data import Bundle, open_data
from torchwork.experiment.spec import Data

Opener = Callable[..., Bundle]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """`opened(source=..., seed=1)`: a section `data` as in a document, opened with a cache folder of its own."""

    def open_section(seed: int = 0, trust: bool = False, **section: Any) -> Bundle:
        data = Data.model_validate(section)
        return open_data(data, seed=seed, base=tmp_path, trust=trust, cache=tmp_path / "cache")

    return open_section


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., Path]:
    """`pictures("root/train", cats=3, dogs=2)`: folders of small pictures, each of its own colours."""

    def write(folder: str, size: tuple[int, int] = (12, 10), mode: str = "RGB", **classes: int) -> Path:
        for label, (name, count) in enumerate(classes.items()):
            place = tmp_path / folder / name
            place.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                random = np.random.default_rng([label, number])
                pixels = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
                Image.fromarray(pixels).convert(mode).save(place / f"{number}.png")
        return tmp_path / folder

    return write
