"""What is said of parts in other languages: of all that the installed torch offers, of ours no more than there is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from torchwork.answer.parts import parts
from torchwork.words import LANGUAGES
from torchwork.words import parts as words_of_parts

OURS = ("tensor", "warmup", "source")
"""Kinds that no version of torch changes; torchvision's data sets are the same in all that we know."""


@pytest.fixture(scope="module")
def installed() -> list[dict[str, Any]]:
    return list(parts()["parts"])


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(json.loads(words_of_parts(request.param)))


def test_every_part_has_its_summary(installed: list[dict[str, Any]], words: dict[str, Any]) -> None:
    missing = [
        f"{part['kind']} {part['name']}: {part.get('summary', '')}"
        for part in installed
        if part["name"] not in words["summaries"].get(part["kind"], {})
    ]
    assert missing == [], "describe these in torchwork/words/parts-*.json"


def test_every_group_has_its_heading(installed: list[dict[str, Any]], words: dict[str, Any]) -> None:
    assert {part.get("group", "") for part in installed} - {""} <= {*words["groups"]}


def test_nothing_is_said_of_parts_of_ours_that_there_are_not(
    installed: list[dict[str, Any]], words: dict[str, Any]
) -> None:
    there = {(part["kind"], part["name"]) for part in installed}
    said = {(kind, name) for kind in OURS for name in words["summaries"][kind]}
    assert said - there == set()


def test_every_argument_of_ours_is_explained(installed: list[dict[str, Any]], words: dict[str, Any]) -> None:
    known = {*words["arguments"]}
    missing = [
        f"{part['name']}.{field['name']}: {field['help']}"
        for part in installed
        if part["kind"] in ("tensor", "warmup")
        or part["name"] in ("ImageFolder", "MaskFolder", "Table", "Arrays", "Shapes", "Code")
        for field in part["fields"]
        if not known & {f"{part['name']}.{field['name']}", f"{part['kind']}.{field['name']}", field["name"]}
    ]
    assert missing == []


def test_what_is_said_of_an_argument_is_said_of_one_that_parts_have(
    installed: list[dict[str, Any]], words: dict[str, Any]
) -> None:
    ours = {part["name"] for part in installed if part["kind"] in OURS}
    there = {f"{part['name']}.{field['name']}" for part in installed for field in part["fields"]}
    dead = [key for key in words["arguments"] if key.partition(".")[0] in ours and "." in key and key not in there]
    assert dead == []
