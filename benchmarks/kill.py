"""A hundred trainings killed with SIGKILL, resumed, compared bit for bit with the uninterrupted one."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measure import Options, Report
from torchwork.record import Log, read_run

DOCUMENT = Path(__file__).with_suffix(".yaml")
FILES = ("tensors.safetensors", "state.json")
"""What a checkpoint consists of beside its manifest."""
RECORDED = ("step/loss", "step/lr", "train/loss", "valid/loss")
"""Curves that a resumed run must hold as if it had never stopped."""
LONGEST = 120.0
"""Seconds after which a training counts as hanging."""
COUNTED = """
Each trial starts `torchwork train`, kills it with SIGKILL, and calls `torchwork resume` until it ends by itself. Trials
take turns: killed at a moment drawn between the making of the run folder and the end of the training; or from such a
moment on within three milliseconds after the next checkpoint began to be written. Every third trial is killed a second
time, while it resumes. Equal means: the last checkpoint has the same bytes as that of the training nobody touched."""


@dataclass(frozen=True)
class Settings:
    """What to train, and with which settings of the document."""

    document: Path = DOCUMENT
    settings: tuple[str, ...] = ()

    def train(self, folder: Path) -> list[str]:
        """The command that trains in `folder`."""
        chosen = [word for setting in self.settings for word in ("--set", setting)]
        return [*TORCHWORK, "train", str(self.document), "--run", str(folder), *chosen]


TORCHWORK = (sys.executable, "-m", "torchwork")


@dataclass(frozen=True)
class Reference:
    """The training nobody touched, and the seconds from the making of its folder to its end."""

    folder: Path
    seconds: float


@dataclass(frozen=True)
class Trial:
    """What the kills hit; whether the checkpoint is equal; which curves are not; what a resume said that failed."""

    hits: tuple[str, ...]
    equal: bool
    curves: tuple[str, ...]
    error: str = ""

    def __str__(self) -> str:
        ended = self.error or ("equal" if self.equal else "NOT EQUAL")
        return "; ".join(["hit " + ", then ".join(self.hits), ended, *self.curves])


def run(options: Options, report: Report) -> None:
    """All trials, then a checkpoint that is damaged by hand."""
    report.say(COUNTED)
    settings = Settings(settings=("train.epochs=2",) if options.quick else ())
    with tempfile.TemporaryDirectory() as folder:
        reference = uninterrupted(settings, Path(folder))
        report.say(f"\nuninterrupted: {reference.seconds:.1f} s from the run folder to the end")
        trials = list(all_trials(settings, reference, options.size(options.trials, 4), report))
        tell(trials, report)
        damaged(settings, reference, report)


def uninterrupted(settings: Settings, place: Path) -> Reference:
    """Trains without being disturbed, twice as a control: the second one gives the time."""
    reference = place / "reference"
    for folder in (reference, place / "control"):
        process = started(settings.train(folder))
        wait_for(folder.exists, process)
        begun = time.monotonic()
        finish(process)
    if differing(place / "control", reference):
        raise RuntimeError("two undisturbed trainings differ, so nothing can be compared on this machine")
    return Reference(reference, time.monotonic() - begun)


def all_trials(settings: Settings, reference: Reference, count: int, report: Report) -> Iterator[Trial]:
    """The trials, as many at a time as there are cores; each says at once when it is not equal."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, trial in enumerate(pool.map(partial(one_trial, settings, reference), range(count))):
            print(f"    trial {number + 1}/{count}: {', '.join(trial.hits)}", file=sys.stderr, flush=True)
            if not trial.equal or trial.curves:
                report.say(f"  trial {number + 1}  {trial}")
            yield trial


def one_trial(settings: Settings, reference: Reference, number: int) -> Trial:
    """Kills once or twice, resumes to the end, compares."""
    draw, folder = random.Random(number), reference.folder.parent / f"trial-{number}"
    kills, hits = 2 if number % 3 == 2 else 1, list[str]()
    command, left = settings.train(folder), reference.seconds * 0.9
    while len(hits) < kills:
        moment = draw.uniform(0, left)
        hit = killed(command, folder, moment, draw.uniform(0, 0.003) if number % 2 else None)
        if hit:
            hits.append(hit)
            command, left = [*TORCHWORK, "resume", str(folder)], left - moment
        else:  # it was faster than the kill: once more from the beginning
            shutil.rmtree(folder)
            hits, command, left = [], settings.train(folder), reference.seconds * 0.9
    error = finish(started(command), check=False)
    if error:
        return Trial(tuple(hits), False, (), error)
    return Trial(tuple(hits), not differing(folder, reference.folder), other_curves(folder, reference.folder))


def killed(command: Sequence[str], folder: Path, moment: float, aim: float | None) -> str:
    """Runs `command`, kills it, and says what the kill hit; nothing when it had ended before.

    It is killed `moment` seconds after its run began; with `aim`, so many seconds after a checkpoint was then begun.
    """
    process = started(command)
    marks = set(events(folder))
    wait_for((lambda: set(events(folder)) - marks) if folder.exists() else folder.exists, process)
    time.sleep(moment)
    if aim is not None:
        wait_for(lambda: any(unfinished(folder)), process)
        time.sleep(aim)
    process.send_signal(signal.SIGKILL)
    ended = process.wait()
    process.communicate()
    return "" if ended >= 0 else state(folder)


def started(command: Sequence[str]) -> subprocess.Popen[str]:
    """The process, one thread an operation: small networks gain nothing from more."""
    environment = {**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def finish(process: subprocess.Popen[str], *, check: bool = True) -> str:
    """Waits for the end; what was printed when it failed, else nothing."""
    printed, _ = process.communicate(timeout=LONGEST)
    if process.returncode and check:
        raise RuntimeError(f"a training ended with {process.returncode}: {printed}")
    return printed if process.returncode else ""


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Looks again and again, half a millisecond apart, until `condition` holds or the process has ended."""
    while not condition() and process.poll() is None:
        time.sleep(0.0005)


def events(folder: Path) -> list[Path]:
    """The event files: a new one means that a training, or its resume, has begun."""
    return list(folder.glob("events.out.tfevents.*"))


def unfinished(folder: Path) -> Iterator[Path]:
    """Checkpoints that are being written."""
    return (folder / "checkpoints").glob("step-*.tmp")


def state(folder: Path) -> str:
    """What the killed process was doing, by what it left behind."""
    checkpoints = folder / "checkpoints"
    if not (folder / "experiment.yaml").exists():
        return "before the document was written"
    left = next(unfinished(folder), None)
    if left is not None:
        return "a checkpoint whole, without its name" if complete(left) else "a checkpoint half written"
    if (checkpoints / "best.json.tmp").exists():
        return "best.json half written"
    whole = [complete(path) for path in checkpoints.glob("step-*")]
    if not whole:
        return "before the first checkpoint"
    return "in the step between two checkpoints" if all(whole) else "an old checkpoint half removed"


def complete(checkpoint: Path) -> bool:
    """Whether all files are there, with a manifest that can be read."""
    with suppress(OSError, ValueError):
        files = json.loads((checkpoint / "manifest.json").read_text())["files"]
        return all(files[name]["size"] == (checkpoint / name).stat().st_size for name in FILES)
    return False


def newest(folder: Path) -> Path:
    """The last checkpoint."""
    return max((folder / "checkpoints").glob("step-*"), key=lambda path: int(path.name.removeprefix("step-")))


def differing(folder: Path, reference: Path) -> list[str]:
    """Files of the last checkpoint, and best.json, that are not the same bytes."""
    last, expected = newest(folder), newest(reference)
    if last.name != expected.name:
        return [last.name]
    found = [name for name in FILES if (last / name).read_bytes() != (expected / name).read_bytes()]
    best = Path("checkpoints", "best.json")
    return found + [best.name] * ((folder / best).read_bytes() != (reference / best).read_bytes())


def other_curves(folder: Path, reference: Path) -> tuple[str, ...]:
    """Recorded curves that have missing or other points, with how many."""
    here, there = read_run(folder), read_run(reference)
    found = []
    for tag in RECORDED:
        points, expected = points_of(here, tag), points_of(there, tag)
        missing = expected.keys() - points.keys()
        others = [step for step, value in points.items() if value != expected.get(step)]
        if missing or others:
            found.append(f"{tag}: {len(missing)} missing, {len(others)} others")
    return tuple(found)


def points_of(log: Log, tag: str) -> dict[int, float]:
    """A curve by step; empty when nothing was recorded."""
    return dict(zip(log[tag].steps.tolist(), log[tag].values.tolist(), strict=True)) if tag in log else {}


def tell(trials: Sequence[Trial], report: Report) -> None:
    """How many kills hit what, and how the trainings ended."""
    equal = sum(trial.equal for trial in trials)
    hits = Counter(hit for trial in trials for hit in trial.hits)
    well = Counter(hit for trial in trials if trial.equal for hit in trial.hits)
    report.say(f"\n{'what the kill hit':44}  kills   in trainings that ended equal")
    for hit, count in hits.most_common():
        report.say(f"  {hit:42}{count:7}   {well[hit]}")
    report.check(f"bit-equal of {len(trials)}", float(equal), len(trials), least=True)
    curves = sum(trial.equal and not trial.curves for trial in trials)
    report.check("with all curves equal", float(curves), len(trials), least=True)


def damaged(settings: Settings, reference: Reference, report: Report) -> None:
    """Changes a byte of the newest checkpoint of a stopped training, and resumes: the one before is used, and said."""
    folder = reference.folder.parent / "damaged"
    process = started(settings.train(folder))
    wait_for(lambda: len(list((folder / "checkpoints").glob("step-*[0-9]"))) >= 2, process)
    process.send_signal(signal.SIGTERM)
    finish(process, check=False)
    path = newest(folder) / FILES[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    printed, _ = started([*TORCHWORK, "resume", str(folder)]).communicate(timeout=LONGEST)
    said = next((line for line in printed.splitlines() if "damaged" in line), "nothing")
    report.say(f"\nthe newest checkpoint damaged by hand; the resume says: {said.replace(str(folder), 'RUN')}")
    well = "damaged" in said and not differing(folder, reference.folder)
    report.check("said, and bit-equal", float(well), 1, least=True)
