"""Types of parameters: from annotations, documentation and defaults to what a value may be."""

# ruff: noqa: UP007, UP045 - torch writes its types in both ways
from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Optional, Union

import pytest
import torch

from torchwork.catalog import describe
from torchwork.catalog.annotations import annotation_text, forms_of, forms_of_schema, forms_of_words
from torchwork.catalog.forms import fit, words


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (int, [1, 2.0], [1.5, True, "1", None]),
        (float, [1, 2.5, float("nan")], ["x", False]),
        (bool, [True, 0, 1], [2, "true"]),
        (Union[int, tuple[int, int]], [3, [1, 2], (1, 2)], [[1], [1, 2, 3], [1, "a"], {}]),
        (Optional[Sequence[float]], [None, [], [1, 2.5]], ["ab", 1]),
        (int | tuple[int | None, ...], [[None, 3], 2], [None]),
        (Literal["a", "b", 1], ["a", 1], ["c", True]),
        (Colour, ["red", "RED", Colour.RED], ["blue", 1]),
        (torch.dtype, ["float32", "torch.int64", torch.bool], ["float33", 1, "Tensor"]),
        (torch.Tensor, [[1, 2], [[1.0], [2.0]], torch.zeros(1)], [[1, "a"], [[1], [1, 2]], "x"]),
        (Callable[[int], float], [len, "0.5 ** epoch"], [1, None]),
        (str | Path, ["data", Path("data")], [1]),
        (Iterable[int], [[1, 2]], [1]),
        (dict[str, Any], [{}], [[]]),
    ],
)
def test_values_fit_their_annotation(annotation: Any, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if not fit(forms_of(annotation), value)] == []
    assert [value for value in bad if fit(forms_of(annotation), value)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int or tuple", "an int or a list of ints"),
        ("float, optional", "a number"),
        ("tuple of float", "a list of numbers"),
        ("float or Tuple[float]", "a number or a list of numbers"),
        ("sequence of Tensors", "a list of tensors"),
        ("List[float]", "a list of numbers"),
        ("callable", "an expression of one free name"),
        ("str or None", "a string or null"),
    ],
)
def test_words_of_documentation(text: str, expected: str) -> None:
    assert words(forms_of_words(text)) == expected


def test_schema_types() -> None:
    assert words(forms_of_schema("Optional[List[int]]")) == "a list of ints or null"
    assert fit(forms_of_schema("number"), 2.5) and not fit(forms_of_schema("number"), "2")


def test_annotations_are_shown_as_written_today() -> None:
    assert annotation_text(Union[int, tuple[int, ...], None]) == "int | tuple[int, ...] | None"
    assert annotation_text(Callable[[int], float]) == "Callable[[int], float]"
    assert annotation_text(Literal["a"]) == "Literal['a']"


def test_a_class_of_ones_own_is_described() -> None:
    class Base:
        def __init__(self, root: str, train: bool = True, transform: object = None) -> None: ...

    class Own(Base):
        """Pictures of one's own.

        Args:
            size: edge in pixels
            mode: ``"a"`` or ``"b"``
        """

        def __init__(self, size=28, mode="a", *, names: list[str] | None = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)

    entry = describe(Own, "source")
    assert (
        entry.summary == "Pictures of one's own."
        and entry.signature == "Own(size=28, mode='a', names=None, root, train=True)"
    )
    kinds = {argument.name: argument.kind for argument in entry.arguments}
    assert kinds == {"size": "int", "mode": "str", "names": "sequence", "root": "str", "train": "bool"}
    assert entry.argument("mode").choices == ("a", "b") and entry.argument("mode").suggested
    assert entry.argument("size").help == "edge in pixels"
