"""Networks come in and go out in a real browser: a person's own module with its proof, weights, code and pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import Page, expect

from .serving import Served

NET = """from torch import nn


class Net(nn.Module):
    def __init__(self, width=3, *, classes):
        super().__init__()
        self.hidden = nn.Linear(8, width)
        self.out = nn.Linear(width, classes)

    def forward(self, rows):
        return self.out(self.hidden(rows).relu())
"""


def take(page: Page, entry: str, folder: Path) -> Path:
    """What an entry of the menu Export gives, as a file."""
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name=entry).click()
    place = folder / coming.value.suggested_filename
    coming.value.save_as(place)
    return place


def test_ones_own_module_comes_in_proved_and_goes_out_as_code_and_picture(
    page: Page, served: Served, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(NET, "utf-8")
    page.goto(served.at("edit"))
    page.get_by_role("button", name="Import…").first.click()
    page.get_by_role("tab", name="Python file").click()
    page.locator("dialog input[type=file]").set_input_files(tmp_path / "net.py")
    page.get_by_label("classes").fill("4")
    page.get_by_label("Shapes of its inputs").fill("2x8")
    submit = page.get_by_role("button", name="Import Net")
    expect(submit).to_be_disabled()
    page.get_by_label("I trust").check()
    submit.click()
    expect(page.locator(".bring-seal")).to_contain_text("Proved")
    page.reload()
    expect(page.locator(".bring-seal")).to_contain_text("Proved")
    page.get_by_role("button", name="Show it on the canvas").click()
    expect(page.locator(".draw-node")).to_have_count(3)
    assert (served.folder / "Net.yaml").is_file()
    code = take(page, "Network alone (.py)", tmp_path)
    with code.open("a") as file:
        file.write("\nimport torch\nprint(tuple(Net()(torch.zeros(5, 8)).shape))\n")
    done = subprocess.run([sys.executable, code], capture_output=True, text=True, check=False)
    assert done.stdout == "(5, 4)\n", done.stderr
    drawn = ElementTree.parse(take(page, "Drawing (.svg)", tmp_path))
    words = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Linear", "hidden", "out"} <= words
    assert take(page, "Drawing (.png)", tmp_path).read_bytes().startswith(b"\x89PNG")


def test_a_network_of_the_start_page_opens_on_the_canvas(page: Page, served: Served) -> None:
    page.goto(served.at(""))
    page.get_by_role("button", name="Open U-Net").click()
    expect(page.locator(".draw-node").first).to_be_visible()
    assert "file=unet.yaml" in page.url


CODE = """from torch import nn


class Net(nn.Linear):
    def __init__(self):
        super().__init__(2, 2)

    def forward(self, rows):
        for _ in range(int(rows.abs().sum()) % 3 + 1):
            rows = super().forward(rows)
        return rows
"""


def test_a_network_that_stays_code_gets_no_green_seal(page: Page, served: Served) -> None:
    (served.folder / "net.py").write_text(CODE, "utf-8")
    page.goto(served.at("edit?import=new"))
    page.get_by_role("tab", name="Python file").click()
    page.get_by_label("In this folder").select_option("net.py")
    page.get_by_label("Shapes of its inputs").fill("2x2")
    expect(page.locator(".bring-trust")).to_contain_text("It can read and change whatever I can")
    page.get_by_label("I trust").check()
    page.get_by_role("button", name="Import Net").click()
    expect(page.locator(".bring-stages [aria-current]")).to_have_count(1)
    expect(page.locator(".bring-seal.code")).to_contain_text("nothing to edit")


def test_ones_own_pictures_lead_from_their_card_to_the_canvas(page: Page, served: Served, tmp_path: Path) -> None:
    for number, name in enumerate(("ants", "bees") * 6):
        folder = tmp_path / "insects" / name
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20), (20 * number, 90, 90)).save(folder / f"{number}.png")
    page.goto(served.at(""))
    page.locator(".start-drop input").set_input_files(tmp_path / "insects")
    expect(page.locator(".draw-node").first).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    assert "ImageFolder: {root: data/insects}" in (served.folder / "pictures.yaml").read_text("utf-8")
