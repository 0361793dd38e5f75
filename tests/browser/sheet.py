"""The canvas as a person uses it: what is done with mouse and keyboard, and what is then to be seen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from torchwork.record import read_run

from .serving import Served

LOSSES = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['main']()))"
"""a program that runs a script and prints the loss of each step as its last line"""


class Sheet:
    """One document that is open for drawing in a tab; `words` are those of its language."""

    def __init__(self, page: Page, served: Served, file: str, *, chinese: bool = False) -> None:
        self.page, self.served, self.file, self.chinese = page, served, file, chinese
        self.board = page.get_by_role("application", name=re.compile("Sheet|画布"))

    def speaks(self, language: str) -> Sheet:
        """The sheet with the page in that language."""
        if language == "中文":
            self.page.get_by_text(language).click()
            self.chinese = True
            expect(self.page.get_by_text("双击或按 A 添加第一层。")).to_be_visible()
            self.board.focus()
        return self

    def copies_a_stem(self) -> None:
        """Groups conv and relu of a chain of four as the definition Stem, and copies its use."""
        self.pick("conv", "relu")
        self.press("Control+g")
        self.answer("Stem")
        expect(self.nodes).to_have_count(3)
        self.picked()
        self.press("Control+c")
        self.page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('Stem')")

    def say(self, english: str, chinese: str) -> str:
        return chinese if self.chinese else english

    # What is seen

    def node(self, name: str) -> Locator:
        return self.page.locator(f'.react-flow__node[data-id="{name}"]')

    @property
    def nodes(self) -> Locator:
        return self.page.locator(".react-flow__node-layer")

    @property
    def chosen(self) -> Locator:
        return self.page.locator(".react-flow__node-layer.selected")

    def wire(self, source: str, node: str) -> Locator:
        """The wire between two nodes; `#in` and `#out` are the ends of the level."""
        return self.page.locator(f'.react-flow__edge[aria-label="Edge from {source} to {node}"]')

    def has_wire(self, source: str, node: str, count: int = 1) -> None:
        expect(self.wire(source, node)).to_have_count(count)

    def named(self, kind: str, place: int = 0) -> str:
        """What the first, second, ... node of a class is called: by its number in a chain, by a name in a graph."""
        return self.nodes.filter(has=self.page.get_by_text(kind, exact=True)).nth(place).get_attribute("data-id") or ""

    def picked(self) -> str:
        """The name of the one selected node, when all that was done is drawn."""
        self.settle()
        expect(self.chosen).to_have_count(1)
        return self.chosen.get_attribute("data-id") or ""

    def names(self) -> list[str]:
        return [one.get_attribute("data-id") or "" for one in self.nodes.all()]

    @property
    def problems(self) -> Locator:
        return self.page.get_by_role("region", name=self.say("Problems", "问题"))

    def can_be_trained(self) -> None:
        expect(self.problems).to_contain_text(self.say("it can be trained", "可以训练"))

    def settle(self) -> None:
        """Until all that was done is drawn."""
        expect(self.page.locator(".draw-busy, .draw-waiting")).to_have_count(0)

    # What is done

    def open(self) -> Sheet:
        self.page.goto(self.served.at(f"edit?file={self.file}"))
        self.board.wait_for()
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def add(self, typed: str) -> str:
        """A, what is typed, Enter: behind the selected node. It is selected when it is there; gives its name."""
        count = self.nodes.count()
        self.press("a")
        box = self.page.get_by_role("combobox", name=self.say("Add a layer", "添加层"))
        box.fill(typed)
        expect(self.page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
        box.press("Enter")
        expect(self.nodes).to_have_count(count + 1)
        return self.picked()

    def pick(self, *names: str) -> None:
        """A click on the first, Ctrl and a click on the others."""
        for place, name in enumerate(names):
            self.node(name).locator(".draw-type").click(modifiers=["Control"] if place else [])
        expect(self.chosen).to_have_count(len(names))

    def whole(self) -> None:
        """Everything in view."""
        self.press("Escape", "f")
        expect(self.chosen).to_have_count(0)

    def handle(self, name: str, kind: str, number: str) -> Locator:
        which = f'[data-handleid="{number}"]' if number else ""
        return self.node(name).locator(f".react-flow__handle.{kind}{which}")

    def pull(self, source: str, target: str, number: int = 0, *, output: str = "") -> None:
        """Draws a wire with the mouse, and holds it over its end."""
        self.handle(source, "source", output).hover()  # which waits until the sheet stands still
        self.page.mouse.down()
        self.to(self.handle(target, "target", str(number)))

    def to(self, handle: Locator) -> None:
        box = handle.bounding_box()
        assert box is not None, handle
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)

    def connect(self, source: str, target: str, number: int = 0, *, output: str = "") -> None:
        """Draws one more wire with the mouse."""
        wires = self.page.locator(".react-flow__edge")
        count = wires.count()
        self.pull(source, target, number, output=output)
        self.page.mouse.up()
        expect(wires).to_have_count(count + 1)
        self.settle()

    def point(self, right: float, down: float) -> None:
        """The pointer goes somewhere over the sheet, in parts of its width and height."""
        box = self.board.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"])

    def ends_with(self, kind: str, place: int = 0) -> None:
        """What such a node gives is what the level returns: it is, or is made so."""
        if not self.wire(self.named(kind, place), "#out").count():
            self.connect(self.named(kind, place), "#out")

    def command(self, words: str) -> None:
        """Chosen by its name among all commands."""
        self.press("Control+k")
        box = self.page.get_by_role("combobox", name=self.say("Commands and nodes", "命令与节点"))
        box.fill(words)
        box.press("Enter")

    def answer(self, text: str) -> None:
        """What the small line asks for."""
        line = self.page.locator(".draw-ask input")
        line.fill(text)
        line.press("Enter")
        expect(line).to_have_count(0)

    def save(self) -> None:
        self.press("Control+s")
        expect(self.page.get_by_role("status").filter(has_text=self.say("saved", "已保存")).first).to_be_visible()

    @property
    def text(self) -> str:
        """The document as it was saved."""
        return (self.served.folder / self.file).read_text("utf-8")

    # What comes of it

    def train(self) -> Path:
        """Trains it from the page, sees it done, and gives its run folder."""
        self.can_be_trained()
        train = self.say("Train", "训练")
        self.page.get_by_role("main").get_by_role("button", name=train, exact=True).click()
        self.page.wait_for_url("**/run?**")
        expect(self.page.get_by_role("main")).to_contain_text(self.say("done", "已完成"))
        found = re.search(r"run=([^&]+)", self.page.url)
        assert found
        return self.served.folder / found[1].replace("%2F", "/")

    def script(self) -> Path:
        """Exports it as a script from the page."""
        self.open()
        self.page.get_by_role("button", name=self.say("Export", "导出"), exact=True).click()
        with self.page.expect_download() as download:
            self.page.get_by_role("menuitem", name=self.say("Training script (.py)", "训练脚本 (.py)")).click()
        path = self.served.folder / f"{Path(self.file).stem}_script.py"
        download.value.save_as(path)
        return path

    def trains_as_its_script(self) -> None:
        """The run is done, and the exported script gives the loss of each of its steps."""
        run = self.train()
        command = [sys.executable, "-c", LOSSES, str(self.script())]
        # As many threads as the server's training has: with others sums are rounded elsewhere.
        alike = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=self.served.folder, capture_output=True, text=True, env=alike, check=False)
        assert done.returncode == 0, done.stderr
        losses = json.loads(done.stdout.splitlines()[-1])
        assert losses and losses == list(read_run(run)["step/loss"].values)
