"""Tables: real ones, and what is wrong with small ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.data import Bundle
from torchwork.data.samples import Held
from torchwork.data.sources.table import Table
from torchwork.errors import DataError

Opener = Callable[..., Bundle]


def table(shared: Path, name: str, target: str | list[str], **arguments: Any) -> Table:
    return Table(str(shared / "data" / "csv" / f"{name}.csv"), target, **arguments)


def held(source: Table) -> Held:
    samples = source.splits["train"]()
    assert isinstance(samples, Held)
    return samples


@pytest.mark.parametrize(("name", "target", "classes", "features", "rows"), [
    ("iris", "species", ["setosa", "versicolor", "virginica"], 4, 150),
    ("titanic", "survived", ["0", "1"], 32, 891),
    ("penguins", "species", ["Adelie", "Chinstrap", "Gentoo"], 9, 344),
    ("diamonds", "cut", ["Fair", "Good", "Ideal", "Premium", "Very Good"], 22, 53940),
    ("diamonds", "price", None, 26, 53940),
    ("tips", "tip", None, 12, 244),
    ("penguins", "sex", ["FEMALE", "MALE"], 10, 333),
])  # fmt: skip
def test_real_tables(shared: Path, name: str, target: str, classes: list[str] | None, features: int, rows: int) -> None:
    source = table(shared, name, target)
    samples = held(source)
    assert source.classes == classes
    assert samples.inputs.shape == (rows, features) == (rows, len(source.encoding["features"]))
    assert samples.targets is not None
    assert samples.targets.dtype == (torch.int64 if classes else torch.float32)


def test_cells_become_numbers(shared: Path) -> None:
    source = table(shared, "tips", "tip")
    first = dict(zip(source.encoding["features"], held(source).inputs[0].tolist(), strict=True))
    assert first["total_bill"] == pytest.approx(16.99) and first["sex=Female"] == 1 and first["sex=Male"] == 0
    assert held(source).targets[0] == pytest.approx(1.01)  # type: ignore[index]


def test_missing_values_are_named_and_filled(shared: Path, opened: Opener) -> None:
    source = table(shared, "titanic", "survived")
    assert any("age 177" in note and "deck 688" in note for note in source.notes)
    bundle = opened(source={"Table": {"path": str(shared / "data/csv/titanic.csv"), "target": "survived"}})
    assert all(not inputs.isnan().any() for inputs, _ in bundle.train.epoch(0))
    none = opened(
        source={"Table": {"path": str(shared / "data/csv/titanic.csv"), "target": "survived"}}, normalize="none"
    )
    assert all(not inputs.isnan().any() for inputs, _ in none.train.epoch(0))
    age = none.spec.encoding["features"].index("age")
    assert 25 < none.spec.encoding["fill"][age] < 35


def test_missing_values_can_be_dropped(shared: Path) -> None:
    source = table(shared, "penguins", "species", missing="drop")
    assert len(held(source)) == 333 and not held(source).inputs.isnan().any()
    assert any("11 of 344 rows are left out" in note and "sex 11" in note for note in source.notes)


def test_rows_without_a_target_are_left_out(shared: Path) -> None:
    source = table(shared, "titanic", "embarked", features=["fare", "pclass"])
    assert len(held(source)) == 889 and any("2 of 891 rows" in note for note in source.notes)


def test_the_kind_of_target_can_be_forced(shared: Path) -> None:
    assert table(shared, "mpg", "cylinders").classes == ["3", "4", "5", "6", "8"]
    assert table(shared, "mpg", "cylinders", target_type="value").classes is None
    assert len(table(shared, "mpg", "model_year", target_type="class").classes or []) == 13


def test_several_targets_are_values(shared: Path, opened: Opener) -> None:
    source = {
        "Table": {
            "path": str(shared / "data/csv/iris.csv"),
            "target": ["petal_length", "petal_width"],
            "features": ["sepal_length"],
        }
    }
    spec = opened(source=source).spec
    assert spec.inputs == [[1]] and spec.target == "value" and spec.target_shape == [2] and spec.symbols["targets"] == 2


def test_text_with_many_values_is_left_out_unless_asked_for(shared: Path) -> None:
    assert any("name (text with 305 distinct values)" in note for note in table(shared, "mpg", "mpg").notes)
    assert held(table(shared, "mpg", "mpg", features=["name"])).inputs.shape == (398, 305)
    assert held(table(shared, "mpg", "mpg", features=["name"], categories="code")).inputs.shape == (398, 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_quotes_and_marks_are_understood(tmp_path: Path, delimiter: str) -> None:
    rows = [["size", "colour", "label"], ["1", f'"a{delimiter}b"', "x"], ["2", '"c"', "y"]]
    (tmp_path / "t.csv").write_text("\ufeff" + "\r\n".join(delimiter.join(row) for row in rows), encoding="utf-8")
    source = Table(str(tmp_path / "t.csv"), "label")
    assert source.encoding["features"] == ["size", f"colour=a{delimiter}b", "colour=c"]


@pytest.mark.parametrize(("text", "arguments", "message"), [
    ("a,b\n1,2", {"target": "c"}, "data.source.Table.target: expected a column of t.csv, got 'c'; it has a, b"),
    ("species,b\n1,2", {"target": "specis"}, "did you mean species"),
    ("a,b\n1,2", {"target": "b", "features": ["x"]}, "data.source.Table.features: expected a column"),
    ("", {"target": "a"}, "expected a line with the names of the columns and rows below it, got 0 lines"),
    ("a,b", {"target": "a"}, "got 1 lines"),
    ("a,a\n1,2", {"target": "a"}, "got 'a' twice"),
    ("a,b\n1,2\n1", {"target": "a"}, "expected 2 cells in every row, got 1 in row 3"),
    ("a,b\n1,x\n2,x", {"target": "b"}, "at least 2 classes in b, got 1"),
    ("a,b\n1,x\n2,y", {"target": "b", "target_type": "value"}, "expected numbers in b .*got text such as 'x'"),
    ("a,b\n1,\n2,NA", {"target": "b"}, "expected rows with a value in b, got none"),
    ("a,b\n,1\n,2", {"target": "b"}, "expected columns to predict from, got none"),
    ("b\n1\n2", {"target": "b"}, "expected columns to predict from, got none"),
])  # fmt: skip
def test_wrong_tables_are_told(tmp_path: Path, text: str, arguments: dict[str, Any], message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        Table(str(tmp_path / "t.csv"), **arguments)


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected a .csv file at .*none.csv: No such file"):
        Table(str(tmp_path / "none.csv"), "a")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(DataError, match=r"it is no text in UTF-8"):
        Table(str(tmp_path / "bytes.csv"), "a")
