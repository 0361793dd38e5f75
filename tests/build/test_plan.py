"""A document checked as a whole: every problem at once, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from torchwork.build import build, check
from torchwork.catalog import vision, vision_note
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment


def document(**sections: Any) -> Experiment:
    written = {
        "data": {"source": {"Shapes": {"size": 16, "train": 40, "valid": 20}}, "batch_size": 10},
        "model": {"layers": ["Flatten", {"Linear": {"out_features": "classes"}}]},
        "loss": "CrossEntropyLoss",
    }
    return Experiment.parse({**written, **sections})


def test_a_right_document_has_no_problem_and_says_what_it_costs() -> None:
    checked = check(document())
    assert checked.problems == []
    assert checked.totals["parameters"] == 16 * 16 * 3 * 10 + 10
    assert checked.totals["mac"] == 16 * 16 * 3 * 10
    assert checked.as_dict()["data"]["symbols"]["classes"] == 10


def test_what_is_wrong_in_different_places_is_told_at_once() -> None:
    checked = check(
        document(
            model={"layers": ["Flaten", {"Linear": {"out_features": "clases"}}]},
            loss={"CrossEntropyLoss": {"label_smothing": 0.1}},
            optimizer={"Adam": {"lr": "fast"}},
        )
    )
    text = "\n".join(map(str, checked.problems))
    for expected in ("Flatten", "label_smoothing", "optimizer.Adam.lr", "classes"):
        assert expected in text
    with pytest.raises(DocumentError):
        build(checked.experiment)


def test_a_repaired_torchvision_is_told_where_it_is_used_and_not_where_another_document_loaded_it() -> None:
    vision()
    plain = document()
    flipped = document(data={"source": {"Shapes": {"size": 16}}, "augment": ["RandomHorizontalFlip"]})
    assert vision_note() not in check(plain).notes
    assert (vision_note() in check(flipped).notes) == bool(vision_note())


def test_a_loss_may_use_the_symbols_of_the_data() -> None:
    built = build(document(loss={"CrossEntropyLoss": {"label_smoothing": "1 / classes"}}))
    assert built.task.criterion.label_smoothing == 0.1


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second, other = (build(document(seed=seed)).model[1].weight for seed in (1, 1, 2))
    assert first.equal(second)
    assert not first.equal(other)
