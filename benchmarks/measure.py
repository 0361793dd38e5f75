"""How every benchmark measures: fresh processes in turns, medians with their spread, and the machine beside them."""

from __future__ import annotations

import math
import os
import platform
import re
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from torchwork.record import git_state

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
"""Where data lie by default: in `shared/data` beside the checkout."""


class SkippedError(Exception):
    """A benchmark cannot run here; the message says what it needs."""


@dataclass(frozen=True)
class Options:
    """What the command line says. `quick` shrinks everything to see that it works: its numbers mean nothing."""

    data: Path = DATA
    rounds: int = 5
    trials: int = 100
    quick: bool = False
    minutes: float = 60.0
    pages: int = 20
    draw: int | None = None

    def folder(self, name: str) -> Path:
        """The data set `name`.

        Raises:
            SkippedError: it is not there.
        """
        if not (self.data / name).is_dir():
            raise SkippedError(f"needs the data set {name}: there is no {self.data / name}; say where with --data DIR")
        return self.data / name

    def size(self, full: int, quick: int) -> int:
        """`full`, or `quick` when it only has to be seen that the benchmark works."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Spread:
    """Measurements of one thing."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def interval(self) -> tuple[float, float]:
        """Where the median of endlessly many would lie, with a certainty of 95 %: by rank, whatever their spread."""
        ordered, count = sorted(self.values), len(self.values)
        half = 0.98 * math.sqrt(count)
        low, high = math.floor((count - 1) / 2 - half), math.ceil((count - 1) / 2 + half)
        return ordered[max(0, low)], ordered[min(count - 1, high)]

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"{self.median:9.4g}   {low:.4g} to {high:.4g}, n {len(self.values)}"


def ratios(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Value by value, measured next to each other, so that a busy minute of the machine meets both."""
    return Spread.of(value / other for value, other in zip(values, base, strict=True))


def in_turns(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measures all sides `rounds` times, A B then B A, so that none is always first."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        names = list(sides)
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(sides[name]())
            print(f"    round {number + 1}/{rounds}  {name}: {found[name][-1]:.4g}", file=sys.stderr, flush=True)
    return found


@dataclass
class Report:
    """What a benchmark prints, kept for a file. `missed` counts the numbers that were not reached."""

    name: str
    lines: list[str] = field(default_factory=list)
    missed: int = 0

    def say(self, text: str = "") -> None:
        """One line."""
        print(text, flush=True)
        self.lines.append(text)

    def begin(self, subject: str) -> None:
        """The heading, with the machine and the versions."""
        self.say(f"== {self.name}: {subject}")
        for line in machine():
            self.say(line)

    def table(self, heading: str, found: Mapping[str, Iterable[float]]) -> None:
        """The median and the spread of each row."""
        self.say(f"\n{heading:44}   median   spread")
        for name, values in found.items():
            self.say(f"  {name:42}{Spread.of(values)}")

    def check(self, what: str, value: Spread | float, limit: float, *, least: bool = False, unit: str = "") -> None:
        """One number of the claim: at most `limit`, or at least."""
        measured = value.median if isinstance(value, Spread) else value
        holds = measured >= limit if least else measured <= limit
        self.missed += not holds
        shown = str(value) if isinstance(value, Spread) else f"{measured:9.4g}"
        bound = f"{'at least' if least else 'at most'} {limit:g}{unit}"
        self.say(f"  {what:42}{shown}   [{bound}: {'holds' if holds else 'MISSED'}]")

    def save(self, folder: Path) -> Path:
        """Writes everything said to `<date>-<name>.txt`, beside earlier reports."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y-%m-%d}-{self.name}.txt"
        path.write_text("\n".join(self.lines) + "\n", "utf-8")
        return path


def machine() -> list[str]:
    """The machine, how busy it is, the versions, and the code's commit."""
    commit = git_state(ROOT)
    code = f" ({commit['commit'][:9]}{', changed' * commit['dirty']})" if commit else ""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "torchvision", "numpy", "torchwork"))
    load = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    threads = os.environ.get("OMP_NUM_THREADS")
    limited = f", OMP_NUM_THREADS={threads}" if threads else ""
    return [
        f"machine   {_processor()}, {os.cpu_count()} cores{load}{limited}; {platform.system()} {platform.release()}",
        f"versions  python {platform.python_version()}, {versions}{code}",
    ]


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def arguments(parts: Mapping[str, Any]) -> list[str]:
    """Settings as the command line and `Experiment.load` take them."""
    return [f"{path}={value}" for path, value in parts.items()]
