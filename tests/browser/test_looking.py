"""A person looks into a trained run: its predictions, a mistake and where the network looked, what the doctor says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import DOCUMENT, Served, end, start

TWICE = DOCUMENT.replace("name: first", "name: twice").replace("classes}\n", "classes}\n    - Softmax: {dim: 1}\n", 1)
"""A document whose fault is known before it is trained."""


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Served]:
    """A server of a folder with a run that cannot go well."""
    (tmp_path / "twice.yaml").write_text(TWICE, "utf-8")
    command = [sys.executable, "-m", "torchwork", "train", "twice.yaml", "--set", "train.epochs=1"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    running = start(tmp_path)
    yield running
    end(running)


def test_a_mistake_of_the_predictions_is_explained(library: Served, page: Page) -> None:
    page.goto(library.at("run?run=runs/first-1"))
    page.get_by_role("tab", name="Predictions").click()
    view = page.get_by_role("tabpanel")
    expect(view).to_contain_text(re.compile(r"[\d.]+ % right"))
    expect(view).to_contain_text("64 samples")
    expect(view.get_by_role("region", name="Calibration")).to_contain_text("expected calibration error")
    matrix = view.get_by_role("application", name="Confusion matrix")
    matrix.focus()
    matrix.press("ArrowDown")
    expect(view).to_contain_text(re.compile(r"\d+ of \d+ samples of circle are taken for circle"))
    view.get_by_role("region", name="Classes").get_by_role("button", name="circle").click()
    mistakes = view.get_by_role("region", name="Mistakes")
    expect(mistakes.get_by_role("status")).to_contain_text(re.compile(r"samples of circle: \d+"))
    mistakes.get_by_role("button", name="Show all mistakes").click()
    tile = mistakes.get_by_role("listitem").get_by_role("button").first
    told = re.match(r"Sample (\d+): (\S+), taken for (\S+);", tile.get_attribute("aria-label") or "")
    assert told
    tile.click()
    explained = page.get_by_role("region", name="Where it looked")
    expect(explained.get_by_role("img", name=f"Where the network looked for {told[3]}")).to_be_visible()
    expect(explained).to_contain_text(f"#{told[1]}")
    expect(explained).to_contain_text(f"wrong: it is {told[2]}")
    explained.get_by_role("button", name=told[2], exact=True).click()  # why not what is true?
    expect(explained.get_by_role("img", name=f"Where the network looked for {told[2]}")).to_be_visible()
    explained.get_by_role("combobox", name="Method").select_option("occlusion")
    expect(explained.get_by_role("combobox", name="Layer")).to_have_count(0)
    expect(explained.get_by_role("img", name=f"Where the network looked for {told[2]}")).to_be_visible()


def test_the_doctor_says_what_is_wrong_and_its_button_makes_a_new_document(faulty: Served, page: Page) -> None:
    page.goto(faulty.at("run?run=runs/twice-1"))
    page.get_by_role("button", name=re.compile("^Doctor: 1 alarm")).click()
    panel = page.get_by_role("dialog", name=re.compile("^Doctor"))
    expect(panel).to_contain_text("CrossEntropyLoss takes the softmax once more")
    panel.get_by_role("button", name="new document: remove Softmax").click()
    page.wait_for_url("**/edit?file=twice-2.yaml")
    expect(page.get_by_role("main")).to_contain_text("No problems: it can be trained.")
    written = (faulty.folder / "twice-2.yaml").read_text("utf-8")
    assert "Softmax" not in written and "Conv2d" in written


@pytest.mark.parametrize("view", ["draw", "text"])
def test_the_doctor_looks_at_a_document_while_it_is_written(faulty: Served, page: Page, view: str) -> None:
    page.goto(faulty.at(f"edit?file=twice.yaml&view={view}"))
    page.get_by_role("button", name=re.compile("^Doctor: 1 alarm")).click()
    page.get_by_role("dialog", name=re.compile("^Doctor")).get_by_role("button", name="remove Softmax").click()
    expect(page.get_by_role("button", name=re.compile("^Doctor: (?!.*alarm)"))).to_be_visible()
