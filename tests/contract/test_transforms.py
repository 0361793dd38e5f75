"""Every transform of torchvision.transforms.v2: in `prepare` when it does the same each time, else in `augment`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from torchwork.build import build
from torchwork.catalog import catalog, vision_note
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment

from .flow import CLASSES, PICTURES, document, trained

MODEL = {"layers": ["Flatten", {"Linear": {"out_features": "classes"}}]}
VIDEOS = {**CLASSES, "source": {"Arrays": {"path": "videos.npz"}}}
ARGUMENTS: Mapping[str, Any] = {
    "size": [8, 8], "target_size": [8, 8], "min_size": 8, "max_size": 12, "kernel_size": 3, "padding": 1, "degrees": 10,
    "transforms": ["RandomHorizontalFlip"], "quality": 50, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "bits": 4,
    "sharpness_factor": 2.0, "threshold": 128, "clamping_mode": "hard", "dtype": "float32", "num_samples": 3,
    "format": "XYXY",
}  # fmt: skip
"""what required arguments get, by name"""
FLOAT = {"ToDtype": {"dtype": "float32", "scale": True}}
IDENTITY = [[float(row == column) for column in range(12)] for row in range(12)]
OF_ONE_SIZE = {"CenterCrop": {"size": 8}}
CASES: Mapping[str, list[Any]] = {
    "ElasticTransform": [{"ElasticTransform": {"sigma": 1.0}}],  # its default is wider than these pictures
    "LinearTransformation": [
        {"CenterCrop": {"size": 2}}, FLOAT,
        {"LinearTransformation": {"transformation_matrix": IDENTITY, "mean_vector": [0.0] * 12}},
    ],
    "Normalize": [FLOAT, {"Normalize": {"mean": ARGUMENTS["mean"], "std": ARGUMENTS["std"]}}],
    "RandomResize": [{"RandomResize": {"min_size": 8, "max_size": 12}}, OF_ONE_SIZE],
    "RandomZoomOut": ["RandomZoomOut", OF_ONE_SIZE],
    "ScaleJitter": [{"ScaleJitter": {"target_size": [8, 8]}}, OF_ONE_SIZE],
}  # fmt: skip
"""transforms that need others beside them"""
REFUSED: Mapping[str, str] = {
    "FiveCrop": "transforms that give several pictures do not fit in a batch",
    "TenCrop": "transforms that give several pictures do not fit in a batch",
    "RandomIoUCrop": "objects with boxes and labels, which no task has yet",
    "SanitizeBoundingBoxes": "objects with boxes and labels, which no task has yet",
    "SanitizeKeyPoints": "objects with points, which no task has yet",
}
"""transforms that no document can use, and what a person is told"""
NEEDS_OPERATORS = {"JPEG": "it needs operators that this torchvision lacks"}
ENTRIES = catalog().entries("transform")


def chain(name: str) -> list[Any]:
    """The transforms of the case, else the one alone with its required arguments."""
    required = [argument.name for argument in ENTRIES[name].arguments if argument.required]
    return CASES[name] if name in CASES else [{name: {argument: ARGUMENTS[argument] for argument in required}}]


def written(name: str, place: str) -> dict[str, Any]:
    data = VIDEOS if name == "UniformTemporalSubsample" else PICTURES
    return document(data={**data, place: chain(name)}, model=MODEL, loss="CrossEntropyLoss")


def moved_away(name: str, base: Path) -> str:
    """Why the transform cannot stand in `prepare`; empty when it can."""
    try:
        build(Experiment.parse(written(name, "prepare")), base=base)
    except DocumentError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in REFUSED])
def test_transform(name: str, base: Path) -> None:
    if name in NEEDS_OPERATORS and vision_note():
        pytest.skip(f"{name}: {NEEDS_OPERATORS[name]}")
    told = moved_away(name, base)
    assert not told or told.endswith("move it to data.augment")
    trained(written(name, "augment" if told else "prepare"), base)


@pytest.mark.parametrize("name", [*REFUSED, *NEEDS_OPERATORS])
@pytest.mark.parametrize("place", ["prepare", "augment"])
def test_a_transform_that_cannot_be_used_says_why(name: str, place: str, base: Path) -> None:
    told = {**REFUSED, **NEEDS_OPERATORS}[name]
    if name in NEEDS_OPERATORS and not vision_note():
        pytest.skip(f"this torchvision has the operators of {name}")
    with pytest.raises(DocumentError, match=rf"^data\.{place}\[0\]: [^\n]*{told}[^\n]*$"):
        build(Experiment.parse(written(name, place)), base=base)


def test_nothing_is_left_out() -> None:
    assert {*CASES, *REFUSED, *NEEDS_OPERATORS} <= ENTRIES.keys()
    assert len(ENTRIES) >= 60
