"""A person at the page: trains, watches, stops, resumes, compares, tries; and what goes wrong meanwhile."""

from __future__ import annotations

import re
import shutil
import signal
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from .serving import DOCUMENT, Served, end, start

BEGUN = re.compile(r"epoch \d+ of")


def chart(page: Page, name: str) -> str:
    """The values at the right end of a chart, as its keys show them."""
    card = page.get_by_role("article", name=name, exact=True)
    card.scroll_into_view_if_needed()
    plot = card.locator(".chart-plot")
    plot.focus()
    plot.press("End")
    return card.locator(".chart-readings").inner_text()


def step_of(text: str) -> int:
    """The step that the readings stand at."""
    found = re.search(r"(?:step|步)\s*([\d\u202f]+)", text, re.IGNORECASE)
    assert found, text
    return int(found[1].replace("\u202f", ""))


def wait_beyond(page: Page, step: int) -> None:
    """Until the chart has a later step."""
    for _ in range(100):
        text = chart(page, "step/loss")
        if step_of(text) > step:
            return
        page.wait_for_timeout(300)
    raise AssertionError(f"nothing came behind step {step}; the chart's end is {text!r}")


def test_a_first_training_is_started_watched_and_tried(served: Served, page: Page) -> None:
    page.goto(served.address)
    page.get_by_role("heading", name="Train a model").wait_for()
    assert "token" not in page.url
    row = page.locator("main").get_by_text("first.yaml", exact=True).locator("xpath=ancestor::*[.//button][1]")
    row.get_by_role("button", name="Train").click()
    page.wait_for_url("**/run?**")
    expect(page.get_by_role("main")).to_contain_text("epoch 3 of 3")
    expect(page.get_by_role("main")).to_contain_text("done")
    assert step_of(chart(page, "step/loss")) == 60
    page.get_by_role("tab", name="Console").click()
    expect(page.get_by_role("log")).to_contain_text("epoch 3/3")
    page.get_by_role("tab", name="Try").click()
    page.get_by_role("tabpanel").locator("img").first.click()
    expect(page.get_by_role("tabpanel")).to_contain_text("%")


def test_points_arrive_while_it_trains_and_it_stops_and_goes_on(served: Served, page: Page) -> None:
    (served.folder / "first.yaml").write_text(DOCUMENT.replace("epochs: 3", "epochs: 9000"), "utf-8")
    page.goto(served.at("edit?file=first.yaml"))
    page.get_by_role("main").get_by_role("button", name="Train").click()
    page.wait_for_url("**/run?**")
    expect(page.get_by_role("main")).to_contain_text(BEGUN)
    first = step_of(chart(page, "step/loss"))
    wait_beyond(page, first)  # nobody reloads anything
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("main")).to_contain_text("stopped")
    stopped = step_of(chart(page, "step/loss"))
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Stop").wait_for()
    wait_beyond(page, stopped)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("main")).to_contain_text("stopped")


def test_a_server_that_is_killed_and_comes_back_loses_and_doubles_nothing(served: Served, page: Page) -> None:
    (served.folder / "first.yaml").write_text(DOCUMENT.replace("epochs: 3", "epochs: 80"), "utf-8")
    page.goto(served.at("edit?file=first.yaml"))
    page.get_by_role("main").get_by_role("button", name="Train").click()
    page.wait_for_url("**/run?**")
    expect(page.get_by_role("main")).to_contain_text(BEGUN)
    port = int(re.findall(r":(\d+)/", served.address)[0])
    served.process.send_signal(signal.SIGKILL)
    served.process.wait(10)
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    time.sleep(1)  # the training goes on meanwhile
    again = start(served.folder, port)
    try:
        expect(page.get_by_role("img", name="Connected to the server")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("epoch 80 of 80")
        expect(page.get_by_role("main")).to_contain_text("done")
        wait_beyond(page, 1599)
        assert step_of(chart(page, "step/loss")) == 1600
    finally:
        end(again)


def test_runs_are_compared_filtered_renamed_and_deleted_with_undo(library: Served, page: Page) -> None:
    page.goto(library.at("runs?tab=table"))
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="first-1")).to_have_count(1)
    expect(page.get_by_role("columnheader", name="lr")).to_be_visible()
    page.get_by_role("combobox", name="Filter runs").fill("optimizer.Adam.lr < 0.005")
    expect(rows.filter(has_text="first-1")).to_have_count(0)
    expect(rows.filter(has_text="first-2")).to_have_count(1)
    page.get_by_role("combobox", name="Filter runs").fill("optimizer.Adam.lr <")
    expect(page.get_by_role("main")).to_contain_text(re.compile("expected|end", re.IGNORECASE))
    page.get_by_role("combobox", name="Filter runs").fill("")
    page.goto(library.at("runs?tab=differences&sel=runs/first-1&sel=runs/first-2"))
    expect(page.get_by_role("main")).to_contain_text("0.001")
    page.goto(library.at("runs?sel=runs/first-1&sel=runs/first-2"))
    text = chart(page, "loss")
    assert "first-1" in text and "first-2" in text


def test_the_address_brings_back_what_was_seen_and_back_goes_back(library: Served, page: Page) -> None:
    page.goto(library.at("runs?sel=runs/first-1"))
    page.get_by_role("tab", name="Distributions").click()
    page.get_by_role("article").first.wait_for()
    there = page.url
    page.reload()
    expect(page.get_by_role("tab", name="Distributions")).to_have_attribute("aria-selected", "true")
    page.get_by_role("link", name="Start").click()
    page.get_by_role("heading", name="Train a model").wait_for()
    page.go_back()
    assert page.url == there


def test_both_languages_and_the_dark_theme_stay_over_a_reload(library: Served, page: Page) -> None:
    page.goto(library.address)
    page.get_by_text("中文").click()
    expect(page.get_by_role("heading", name="训练模型")).to_be_visible()
    page.get_by_role("button", name="深色").click()
    page.reload()
    expect(page.get_by_role("heading", name="训练模型")).to_be_visible()
    assert page.locator("html").get_attribute("data-mantine-color-scheme") == "dark"
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    for place in ("runs", "runs?tab=table", "run?run=runs/first-1", "edit?file=first.yaml"):
        page.goto(library.at(place))
        page.get_by_text("first").first.wait_for()
        words = page.locator("main").inner_text()
        assert re.search(r"[\u4e00-\u9fff]", words), place


def test_an_edit_outlives_a_reload_and_a_document_that_changed_on_disk(served: Served, page: Page) -> None:
    page.goto(served.at("edit?file=first.yaml&view=text"))
    text = page.locator(".cm-content")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("# mine")
    page.wait_for_timeout(600)
    page.reload()
    expect(text).to_contain_text("# mine")
    assert "# mine" not in (served.folder / "first.yaml").read_text()
    (served.folder / "first.yaml").write_text(DOCUMENT + "# theirs\n", "utf-8")
    text.click()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("main")).to_contain_text(re.compile("theirs|their", re.IGNORECASE))
    assert "# mine" not in (served.folder / "first.yaml").read_text()
    expect(text).to_contain_text("# mine")


def test_what_is_wrong_is_said_beside_its_line(served: Served, page: Page) -> None:
    (served.folder / "first.yaml").write_text(DOCUMENT.replace("Adam", "Adm"), "utf-8")
    page.goto(served.at("edit?file=first.yaml&view=text"))
    problems = page.get_by_role("region", name="Problems")
    expect(problems).to_contain_text("did you mean Adam")


def test_logs_of_others_are_shown_or_named(shared: Path, tmp_path: Path, page: Page) -> None:
    shutil.copytree(shared / "data" / "tfevents", tmp_path / "logs")
    running = start(tmp_path)
    try:
        page.goto(running.at("runs?sel=*&tab=media"))
        page.get_by_role("article").first.wait_for()
        page.goto(running.at("runs?sel=*"))
        page.get_by_role("article").first.wait_for()
        page.goto(running.at("runs?tab=table"))
        page.get_by_role("combobox", name="Filter runs").fill("damaged")
        expect(page.get_by_role("row").filter(has_text="damaged").first).to_be_visible()
    finally:
        end(running)


def test_a_run_that_is_deleted_while_it_is_watched_leaves_calmly(library: Served, page: Page) -> None:
    copy = library.folder / "runs" / "héllo 世界 🔥"
    shutil.copytree(library.folder / "runs" / "first-1", copy)
    page.goto(library.at("runs"))
    listed = page.get_by_role("listbox", name="Runs")
    expect(listed).to_contain_text("first-1")
    expect(listed.get_by_role("option")).to_have_count(3)
    shutil.rmtree(copy)
    expect(listed.get_by_role("option")).to_have_count(2)
