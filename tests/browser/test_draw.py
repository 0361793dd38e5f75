"""A person draws networks, from an empty sheet with mouse and keyboard; and what goes wrong meanwhile."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from safetensors.numpy import load_file

from .conftest import Opener
from .papers import CHAIN, TWO_LINEAR
from .serving import Served

LENET = (
    "conv2d 6 5", "relu", "maxpool2d 2", "conv2d 16 3", "relu", "maxpool2d 2", "flatten", "linear 32", "relu",
    "linear out_features=classes",
)  # fmt: skip


@pytest.mark.parametrize("language", ["English", "中文"])
def test_lenet_by_keyboard(sheet: Opener, language: str) -> None:
    drawn = sheet("lenet").speaks(language)
    names = [drawn.add(typed) for typed in LENET]
    drawn.has_wire("#in", names[0])
    drawn.has_wire(names[-1], "#out")
    drawn.trains_as_its_script()


@pytest.mark.parametrize("language", ["English", "中文"])
def test_a_residual_block_three_times(sheet: Opener, language: str) -> None:
    drawn = sheet("residual").speaks(language)
    for typed in ("conv2d 8 3", "conv2d 8 3 padding=1", "relu", "add"):
        drawn.add(typed)
    drawn.whole()
    drawn.connect(drawn.named("Conv2d"), drawn.named("add"), 1)
    drawn.pick(drawn.named("Conv2d", 1), drawn.named("ReLU"), drawn.named("add"))
    drawn.press("Control+g")
    drawn.answer("Block")
    expect(drawn.nodes).to_have_count(2)
    drawn.pick(drawn.named("Block"))
    drawn.point(0.25, 0.8)
    drawn.press("Control+c", "Control+v")
    expect(drawn.nodes).to_have_count(3)
    second = drawn.picked()
    drawn.press("Control+d")
    expect(drawn.nodes).to_have_count(4)
    third = drawn.picked()
    drawn.press("t")
    drawn.settle()
    drawn.whole()
    drawn.connect("block", second)
    drawn.connect(second, third)
    drawn.pick(third)
    drawn.add("flatten")
    drawn.add("linear out_features=classes")
    drawn.whole()
    drawn.ends_with("Linear")
    drawn.trains_as_its_script()
    assert drawn.text.count("Block") == 4, drawn.text  # once defined, three times used


@pytest.mark.parametrize("language", ["English", "中文"])
def test_a_u_net_with_its_skip_wire(sheet: Opener, language: str) -> None:
    masks = "{Shapes: {size: 16, task: masks, train: 64, valid: 32}}"
    drawn = sheet("unet", source=masks, loss="BCEWithLogitsLoss").speaks(language)
    down = ("conv2d 8 3 padding=1", "relu", "maxpool2d 2", "conv2d 16 3 padding=1", "relu")
    for typed in (*down, "upsample scale_factor=2", "cat dim=1"):
        drawn.add(typed)
    drawn.whole()
    drawn.connect(drawn.named("ReLU"), drawn.named("cat"), 1)
    drawn.pick(drawn.named("cat"))
    for typed in ("conv2d 8 3 padding=1", "relu", "conv2d 1 1"):
        drawn.add(typed)
    drawn.trains_as_its_script()


@pytest.mark.parametrize("language", ["English", "中文"])
def test_a_network_of_two_inputs(sheet: Opener, bench: Served, language: str) -> None:
    random, labels = np.random.default_rng(0), np.arange(64) % 3
    pictures = random.integers(0, 256, (64, 12, 12), dtype=np.uint8)
    np.savez(bench.folder / "two.npz", x1=pictures, x2=random.normal(labels[:, None], 1, (64, 4)), y=labels)
    drawn = sheet("two", source="{Arrays: {path: two.npz}}").speaks(language)
    line = drawn.page.get_by_role("textbox", name=drawn.say("Inputs", "输入"), exact=True)
    line.fill("image")
    line.press("Enter")
    expect(drawn.node("#in")).to_contain_text("image")
    line = drawn.page.get_by_role("textbox", name=drawn.say("new input…", "新输入…"))
    line.fill("table")
    line.press("Enter")
    expect(drawn.node("#in")).to_contain_text("table")
    line.press("Escape")
    drawn.board.focus()
    drawn.add("conv2d 4 3")
    drawn.add("flatten")
    drawn.press("Escape")
    drawn.add("linear 8")
    drawn.whole()
    drawn.connect("#in", drawn.named("Linear"), output="table")
    drawn.pick(drawn.named("Flatten"))
    drawn.add("cat dim=1")
    drawn.whole()
    drawn.connect(drawn.named("Linear"), drawn.named("cat"), 1)
    drawn.pick(drawn.named("cat"))
    drawn.add("linear out_features=classes")
    drawn.ends_with("Linear", 1)
    drawn.trains_as_its_script()


def test_a_cycle_is_refused_while_it_is_drawn(sheet: Opener) -> None:
    drawn = sheet("cycle", CHAIN)
    drawn.whole()
    drawn.pull("relu", "conv")
    expect(drawn.page.locator(".draw-reason")).to_have_text("This would be a cycle: conv → relu → conv")
    drawn.page.mouse.up()
    expect(drawn.page.locator(".draw-reason")).to_have_count(0)
    drawn.has_wire("relu", "conv", 0)
    drawn.has_wire("#in", "conv")
    drawn.can_be_trained()


def test_a_wire_that_ends_nowhere_asks_for_what_fits(sheet: Opener) -> None:
    drawn = sheet("fits", CHAIN)
    drawn.whole()
    drawn.handle("conv", "source", "").hover()
    drawn.page.mouse.down()
    drawn.point(0.8, 0.5)
    drawn.page.mouse.up()
    box = drawn.page.get_by_role("dialog", name="Add a layer")
    expect(box).to_contain_text("behind conv")
    offers = box.get_by_role("option")
    expect(offers.filter(has_text="BatchNorm2d")).to_have_count(1)
    expect(offers.filter(has_text="BatchNorm1d")).to_have_count(0)
    box.get_by_role("combobox").fill("maxpool2d 2")
    drawn.press("Enter")
    expect(drawn.nodes).to_have_count(5)
    drawn.has_wire("conv", drawn.picked())
    drawn.has_wire("conv", drawn.named("ReLU"))


def test_one_click_mends(sheet: Opener) -> None:
    drawn = sheet("mend")
    drawn.add("conv2d 4 3")
    drawn.add("linear out_features=classes")
    expect(drawn.problems).not_to_contain_text("it can be trained")
    drawn.problems.get_by_role("button", name="Flatten").first.click()
    expect(drawn.nodes).to_have_count(3)
    drawn.can_be_trained()


def test_a_hundred_steps_back_and_forth(sheet: Opener) -> None:
    drawn = sheet("steps", CHAIN)
    saved, undo = drawn.page.get_by_text("saved", exact=True), drawn.page.get_by_role("button", name="Undo")
    expect(saved).to_be_visible()
    drawn.pick("relu")
    first, last = re.compile(r"translate\(0px,"), re.compile(r"translate\(2000px,")
    expect(drawn.node("relu")).to_have_attribute("style", first)
    for _ in range(100):
        drawn.press("Alt+ArrowRight")
    drawn.settle()
    expect(drawn.node("relu")).to_have_attribute("style", last)
    for _ in range(100):
        drawn.press("Control+z")
    expect(saved).to_be_visible()
    expect(undo).to_be_disabled()
    expect(drawn.node("relu")).to_have_attribute("style", first)
    for _ in range(100):
        drawn.press("Control+Shift+z")
    expect(drawn.page.get_by_role("button", name="Redo")).to_be_disabled()
    expect(drawn.node("relu")).to_have_attribute("style", last)


def test_group_rename_and_unpack(sheet: Opener) -> None:
    drawn = sheet("group", CHAIN)
    drawn.pick("conv", "relu")
    drawn.press("Control+g")
    drawn.answer("Stem")
    expect(drawn.nodes).to_have_count(3)
    drawn.press("o")
    expect(drawn.page.get_by_role("navigation", name="Levels")).to_contain_text("Stem")
    assert drawn.names() == ["conv", "relu"]
    drawn.pick("conv")
    drawn.press("F2")
    line = drawn.page.get_by_role("textbox", name="New name of conv")
    line.fill("first")
    line.press("Enter")
    expect(drawn.node("first")).to_be_visible()
    drawn.press("Escape", "Escape")
    expect(drawn.page.get_by_role("navigation", name="Levels")).not_to_contain_text("Stem")
    expect(drawn.chosen).to_have_count(1)
    drawn.press("Control+Shift+g")
    expect(drawn.nodes).to_have_count(4)
    drawn.can_be_trained()
    drawn.has_wire("first", "relu")
    drawn.save()
    assert "Stem" not in drawn.text


def test_what_is_no_network_is_not_pasted(sheet: Opener) -> None:
    drawn = sheet("paste", CHAIN)
    drawn.page.evaluate("navigator.clipboard.writeText('Dear Sir or Madam')")
    drawn.pick("conv")
    drawn.press("Control+v")
    expect(drawn.page.locator(".notices")).to_contain_text("expected copied nodes")
    expect(drawn.nodes).to_have_count(4)
    drawn.can_be_trained()


def test_a_definition_is_not_pasted_into_itself(sheet: Opener) -> None:
    drawn = sheet("itself", CHAIN)
    drawn.copies_a_stem()
    drawn.press("o")
    expect(drawn.nodes).to_have_count(2)
    drawn.press("Control+v")
    expect(drawn.page.locator(".notices")).to_contain_text("Stem")
    expect(drawn.page.locator(".notices")).to_contain_text("itself")
    drawn.settle()
    expect(drawn.nodes).to_have_count(2)
    drawn.can_be_trained()


def test_one_of_two_uses_is_made_unique(sheet: Opener) -> None:
    drawn = sheet("unique", CHAIN)
    drawn.pick("relu")
    drawn.press("Control+g")
    drawn.answer("Act")
    expect(drawn.nodes).to_have_count(4)
    drawn.picked()
    drawn.press("Control+d")
    expect(drawn.nodes).to_have_count(5)
    second = drawn.picked()
    drawn.command("Make unique")
    expect(drawn.node(second)).to_contain_text("Act2")
    first = drawn.named("Act")
    drawn.pick(second)
    drawn.press("o")
    expect(drawn.page.get_by_role("navigation", name="Levels")).to_contain_text("Act2")
    drawn.pick("relu")
    drawn.add("dropout 0.5")
    drawn.press("Escape", "Escape")
    drawn.pick(first)
    drawn.press("o")
    expect(drawn.nodes).to_have_count(1)


def test_parameters_are_tied_and_untied(sheet: Opener) -> None:
    drawn = sheet("tied", TWO_LINEAR)
    drawn.pick("second")
    drawn.page.locator(".form-params summary").click()
    choice = drawn.page.get_by_role("combobox", name="second.weight")
    strip = drawn.page.locator(".draw-strip")
    expect(strip).to_contain_text("27.1 k parameters")
    choice.select_option("first.weight")
    expect(drawn.node("second")).to_contain_text("32")
    drawn.settle()
    expect(choice).to_have_value("first.weight")
    drawn.save()
    assert "second.weight: first.weight" in drawn.text, drawn.text
    choice.select_option("")
    expect(choice).to_have_value("")
    drawn.settle()
    drawn.save()
    assert "tie:" not in drawn.text, drawn.text
    drawn.can_be_trained()


def test_a_frozen_layer_stays_as_it_is(sheet: Opener) -> None:
    drawn = sheet("frozen", CHAIN.replace("epochs: 1", "epochs: 2"))
    drawn.pick("conv")
    drawn.page.locator(".form-params summary").click()
    every = drawn.page.locator(".form-params input[type=checkbox]").first
    expect(every).to_be_checked()
    every.click()
    expect(every).not_to_be_checked()
    drawn.save()
    run = drawn.train()
    before, after = (load_file(path) for path in sorted(run.glob("checkpoints/step-*/tensors.safetensors")))
    same = {key for key in before if before[key].shape and (before[key] == after[key]).all()}
    weights = {key for key in before if key.endswith(("conv.weight", "conv.bias", "out.weight", "out.bias"))}
    assert weights & same, (sorted(before), same)
    assert {key for key in weights & same if "out" in key} == set()
    assert {key for key in weights - same if "conv" in key} == set()


def test_a_line_of_code_and_its_node_light_each_other(sheet: Opener) -> None:
    drawn = sheet("light", CHAIN)
    line = drawn.page.locator(".draw-lines > div", has_text="self.relu = nn.ReLU()")
    drawn.node("relu").hover()
    expect(line).to_have_class(re.compile(r"\blit\b"))
    line.hover()
    expect(drawn.node("relu").locator(".draw-node")).to_have_class(re.compile(r"\blit\b"))
    line.click()
    expect(drawn.chosen).to_have_attribute("data-id", "relu")
