"""Healthy trainings drawn by a seed: the same for the same seed, and documents all of them."""

from __future__ import annotations

import pytest

from benchmarks.doctor_drawn import drawn
from torchwork import Experiment


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_draws_the_same_documents(seed: int) -> None:
    first, again = ([item.make("data") for item in drawn(seed)] for _ in range(2))
    assert first == again
    for document in first:
        Experiment.parse(document)


def test_another_seed_draws_others() -> None:
    assert [item.name for item in drawn(1)] != [item.name for item in drawn(2)]
