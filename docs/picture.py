"""Draws docs/first.svg: what the first three commands print. Run it from anywhere: `python docs/picture.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COMMANDS = ("torchwork new", "torchwork check experiment.yaml", "torchwork train experiment.yaml")


def main() -> None:
    """Runs the commands in an empty folder and draws their output."""
    console = Console(record=True, width=128, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS:
            console.print(Text(f"$ {command}", style="bold green"))
            arguments = [sys.executable, "-m", *command.split()]
            done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=True)
            console.print(Text(done.stdout.rstrip() + "\n"))
    console.save_svg(str(Path(__file__).with_name("first.svg")), title="torchwork", theme=MONOKAI)


if __name__ == "__main__":
    main()
