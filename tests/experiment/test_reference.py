"""docs/document.md: its tables are those of the fields, and every section has one."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

from torchwork.experiment import json_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "document.md").read_text("utf-8")


def test_the_tables_are_up_to_date() -> None:
    generated = runpy.run_path(str(DOCS / "generate.py"))["generated"]
    assert generated(PAGE) == PAGE, "run `python docs/generate.py`"


def test_every_section_has_a_table_and_a_heading_to_link_to() -> None:
    assert {name for name, section in json_schema()["$defs"].items() if has_keys(section)} <= set(
        re.findall(r"<!-- fields: (\w+) -->", PAGE)
    )
    headings = {heading.lower() for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", PAGE)) <= headings


def has_keys(section: dict[str, Any]) -> bool:
    """Whether a section has fields, or a part properties beside its name."""
    return bool(section.get("properties") or ("anyOf" in section and section["anyOf"][1]["properties"]))
