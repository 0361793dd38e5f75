"""A real server of the page in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect

PATIENCE = int(os.environ.get("TORCHWORK_PATIENCE", "90000"))
"""Milliseconds after which what has not happened will not; a training loads torch first, on a busy machine too."""
expect.set_options(timeout=PATIENCE)
PAGE = Path(os.environ.get("TORCHWORK_PAGE") or Path(__file__).parents[2] / "torchwork" / "serve" / "static")
"""The built page: another folder than the package's where one wants to try a build beside it."""
BUILT = PAGE / "index.html"
START = """
import sys
from pathlib import Path
from torchwork.serve import app
app.STATIC = Path(sys.argv.pop(1))
from torchwork.cli import process
sys.exit(process())
"""
"""`python -m torchwork` with that page"""


@dataclass
class Served:
    """A running server: its folder, its address with the token, its process."""

    folder: Path
    address: str
    process: subprocess.Popen[str]

    def at(self, path: str) -> str:
        """The address of a place in the page, with the token."""
        base, token = self.address.split("/?token=")
        return f"{base}/{path}{'&' if '?' in path else '?'}token={token}"


DOCUMENT = """torchwork: 1
name: first
data:
  source: {Shapes: {size: 16, train: 320, valid: 64}}
  batch_size: 16
model:
  layers:
    - Conv2d: {out_channels: 4, kernel_size: 3}
    - ReLU
    - Flatten
    - Linear: {out_features: classes}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 3, memory_format: contiguous}
"""
"""A training of a moment."""


def start(folder: Path, port: int = 0) -> Served:
    """`torchwork open FOLDER` without a browser of its own."""
    command = [sys.executable, "-c", START, str(PAGE), "open", str(folder), "--no-browser", "--port", str(port)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+token=\S+", line):
            return Served(folder, found[0], process)
    raise AssertionError(f"the server ended with {process.wait()}")


def end(served: Served) -> None:
    """As Ctrl-C does."""
    with served.process as process:  # which closes its pipe too
        process.terminate()
        process.wait(60)
