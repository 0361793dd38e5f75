"""A server of a folder for tests, asked as its page asks, and a document whose training takes a moment."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from httpx import Client

from torchwork.serve.app import create_app
from torchwork.serve.guard import Access
from torchwork.serve.workbench import Workbench

PATIENCE = 90.0
"""Seconds after which what has not happened will not."""
DOCUMENT = """torchwork: 1
name: first
seed: 1
data:
  source: {Shapes: {size: 16, train: 48, valid: 16}}
  batch_size: 16
model:
  layers:
    - {Conv2d: {out_channels: 4, kernel_size: 3}, name: conv}
    - ReLU
    - Flatten
    - {Linear: {out_features: classes}, name: head}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 2, memory_format: contiguous, record: {images: 0}}
"""
TABLE = """name: table
data: {source: {Table: {path: table.csv, target: y}}, split: {valid: 0.25}, batch_size: 8}
model: {layers: [{Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 1, memory_format: contiguous}
"""


@contextmanager
def served(root: Path, password: str = "") -> Iterator[Client]:
    """The page's side of a server of `root` that runs in a thread of this process."""
    listening = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    access, workbench = Access(frozenset({host}), password), Workbench.open(root)
    app = create_app(workbench, access)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="websockets-sansio", server_header=False))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    headers = {"authorization": f"Bearer {access.token}"}
    try:
        with Client(base_url=f"http://{host}", headers=headers, timeout=PATIENCE) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        workbench.jobs.close()


def until(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Waits until it is so; fails when it does not come."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.02)
