"""The canvas: from an edit at the page's socket to its drawing, for ResNet-50 and a flat chain of 300 nodes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from httpx import Client

from benchmarks.live import server
from benchmarks.measure import Options, Report, Spread

EDIT, OPENING = 100.0, 2000.0
"""Milliseconds that an edit may take, and opening ResNet-50 with a process that has just been started."""
NODES = 300
PARTS = ("Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}", "BatchNorm2d: {}", "ReLU: {}", "Dropout: {p: 0.1}")
Edit = dict[str, Any]


def run(options: Options, report: Report) -> None:
    """Milliseconds of each answer, and of the processors' time that server and worker need for it."""
    texts = {"ResNet-50": (Path(__file__).parent / "resnet50.yaml").read_text("utf-8"), "chain": chain(NODES)}
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (address, number), opened(address) as client:
        page = Page(client, psutil.Process(number))
        page.drawn("model: {example: [2x4], layers: [ReLU]}\n")  # a page that is open has asked something before
        for name, text in texts.items():
            first, _ = page.drawn(text)
            report.say(f"\n{name}, {text.count(chr(10))} lines")
            report.check("opening", first, OPENING, unit=" ms")
            for kind, edits in edits_of(name, options.size(25, 3)).items():
                measured = [page.drawn(text, edit) for edit in edits]
                report.check(kind, Spread.of(wall for wall, _ in measured), EDIT, unit=" ms")
                report.say(f"    processors' time of server and worker     {Spread.of(used for _, used in measured)}")


def chain(nodes: int) -> str:
    """A chain of so many nodes with their places, and small pictures for it."""
    ends = ("AdaptiveAvgPool2d: {output_size: 1}", "Flatten: {}", "Linear: {out_features: classes}")
    parts = [*(PARTS[place % len(PARTS)] for place in range(nodes - len(ends))), *ends]
    lines = [f"    n{place}: {{{part}, at: [0, {place * 90}]}}" for place, part in enumerate(parts)]
    head = "name: chain\ndata: {source: {Shapes: {size: 32, train: 64, valid: 16}}, batch_size: 16}\nmodel:\n  nodes:\n"
    return head + "\n".join(lines) + "\nloss: CrossEntropyLoss\noptimizer: {Adam: {lr: 0.01}}\n"


def edits_of(name: str, count: int) -> dict[str, list[Edit]]:
    """By kind, edits none of which was drawn before."""
    level, node, behind = ("Bottleneck", "conv2", "bn2") if name == "ResNet-50" else ("", "n40", "n41")
    feeds = [("relu_1", 0)] if name == "ResNet-50" else [("n42", 0)]
    kernel = [{"kernel_size": 1 + 2 * (place + 2), "padding": place + 2} for place in range(count)]
    shares = [{"Dropout": {"p": round(0.2 + place / 100, 2)}} for place in range(count)]
    return {
        "an argument": [{"do": "node", "level": level, "node": node, "args": args} for args in kernel],
        "a node moves": [{"do": "move", "level": level, "places": {node: [place, 7]}} for place in range(count)],
        "a node more": [
            {"do": "add", "level": level, "part": part, "sources": [behind], "feeds": feeds} for part in shares
        ],
    }


def opened(address: str) -> Client:
    """A client as the page is: with the token of its address."""
    base, _, token = address.partition("/?token=")
    return Client(base_url=base, headers={"authorization": f"Bearer {token}"}, timeout=120)


class Page:
    """Asks for drawings as the page does."""

    def __init__(self, client: Client, process: psutil.Process) -> None:
        self.client, self.process = client, process

    def drawn(self, text: str, edit: Edit | None = None) -> tuple[float, float]:
        """Milliseconds until the drawing is there, and those that the processors worked for it."""
        used, begun = self._used(), time.perf_counter()
        asked = {"text": text, "path": "drawn.yaml", "edits": [edit] if edit else []}
        answer = self.client.post("/api/draw", json=asked).raise_for_status()
        wall = time.perf_counter() - begun
        if faults := answer.json()["faults"]:
            raise RuntimeError(f"the benchmark's own document is not right: {faults[0]['message']}")
        return wall * 1e3, (self._used() - used) * 1e3

    def _used(self) -> float:
        return sum(self._seconds())

    def _seconds(self) -> Iterator[float]:
        for process in (self.process, *self.process.children()):
            times = process.cpu_times()
            yield times.user + times.system
