"""Tables in .csv files: which columns are features, how text becomes numbers, what the target is."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from torchwork.data.samples import Held, Source, digest
from torchwork.data.sources.folder import natural
from torchwork.errors import DataError, nearest

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
"""cells, in lower case, that hold no value"""
MANY = 50
"""a text column with more distinct values than this is left out, unless `features` names it"""
FEW = 20
"""a target of whole numbers with at most so many distinct values is a class"""
DELIMITERS = ",;\t|"


class Table(Source):
    """A table: one row a sample, one column the target, the other columns features.

    Numbers are used as they are, text becomes one column for each value (or a code). Rows without target are left out;
    missing numbers get the mean of the training rows, missing text gets zeros.

    Args:
        path (str): the .csv file, with the names of the columns in its first line
        target (str or list of str): the column to predict; several give several values
        features (list of str, optional): the columns to predict from; by default all others that can be used
        target_type (str): class or value; auto takes text and few whole numbers as classes
        categories (str): one_hot or code, for text columns
        missing (str): fill, or drop to leave out rows with any missing value
        delimiter (str, optional): what stands between the cells; by default it is found out
    """

    @classmethod
    def paths(cls, args: Mapping[str, Any]) -> tuple[str, ...]:
        """The file."""
        return ("path",)

    def __init__(
        self,
        path: str,
        target: str | list[str],
        features: list[str] | None = None,
        target_type: Literal["auto", "class", "value"] = "auto",
        categories: Literal["one_hot", "code"] = "one_hot",
        missing: Literal["fill", "drop"] = "fill",
        delimiter: str | None = None,
    ) -> None:
        self.path = Path(path)
        targets = [target] if isinstance(target, str) else list(target)
        cells = Cells(self.path, delimiter)
        for name in [*targets, *(features or [])]:
            cells.require(name, "target" if name in targets else "features")
        super().__init__({"train": lambda: self._held}, kind="table")
        wanted = [name for name in features or cells.names if name not in targets]
        self._drop(cells, targets if missing == "fill" else targets + wanted)
        columns = self._columns(cells, wanted, categories, forced=features is not None)
        parts = [column.encode(cells.column(column.name)) for column in columns]
        y, self.classes = self._target(cells, targets, target_type)
        inputs = torch.from_numpy(np.concatenate(parts, axis=1))
        self.encoding = {
            "columns": [column.as_dict() for column in columns],
            "features": [name for column in columns for name in column.feature_names],
            "target": targets,
            "gaps": bool(inputs.isnan().any()),
        }
        stat = self.path.stat()
        arguments = (targets, features, target_type, categories, missing, delimiter)
        self._held = Held(inputs, y, digest(self.path.resolve(), stat.st_size, stat.st_mtime_ns, arguments))

    def _drop(self, cells: Cells, needed: Sequence[str]) -> None:
        """Leave out rows where one of these columns has no value."""
        before = len(cells.rows)
        empty = {name: cells.missing(name) for name in needed}
        cells.keep(~np.logical_or.reduce(list(empty.values())))
        gaps = ", ".join(f"{name} {count}" for name, mask in empty.items() if (count := int(mask.sum())))
        if before != len(cells.rows):
            self.notes.append(
                f"table: {before - len(cells.rows)} of {before} rows are left out for missing values ({gaps})"
            )
        if not len(cells.rows):
            raise DataError(
                f"{self.path}: expected rows with a value in {', '.join(needed[:5])}, got none; set `missing: fill`"
            )

    def _columns(self, cells: Cells, wanted: Sequence[str], categories: str, forced: bool) -> list[Column]:
        found = [column_of(name, cells.column(name), categories) for name in wanted]
        out = {column.name: reason for column in found if (reason := column.useless(forced))}
        columns = [column for column in found if column.name not in out]
        if out:
            reasons = "; ".join(f"{name or 'the one without a name'} ({reason})" for name, reason in out.items())
            self.notes.append(f"table: columns left out: {reasons}")
        if not columns:
            raise DataError(
                f"{self.path}: expected columns to predict from, got none that can be used; name them with `features:`"
            )
        gaps = [f"{column.name} {column.gaps}" for column in columns if column.gaps]
        if gaps:
            self.notes.append(
                f"table: missing values of {len(cells.rows)} rows: {', '.join(gaps)}; numbers get the mean of train, "
                "text gets zeros"
            )
        return columns

    def _target(self, cells: Cells, targets: list[str], kind: str) -> tuple[Tensor, list[str] | None]:
        """int64 [n] and the names of the classes, or float32 [n] ([n, targets] where there are several) and None."""
        columns = [column_of(name, cells.column(name), "code") for name in targets]
        if len(columns) > 1:
            return torch.cat([self._values(column, cells) for column in columns], dim=1), None
        column, text = columns[0], cells.column(targets[0])
        if kind == "class" or (kind == "auto" and column.is_class()):
            names = sorted(set(text), key=lambda name: (natural(name), name))
            if column.kind == "number":
                names = sorted(set(text), key=float)
            if len(names) < 2:
                raise DataError(f"{self.path}: expected at least 2 classes in {column.name}, got {len(names)}")
            number = {name: i for i, name in enumerate(names)}
            self._tell(column.name, f"{len(names)} classes", "value", kind)
            return torch.tensor([number[cell] for cell in text]), names
        self._tell(column.name, "values", "class", kind)
        return self._values(column, cells)[:, 0], None

    def _tell(self, name: str, what: str, other: str, kind: str) -> None:
        if kind == "auto":
            self.notes.append(f"target: {name} is read as {what} (`target_type: {other}` says otherwise)")

    def _values(self, column: Column, cells: Cells) -> Tensor:
        if column.kind == "category":
            raise DataError(
                f"{self.path}: expected numbers in {column.name} to predict values, got text such as "
                f"{column.values[0]!r}; "
                f"set `target_type: class`"
            )
        return torch.from_numpy(column.encode(cells.column(column.name)))


@dataclass
class Column:
    """One column as features: a `number`, or a `category` by its distinct values, one-hot or as a code from 1."""

    name: str
    kind: str
    values: list[str]
    one_hot: bool = True
    gaps: int = 0
    distinct: int = 0
    whole: bool = False

    @property
    def feature_names(self) -> list[str]:
        """What its features are called."""
        return (
            [f"{self.name}={value}" for value in self.values]
            if self.kind == "category" and self.one_hot
            else [self.name]
        )

    def is_class(self) -> bool:
        """Whether, as a target, it reads as a class."""
        return self.kind == "category" or (self.whole and self.distinct <= FEW)

    def useless(self, forced: bool) -> str:
        """Why it is no feature, empty when it is one."""
        if not self.distinct:
            return "no values"
        if forced:
            return ""
        if not self.name:
            return "no name"
        return f"text with {self.distinct} distinct values" if self.kind == "category" and self.distinct > MANY else ""

    def encode(self, cells: Sequence[str]) -> np.ndarray:
        """The cells as float32 [n, features]; NaN where a number is missing."""
        if self.kind == "number":
            return np.array([_number(cell) for cell in cells], dtype=np.float32)[:, None]
        place = {value: i + 1 for i, value in enumerate(self.values)}
        codes = np.array([place.get(cell, 0) for cell in cells])
        if not self.one_hot:
            return codes.astype(np.float32)[:, None]
        rows: np.ndarray = np.eye(len(self.values) + 1, dtype=np.float32)[codes]
        return rows[:, 1:]

    def as_dict(self) -> dict[str, Any]:
        """What `encode_row` needs, as JSON."""
        return {"name": self.name, "kind": self.kind, "values": self.values, "one_hot": self.one_hot}


def column_of(name: str, cells: Sequence[str], categories: str) -> Column:
    """What a column holds: numbers if every cell that is not missing is one."""
    present = [cell for cell in cells if cell.lower() not in MISSING]
    distinct = set(present)
    gaps = len(cells) - len(present)
    try:
        numbers = [float(value) for value in distinct]
    except ValueError:
        values = sorted(distinct, key=lambda value: (natural(value), value))
        return Column(name, "category", values, categories == "one_hot", gaps, len(distinct))
    return Column(
        name, "number", [], gaps=gaps, distinct=len(distinct), whole=all(value.is_integer() for value in numbers)
    )


def _number(cell: str) -> float:
    return float("nan") if cell.lower() in MISSING else float(cell)


class Cells:
    """A .csv file as text."""

    def __init__(self, path: Path, delimiter: str | None) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise DataError(f"data.source.Table.path: expected a .csv file at {path}: {reason}") from None
        lines = text.splitlines()
        head = lines[0] if lines else ""
        self.delimiter = delimiter or max(DELIMITERS, key=head.count)
        rows = [
            [cell.strip() for cell in row]
            for row in csv.reader(text.splitlines(keepends=True), delimiter=self.delimiter)
            if row
        ]
        if len(rows) < 2:
            raise DataError(
                f"{path}: expected a line with the names of the columns and rows below it, got {len(rows)} lines"
            )
        self.names, self.rows = rows[0], rows[1:]
        self._check()

    def _check(self) -> None:
        twice = next((name for name in self.names if self.names.count(name) > 1), None)
        if twice is not None:
            raise DataError(
                f"{self.path}:1: expected each column to have its own name, got {twice!r} twice; rename one"
            )
        for number, row in enumerate(self.rows, 2):
            if len(row) != len(self.names):
                raise DataError(
                    f"{self.path}: expected {len(self.names)} cells in every row, got {len(row)} in row {number}; "
                    "mend that row"
                )

    def require(self, name: str, argument: str) -> None:
        """DataError with the nearest name when there is no such column."""
        if name not in self.names:
            hint = nearest(name, self.names) or f"it has {', '.join(self.names[:12])}"
            raise DataError(
                f"data.source.Table.{argument}: expected a column of {self.path.name}, got {name!r}; {hint}"
            )

    def column(self, name: str) -> list[str]:
        """The cells of one column."""
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def missing(self, name: str) -> np.ndarray:
        """Where a column has no value, bool [n]."""
        return np.array([cell.lower() in MISSING for cell in self.column(name)])

    def mappings(self) -> list[dict[str, str]]:
        """Every row as a mapping by column."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def keep(self, mask: np.ndarray) -> None:
        """These rows only."""
        self.rows = [row for row, kept in zip(self.rows, mask, strict=True) if kept]


def encode_row(row: Mapping[str, Any] | Sequence[Any], encoding: Mapping[str, Any]) -> Tensor:
    """An unseen row as float32 [features]: a mapping by column, or its cells in the order of the features' columns."""
    columns = [Column(item["name"], item["kind"], item["values"], item["one_hot"]) for item in encoding["columns"]]
    if not isinstance(row, Mapping):
        if len(row) != len(columns):
            raise DataError(
                f"expected {len(columns)} cells ({', '.join(column.name for column in columns)}), got {len(row)}"
            )
        row = {column.name: cell for column, cell in zip(columns, row, strict=True)}
    absent = [column.name for column in columns if column.name not in row]
    if absent:
        raise DataError(
            f"expected a value (empty when missing) for {', '.join(absent)}; the row has {', '.join(map(str, row))}"
        )
    try:
        parts = [column.encode([_text(row[column.name])]) for column in columns]
    except ValueError as error:
        raise DataError(f"expected a number in a column of numbers: {error}") from None
    return torch.from_numpy(np.concatenate(parts, axis=1))[0]


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
