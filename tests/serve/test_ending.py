"""How `torchwork open` ends, at once and however often it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .served import until


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("wait", [0.0, 0.02, 0.1, 1.5])
def test_a_second_ctrl_c_is_as_quiet_as_the_first(root: Path, tmp_path: Path, wait: float) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "torchwork", "open", str(root), "--no-browser"]
    log = tmp_path / "said"
    with log.open("w") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        until(lambda: "Ctrl-C" in log.read_text())
        time.sleep(wait)  # at the latter the worker is being started
        for _ in range(2):
            server.send_signal(signal.SIGINT)
            time.sleep(0.05)
        assert server.wait(60) == 130
    assert len(log.read_text().splitlines()) <= 3 and "Traceback" not in log.read_text()
