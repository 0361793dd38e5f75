"""The console log: what a person would have read, without the redrawing."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from torchwork.errors import RunFolderError
from torchwork.record import log_console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_both_streams_are_shown_and_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with log_console(tmp_path / "console.log"):
        print("to stdout")
        print("to stderr", file=sys.stderr)
        sys.stdout.writelines(["half ", "line"])
    print("afterwards")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("to stdout\nhalf lineafterwards\n", "to stderr\n")
    assert (tmp_path / "console.log").read_text() == "to stdout\nto stderr\nhalf line\n"


def test_redraws_leave_their_last_state(tmp_path: Path) -> None:
    with redirect_stdout(Terminal()) as terminal, log_console(tmp_path / "console.log"):
        for percent in range(0, 101, 10):
            print(f"\r{percent} %", end="")
        print("\r\x1b[2Kepoch 1 \x1b[32mdone\x1b[0m")
        print("windows\r\nline", end="\r")
        print("\nnext")
    assert (tmp_path / "console.log").read_text() == "epoch 1 done\nwindows\nline\nnext\n"
    assert terminal.getvalue().startswith("\r0 %\r10 %")


def test_a_rich_bar_is_not_logged_at_each_redraw(tmp_path: Path) -> None:
    with redirect_stdout(Terminal()), log_console(tmp_path / "console.log"):
        console = Console(force_terminal=True, width=60)
        with Progress(console=console, auto_refresh=False) as progress:
            first, second = progress.add_task("train", total=50), progress.add_task("valid", total=50)
            for _ in range(50):
                progress.advance(first)
                progress.advance(second)
                progress.refresh()
        print("done")
    lines = (tmp_path / "console.log").read_text().splitlines()
    assert lines[-1] == "done" and len(lines) < 8 and "\x1b" not in "".join(lines)


def test_the_streams_keep_what_they_are(tmp_path: Path) -> None:
    with redirect_stdout(Terminal()) as terminal, log_console(tmp_path / "console.log"):
        assert sys.stdout is not terminal
        assert sys.stdout.isatty() and sys.stdout.encoding == "utf-8"
        with pytest.raises(io.UnsupportedOperation):
            sys.stdout.fileno()


def test_the_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with redirect_stdout(Terminal()), log_console(tmp_path / "console.log"):
            print(text)
    assert (tmp_path / "console.log").read_text() == "first\nsecond\n"


def test_an_error_passes_through_and_restores_the_streams(tmp_path: Path) -> None:
    with redirect_stdout(Terminal()) as terminal:
        with pytest.raises(KeyError), log_console(tmp_path / "console.log"):
            raise KeyError
        assert sys.stdout is terminal


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_does_not_stop_the_program() -> None:
    program = "from torchwork.record import log_console\nwith log_console('/dev/full'):\n    print('one'); print('two')"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "one\ntwo\n"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot write"), log_console(tmp_path / "missing" / "console.log"):
        pass
