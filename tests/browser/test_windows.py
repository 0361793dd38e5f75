"""One document in several views, windows and hands; what a reload, and a server that goes, leave of it."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from .conftest import Opener
from .papers import CHAIN, EMPTY, SHAPES
from .serving import Served, end, start
from .sheet import Sheet


def test_two_windows_on_one_document(sheet: Opener, bench: Served) -> None:
    drawn = sheet("windows", CHAIN)
    other = Sheet(drawn.page.context.new_page(), bench, drawn.file).open()
    drawn.pick("relu")
    mine = drawn.add("dropout 0.5")
    expect(other.node(mine)).to_be_visible()
    other.pick("flat")
    theirs = other.add("linear 16")
    expect(drawn.node(theirs)).to_be_visible()
    drawn.press("Control+z")
    expect(other.node(theirs)).to_have_count(0)
    expect(other.node(mine)).to_be_visible()
    drawn.press("Control+Shift+z")
    expect(other.node(theirs)).to_be_visible()
    drawn.save()
    expect(other.page.get_by_text("saved", exact=True)).to_be_visible()


def test_two_windows_write_the_same_field(sheet: Opener, bench: Served) -> None:
    drawn = sheet("field", CHAIN)
    other = Sheet(drawn.page.context.new_page(), bench, drawn.file).open()
    fields = []
    for window in (drawn, other):
        window.pick("conv")
        fields.append(window.page.get_by_label("out_channels"))
    fields[0].fill("7")
    fields[0].press("Enter")
    expect(fields[1]).to_have_value("7")
    expect(other.node("conv")).to_contain_text("out 7")
    fields[1].fill("9")
    fields[0].fill("8")
    fields[1].press("Enter")
    expect(other.node("conv")).to_contain_text("out 9")
    expect(drawn.node("conv")).to_contain_text("out 9")
    expect(fields[0]).to_have_value("8")
    fields[0].press("Enter")
    expect(other.node("conv")).to_contain_text("out 8")
    drawn.press("Escape")
    drawn.board.focus()
    drawn.press("Control+z")
    expect(drawn.node("conv")).to_contain_text("out 9")
    drawn.press("Control+z")
    expect(drawn.node("conv")).to_contain_text("out 7")
    drawn.press("Control+z")
    expect(other.node("conv")).to_contain_text("out 4")
    expect(other.page.get_by_text("saved", exact=True)).to_be_visible()
    drawn.press("Control+Shift+z")
    expect(other.node("conv")).to_contain_text("out 7")


def test_nodes_go_from_window_to_window(sheet: Opener, bench: Served) -> None:
    drawn = sheet("here", CHAIN)
    (bench.folder / "there.yaml").write_text(EMPTY.format(name="there", source=SHAPES, loss="CrossEntropyLoss"))
    other = Sheet(drawn.page.context.new_page(), bench, "there.yaml").open()
    drawn.page.bring_to_front()
    drawn.pick("conv", "relu")
    drawn.press("Control+c")
    drawn.page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('Conv2d')")
    other.page.bring_to_front()
    other.board.focus()
    other.press("Control+v")
    expect(other.nodes).to_have_count(2)
    other.has_wire("conv", "relu")


def test_nodes_are_pasted_into_another_document(sheet: Opener) -> None:
    drawn = sheet("from", CHAIN)
    drawn.copies_a_stem()
    other = sheet("into")
    other.press("Control+v")
    expect(other.nodes).to_have_count(1)
    other.picked()
    other.press("o")
    expect(other.page.get_by_role("navigation", name="Levels")).to_contain_text("Stem")
    expect(other.nodes).to_have_count(2)


def test_python_that_is_pasted_at_once_waits_for_the_list_of_layers(sheet: Opener) -> None:
    held: list[Route] = []
    drawn = sheet("python", CHAIN)
    page = drawn.page
    page.route("**/api/parts*", lambda route: held.insert(0, route))
    page.reload()
    page.evaluate("navigator.clipboard.writeText('nn.Conv2d(3, 8, 3)')")
    drawn.pick("relu")
    drawn.press("Control+v")
    page.evaluate("navigator.clipboard.writeText('nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())')")
    drawn.press("Control+v")
    expect(drawn.nodes).to_have_count(4)
    for route in held:
        route.continue_()
    expect(drawn.nodes).to_have_count(7)
    drawn.settle()
    kinds = [drawn.node(name).locator(".draw-type").inner_text() for name in drawn.names()]
    assert kinds == ["Conv2d", "ReLU", "Conv2d", "Conv2d", "ReLU", "Flatten", "Linear"]
    expect(page.locator(".react-flow__edge")).to_have_count(8)


def test_text_and_drawing_stay_in_step(sheet: Opener) -> None:
    drawn = sheet("step", CHAIN)
    text = drawn.page.locator(".cm-content")
    drawn.pick("relu")
    drawn.add("dropout 0.25")
    drawn.page.get_by_role("tab", name="Text").click()
    expect(text).to_contain_text("Dropout: {p: 0.25}")
    text.get_by_text("out_channels: 4").click()
    drawn.press("End", "Enter")
    drawn.page.keyboard.insert_text("- {BatchNorm2d: {}, name: norm}")
    drawn.page.get_by_role("tab", name="Draw").click()
    expect(drawn.node("norm")).to_be_visible()
    drawn.has_wire("conv", "norm")
    drawn.press("Control+z")
    expect(drawn.node("norm")).to_have_count(0)


def test_a_reload_brings_back_what_was_seen(sheet: Opener) -> None:
    drawn = sheet("reload", CHAIN)
    drawn.pick("conv", "relu")
    drawn.press("Control+g")
    drawn.answer("Stem")
    expect(drawn.nodes).to_have_count(3)
    drawn.press("o")
    drawn.pick("relu")
    added = drawn.add("dropout 0.1")
    drawn.page.reload()
    expect(drawn.page.get_by_role("navigation", name="Levels")).to_contain_text("Stem")
    expect(drawn.node(added)).to_be_visible()
    expect(drawn.chosen).to_have_attribute("data-id", added)
    drawn.press("Control+z", "Control+z")
    expect(drawn.nodes).to_have_count(4)
    expect(drawn.page.get_by_text("saved", exact=True)).to_be_visible()


def test_five_thousand_nodes_open_and_pan(sheet: Opener) -> None:
    layers = "  layers:\n" + "".join(f"    - {{{{ReLU: {{{{}}}}, name: n{number}}}}}\n" for number in range(5000))
    drawn = sheet("many", EMPTY.replace("  layers: []\n", layers))
    expect(drawn.page.locator('[data-nodes="5000"]')).to_have_count(1)
    expect(drawn.node("n0")).to_be_visible()
    drawn.board.hover()
    drawn.page.mouse.wheel(0, 3000)
    expect(drawn.node("n0")).to_have_count(0)
    expect(drawn.nodes.first).to_be_visible()
    drawn.press("Control+f")
    box = drawn.page.get_by_role("combobox", name="Find a node")
    box.fill("n4321")
    box.press("Enter")
    expect(drawn.node("n4321")).to_be_visible()


def test_the_server_goes_in_the_middle_of_an_edit(served: Served, page: Page) -> None:
    (served.folder / "gone.yaml").write_text(CHAIN.format(name="gone", source=SHAPES, loss="CrossEntropyLoss"))
    drawn = Sheet(page, served, "gone.yaml").open()
    drawn.pick("relu")
    drawn.add("dropout 0.5")
    port = int(served.address.split(":")[2].split("/")[0])
    served.process.kill()
    served.process.wait(10)
    drawn.pick("flat")
    drawn.press("Delete")
    expect(page.get_by_text("kept here and sent when the server is back")).to_be_visible()
    drawn.pick("conv")
    page.get_by_label("out_channels").fill("6")
    page.get_by_label("out_channels").press("Enter")
    drawn.press("Control+s")
    expect(page.get_by_text("not saved yet; kept in this browser and sent when the server is back")).to_be_visible()
    again = start(served.folder, port)
    try:
        expect(drawn.node("flat")).to_have_count(0)
        drawn.settle()
        expect(drawn.nodes).to_have_count(4)
        expect(page.get_by_text("saved", exact=True)).to_be_visible()
        assert "Dropout" in drawn.text and "Flatten" not in drawn.text, drawn.text
        assert "out_channels: 6" in drawn.text, drawn.text
    finally:
        end(again)
