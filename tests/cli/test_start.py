"""What starts fast: help and the package load no torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "numpy", "pydantic", "rich")


@pytest.mark.parametrize(
    "code",
    [
        "import torchwork",
        "from torchwork.cli import main; main(['--help'])",
        "from torchwork.cli import main; main(['train', '--help'])",
        "from torchwork.cli import main; main(['new', '--list'])",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    script = f"import sys\ntry:\n  {code}\nexcept SystemExit: pass\nprint('loaded', *{HEAVY} & sys.modules.keys())"
    script = script.replace(f"*{HEAVY} &", f"*set({HEAVY}) &")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["loaded"]


@pytest.mark.parametrize("command", [["runs", "runs", "--json"], ["compare", "runs/none"], ["schema", "--short"]])
def test_tables_and_the_document_need_no_torch(command: list[str]) -> None:
    script = f"import sys; from torchwork.cli import main; main({command}); print('loaded', 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded False"


def test_the_reader_of_a_pipe_may_have_seen_enough() -> None:
    command = f"{sys.executable} -m torchwork schema | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert len(done.stdout) == 10 and done.stderr == ""
