"""Where a run ran: python, machine, packages, and the code's git commit with what was not committed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import Any

from torchwork.errors import RunFolderError

PATIENCE = 10.0  # seconds that git may take
LARGEST_DIFF = 1 << 20  # bytes of code.diff


def describe_environment(source: str | os.PathLike[str] = ".") -> dict[str, Any]:
    """Python, platform, processor, packages, and the git state of `source`; never fails."""
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "cpu": {"name": _cpu_name(), "cores": os.cpu_count()},
        "packages": packages(),
        "git": git_state(source),
    }


def packages() -> dict[str, str]:
    """All installed distributions with their versions."""
    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]  # None in a broken installation
        if name and name not in found:
            found[name] = distribution.version
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def git_state(source: str | os.PathLike[str] = ".") -> dict[str, Any] | None:
    """Commit, branch and whether tracked files were changed; None outside of git or without git."""
    commit = _git(source, "rev-parse", "HEAD")
    if not commit:
        return None
    branch = _git(source, "rev-parse", "--abbrev-ref", "HEAD") or b""
    changed = _git(source, "status", "--porcelain", "--untracked-files=no")
    return {"commit": _text(commit), "branch": _text(branch), "dirty": bool(changed)}


def write_code_diff(folder: str | os.PathLike[str], source: str | os.PathLike[str] = ".") -> Path | None:
    """Write `code.diff` into `folder`: what differs from the commit, at most 1 MiB; None when nothing does."""
    diff = _git(source, "diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv")
    if not diff:
        return None
    if len(diff) >= LARGEST_DIFF:
        diff += f"\n# cut after {LARGEST_DIFF} bytes\n".encode()
    path = Path(folder) / "code.diff"
    try:
        path.write_bytes(diff)
    except OSError as error:
        raise RunFolderError(f"cannot write {path}: {error.strerror}; make room or choose another folder") from error
    return path


def _git(source: str | os.PathLike[str], *arguments: str) -> bytes | None:
    """The first mebibyte that git prints; None when git is absent, fails, or takes too long."""
    command = ["git", "-C", os.fspath(source), *arguments]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except OSError:
        return None
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    with process:
        assert process.stdout is not None
        output = process.stdout.read(LARGEST_DIFF)
        cut = len(output) == LARGEST_DIFF
        if cut:
            process.kill()
        status = process.wait()
    alarm.cancel()
    return output if cut or status == 0 else None


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip()


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
