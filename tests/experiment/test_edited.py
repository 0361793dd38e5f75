"""Settings written into a document's text."""

from __future__ import annotations

import pytest

from torchwork.errors import DocumentError
from torchwork.experiment import edited

TEXT = """# what it is
data:
  source: {Table: {path: a.csv}}  # the file

train: {epochs: 3}
model:
  layers:
    - Linear: {out_features: 4}  # a layer
    - ReLU
"""


def test_a_value_is_replaced_and_everything_else_stays() -> None:
    assert edited(TEXT, ['data.source.Table.path="b: c #.csv"']) == TEXT.replace("a.csv", '"b: c #.csv"')
    assert edited(TEXT, ["model.layers[0].Linear.out_features=9"]) == TEXT.replace("4}", "9}")


def test_what_is_not_there_is_added_to_what_is() -> None:
    assert edited(TEXT, ["data.source.Table.target=label"]) == TEXT.replace("a.csv}", "a.csv, target: label}")
    assert edited(TEXT, ["data.batch_size=8"]) == TEXT.replace("# the file\n", "# the file\n  batch_size: 8\n")
    assert "    - ReLU: {inplace: true}\n" in edited(TEXT, ["model.layers[1].ReLU.inplace=true"])
    assert edited(TEXT, ["seed=1"]).endswith("- ReLU\nseed: 1\n")


def test_what_cannot_be_written_is_said() -> None:
    with pytest.raises(DocumentError, match="does not exist"):
        edited(TEXT, ["model.layers[2].ReLU.inplace=true"])
    with pytest.raises(DocumentError, match="path=value"):
        edited(TEXT, ["nothing"])
