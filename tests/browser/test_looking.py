"""A person looks into a trained run: its predictions, a mistake and where the network looked, what the doctor says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.documents import DEEP, NUMBERS, PAIR, TABLE, masks, write_pair

from .serving import DOCUMENT, Served, end, start

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


def run_of(folder: Path, name: str, text: str) -> None:
    """A finished run `runs/NAME-1`."""
    (folder / f"{name}.yaml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "torchwork", "train", f"{name}.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a folder with a run that gives each pixel a class, and one that predicts a number."""
    tmp_path = tmp_path_factory.mktemp("masked")
    (tmp_path / "table.csv").write_text(TABLE)
    run_of(tmp_path, "masks", masks())
    run_of(tmp_path, "numbers", NUMBERS)
    running = start(tmp_path)
    yield running
    end(running)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Served]:
    """A server of a folder with a run whose network takes a while for many pictures."""
    run_of(tmp_path, "deep", DEEP)
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


@pytest.mark.parametrize("view", ["draw", "data", "training", "text"])
def test_the_doctor_looks_at_a_document_while_it_is_written(faulty: Served, page: Page, view: str) -> None:
    page.goto(faulty.at(f"edit?file=twice.yaml&view={view}"))
    alarm = page.get_by_role("button", name=re.compile("^Doctor: 1 alarm"))
    alarm.click()
    page.get_by_role("dialog", name=re.compile("^Doctor")).get_by_role("button", name="remove Softmax").click()
    expect(page.get_by_role("button", name=re.compile("^Doctor: (?!.*alarm)"))).to_be_visible()
    if view in ("data", "training"):
        page.get_by_role("button", name="Undo").click()
        expect(alarm).to_be_visible()


def test_the_doctor_tries_a_network_whose_records_say_nothing_yet(served: Served, page: Page) -> None:
    deaf = DOCUMENT.replace("    - Flatten\n", "    - Flatten\n    - {mul: {other: 0}}\n")
    (served.folder / "deaf.yaml").write_text(deaf, "utf-8")
    page.goto(served.at("edit?file=deaf.yaml"))
    page.get_by_role("button", name="Doctor: nothing found").click()
    page.get_by_role("button", name="Try it on a few samples").click()
    panel = page.get_by_role("dialog", name=re.compile("^Doctor: 1 alarm"))
    expect(panel).to_contain_text("The network gives the same outputs whatever it gets")


def test_what_was_dropped_is_still_explained_after_a_reload(library: Served, page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "ours.png"
    Image.new("RGB", (40, 30), (200, 30, 60)).save(picture)
    (tmp_path / "no.png").write_text("text")
    page.goto(library.at("run?run=runs/first-1&tab=try"))
    page.locator("input[type=file]").set_input_files([tmp_path / "no.png"])
    expect(page.get_by_role("alert")).to_contain_text("no.png is not a picture")
    page.locator("input[type=file]").set_input_files([picture])
    explained = page.get_by_role("region", name="Where it looked")
    looked = explained.get_by_role("img", name=re.compile("Where the network looked for"))
    expect(looked).to_be_visible()
    second = explained.locator(".explain-scores button").nth(1)
    chosen = second.inner_text()
    second.click()
    expect(looked).to_have_accessible_name(f"Where the network looked for {chosen}")
    page.reload()
    expect(looked).to_have_accessible_name(f"Where the network looked for {chosen}")
    expect(explained).to_contain_text("ours.png")
    page.get_by_role("tab", name="Console").click()
    page.get_by_role("tab", name="Try").click()
    expect(explained).to_contain_text("ours.png")


def test_a_slow_explanation_is_left_and_the_next_one_comes(slow: Served, page: Page) -> None:
    page.goto(slow.at("run?run=runs/deep-1&tab=try&sample=0"))
    explained = page.get_by_role("region", name="Where it looked")
    expect(explained.get_by_role("img", name=re.compile("Where the network looked"))).to_be_visible()
    method = explained.get_by_role("combobox", name="Method")
    method.select_option("occlusion")
    expect(explained.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile(r"[1-9]"))
    explained.get_by_role("button", name="Stop").click()
    expect(explained).to_contain_text("Stopped.")
    method.select_option("saliency")
    expect(explained.get_by_role("img", name=re.compile("Where the network looked"))).to_be_visible()
    expect(explained).to_have_text(re.compile("made random"))


def test_of_two_pictures_each_can_be_asked_for(served: Served, page: Page) -> None:
    write_pair(served.folder)
    run_of(served.folder, "pair", PAIR)
    page.goto(served.at("run?run=runs/pair-1&tab=try&sample=0"))
    explained = page.get_by_role("region", name="Where it looked")
    layers = explained.get_by_role("combobox", name="Layer")
    expect(layers).to_contain_text("chosen: one")
    explained.get_by_role("combobox", name="Which input").select_option("right")
    expect(layers).to_contain_text("chosen: other")
    page.reload()
    expect(explained.get_by_role("combobox", name="Which input")).to_have_value("right")
    expect(layers).to_contain_text("chosen: other")


def test_a_part_of_a_segmentation_is_explained_and_its_masks_are_seen(masked: Served, page: Page) -> None:
    page.goto(masked.at("run?run=runs/masks-1&tab=try&sample=1"))
    explained = page.get_by_role("region", name="Where it looked")
    picture = explained.get_by_role("application")
    expect(explained).to_contain_text("Click a pixel of the picture")
    box = picture.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    expect(explained).to_contain_text("Of the marked part: 4, 4, 8, 8")
    picture.press("ArrowRight")
    expect(explained).to_contain_text("Of the marked part: 5, 4, 9, 8")
    page.mouse.click(box["x"] + 1, box["y"] + 1)
    expect(explained).to_contain_text("Of the pixel 0, 0")
    picture.press("Escape")
    expect(explained).to_contain_text("Click a pixel of the picture")
    explained.get_by_text("Predicted", exact=True).click()
    expect(explained.get_by_role("img", name="The class of each pixel as predicted")).to_be_visible()

    page.get_by_role("tab", name="Predictions").click()
    view = page.get_by_role("tabpanel")
    expect(view.get_by_role("region", name="Classes")).to_contain_text("IoU")
    mistakes = view.get_by_role("region", name="Mistakes")
    expect(mistakes.get_by_role("status")).to_contain_text(re.compile(r"\d+ with wrong pixels"))
    expect(mistakes.locator(".masked-over").first).to_be_visible()
    mistakes.get_by_text("Picture", exact=True).click()
    expect(mistakes.locator(".masked-over")).to_have_count(0)


def test_predicted_numbers_are_seen_beside_the_truth(masked: Served, page: Page) -> None:
    page.goto(masked.at("run?run=runs/numbers-1&tab=predictions"))
    pairs = page.get_by_role("region", name="Predicted against true")
    points = pairs.get_by_role("application")
    points.focus()
    points.press("ArrowRight")
    expect(pairs).to_contain_text(re.compile(r"#\d+: \S+ is true, \S+ predicted; off by"))
    expect(page.get_by_role("region", name="Largest errors").get_by_role("listitem")).to_have_count(10)
    points.press("Enter")
    expect(page.get_by_role("tabpanel")).to_contain_text("this sample is none: it is only predicted")
