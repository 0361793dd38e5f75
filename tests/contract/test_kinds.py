"""Nothing that the catalog offers is without its file here."""

from __future__ import annotations

from pathlib import Path

from torchwork.catalog import KINDS

PLURALS = {"loss": "losses"}


def test_every_kind_has_its_file() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert {f"test_{PLURALS.get(kind, kind + 's')}" for kind in KINDS} <= files
