"""Real sockets of pages: one that does not read harms nobody and misses nothing, and none keeps the server alive."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from torchwork.record import EventWriter

from .served import PATIENCE, served

TAGS = [f"{number:02}" + "x" * 20_000 for number in range(20)]
"""So long that few messages fill what the machine keeps of a connection."""
STEPS = 60


class Page:
    """A page's side of a real socket: the steps of the first tag, and how many messages brought them."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.steps: list[int] = []
        self.messages = 0

    def watch(self, run: str) -> None:
        self.connection.send(json.dumps({"type": "watch", "watch": [{"run": run}], "runs": False}))

    def until(self, step: int) -> None:
        """Reads until a step is there; nothing may lack, nothing may come twice."""
        while not self.steps or self.steps[-1] < step:
            news = json.loads(self.connection.recv(PATIENCE))
            if news["type"] != "points":
                continue
            assert not news["restart"]
            if points := news["series"].get(TAGS[0]):
                assert points["first"] == len(self.steps)
                self.steps += points["steps"]
                self.messages += 1

    def begin(self) -> None:
        """Reads until the run is followed."""
        while json.loads(self.connection.recv(PATIENCE))["type"] != "points":
            pass


@contextmanager
def page(address: str, token: str) -> Iterator[Page]:
    """A page whose machine keeps little of what it does not read."""
    place = urlsplit(address)
    with closing(socket.socket()) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect((place.hostname, place.port))
        url = f"ws://{place.netloc}/api/live?token={token}"
        with connect(url, sock=plain, compression=None, max_size=None, max_queue=1) as connection:
            yield Page(connection)


@pytest.mark.skipif(sys.platform != "linux", reason="how much a machine keeps of a connection differs")
def test_a_page_that_does_not_read_gets_what_it_lacks_together(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer, served(tmp_path) as client:
        address, token = str(client.base_url), client.headers["authorization"].split()[1]
        with page(address, token) as asleep, page(address, token) as awake:
            for one in (asleep, awake):
                one.watch("a")
                one.begin()
            for step in range(STEPS):
                writer.scalars(step, dict.fromkeys(TAGS, 1.0))
                writer.flush()
                awake.until(step)
            asleep.until(STEPS - 1)
            assert awake.steps == asleep.steps == list(range(STEPS))
            assert asleep.messages < awake.messages == STEPS
            writer.scalars(STEPS, dict.fromkeys(TAGS, 1.0))
            writer.flush()
            asleep.until(STEPS)


def test_ctrl_c_ends_the_server_under_an_open_page(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "torchwork", "open", str(tmp_path), "--no-browser", "--port", "6800"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = next(match for line in process.stdout if (match := re.search(r"http://\S+token=(\S+)", line)))
        with EventWriter(tmp_path / "a"), page(found[0], found[1]) as one:
            one.watch("a")
            one.begin()
            process.send_signal(signal.SIGINT)
            process.wait(60)
        assert process.stderr and "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()
