"""A person looks inside a network while it trains: the drawing is alive, a layer opens, its maps are drawn."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from torchwork.record import EventWriter

from .serving import DOCUMENT, Served

NUMBER = re.compile(r"\d")


def test_a_network_is_looked_into_while_it_trains(served: Served, page: Page) -> None:
    (served.folder / "first.yaml").write_text(DOCUMENT.replace("epochs: 3", "epochs: 9000"), "utf-8")
    page.goto(served.at("edit?file=first.yaml"))
    page.get_by_role("main").get_by_role("button", name="Train").click()
    page.wait_for_url("**/run?**")
    page.get_by_role("tab", name="Inside").click()
    conv = page.locator(".react-flow__node", has_text="Conv2d")
    gauge = conv.locator(".gauge").first
    expect(gauge).to_have_text(NUMBER)
    expect(conv.locator("svg.alive-outputs")).to_be_visible()
    step = page.locator("[data-step]")
    before, said = step.get_attribute("data-step"), gauge.inner_text()
    expect(step).not_to_have_attribute("data-step", before or "")  # nobody reloads anything
    expect(gauge).not_to_have_text(said)

    conv.click()
    panel = page.get_by_role("region", name="The layer 0")
    expect(panel.locator("[data-number=gradient_norm]")).to_have_text(NUMBER)
    expect(panel.get_by_role("article", name="gradient norm").locator("canvas").first).to_be_visible()
    expect(panel.locator(".grid-cells figcaption")).to_have_count(4)  # feature maps of its four channels
    panel.get_by_text("Kernels", exact=True).click()
    expect(panel.locator(".grid-foot")).to_contain_text("3×3")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Download as PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")

    page.get_by_text("Layers over time").click()
    page.locator(".heat-names button").last.click()
    expect(page.get_by_role("region", name="The layer 3")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".layer-panel")).to_have_count(0)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("main")).to_contain_text("stopped")


def test_a_log_without_statistics_says_what_to_record(served: Served, page: Page) -> None:
    with EventWriter(served.folder / "theirs") as writer:
        writer.scalars(1, {"loss": 1.0})
    page.goto(served.at("run?run=theirs&tab=inside"))
    expect(page.get_by_role("main")).to_contain_text("run.watch(model)")
