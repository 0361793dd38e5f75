"""The doctor: planted faults are found within their first epochs, and healthy trainings are left in peace."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks import doctor_data
from benchmarks.doctor_drawn import drawn, piece
from benchmarks.doctor_families import FAMILIES
from benchmarks.doctor_faults import FAULTS, planted
from benchmarks.doctor_healthy import HEALTHY as FIRST
from benchmarks.doctor_healthy import Healthy
from benchmarks.doctor_judging import Said, better, judged, learnt
from benchmarks.measure import Options, Report
from torchwork.doctor.finding import Change
from torchwork.draw import apply

HEALTHY = [*FIRST, *FAMILIES]
"""The first were partly seen while rules were tuned, the others only afterwards: rules have been mended with
both. Those that are drawn by a new seed (`--draw SEED`) tell how often the doctor cries wolf."""
WORKERS = 2
LEAST_FOUND, MOST_FALSE = 25, 1


@dataclass(frozen=True)
class Case:
    """One training: fault or healthy run number `number`, on a data set; of a set drawn by `seed`."""

    kind: str
    number: int
    data: str
    seed: int | None = None

    @property
    def name(self) -> str:
        """What is trained."""
        return FAULTS[self.number].name if self.kind == "fault" else self.healthy.name

    @property
    def healthy(self) -> Healthy:
        """How it is trained."""
        return (HEALTHY if self.seed is None else drawn(self.seed))[self.number]

    @property
    def piece(self) -> int:
        """Which piece of the data set it sees."""
        return 1 if self.seed is None else piece(self.seed)


@dataclass(frozen=True)
class Judged:
    """What the doctor said of it, with its document and from the records alone."""

    case: Case
    said: list[Said]
    alone: list[Said]
    learnt: bool = True
    cured: bool = False
    """whether training goes better with the change that the doctor offers: then it was right"""

    @property
    def found(self) -> Said | None:
        """The finding that names the fault."""
        return next((item for item in self.said if item.rule in FAULTS[self.case.number].rules), None)

    @property
    def cell(self) -> str:
        """The fault found, and after how many epochs; from the records alone in brackets."""
        if self.found is None:
            return "MISSED" + (f" ({self.said[0].rule})" if self.said else "")
        others = [item for item in self.alone if item.epoch]
        behind = f" ({others[0].rule} {others[0].epoch})" if others and others[0].rule != self.found.rule else ""
        return f"{self.found.rule} {self.found.epoch}{behind}"


def run(options: Options, report: Report) -> None:
    """Trains and judges all of them."""
    for name in doctor_data.SETS:
        doctor_data.arrays(name, options)  # says at once what is missing
    chosen = cases(options.quick) if options.draw is None else drawn_cases(options.draw)
    with tempfile.TemporaryDirectory() as folder:
        found = list(_judged(chosen, options, Path(folder)))
    if faults := [item for item in found if item.case.kind == "fault"]:
        _faults(faults, report, options)
    _healthy([item for item in found if item.case.kind == "healthy"], report)


def cases(quick: bool) -> list[Case]:
    """All of them, or a third."""
    faults = [Case("fault", number, name) for number in range(len(FAULTS)) for name in doctor_data.SETS]
    healthy = [Case("healthy", number, item.data) for number, item in enumerate(HEALTHY)]
    if not quick:
        return faults + healthy
    return [case for case in faults if case.number % 3 == doctor_data.SETS.index(case.data)] + healthy[::4]


def drawn_cases(seed: int) -> list[Case]:
    """A set of healthy trainings that no rule has seen, if the seed is new."""
    return [Case("healthy", number, item.data, seed) for number, item in enumerate(drawn(seed))]


def _judged(chosen: Sequence[Case], options: Options, folder: Path) -> Iterator[Judged]:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        places = [folder / f"{case.kind}-{case.number}-{case.data}" for case in chosen]
        yield from pool.map(_one, chosen, [options] * len(chosen), places)


def _one(case: Case, options: Options, folder: Path) -> Judged:
    run_folder = trained(case, options, folder)
    said = judged(run_folder)
    if case.kind == "fault":
        return Judged(case, said, judged(run_folder, alone=True))
    change = next((item.change for item in said if item.change), None)
    cured = change is not None and better(trained(case, options, folder / "changed", change), run_folder)
    return Judged(case, said, [], learnt(run_folder), cured)


def trained(case: Case, options: Options, folder: Path, change: Change | None = None) -> Path:
    """Trains a case below `folder`, in silence: the run's folder, also of one that could not go on."""
    import torch

    import torchwork
    from benchmarks import doctor_loops
    from torchwork.errors import TrainingError

    torch.set_num_threads(1)
    folder.mkdir(parents=True)
    content = doctor_data.arrays(case.data, options, case.piece) if case.data else {}
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        if case.kind == "healthy":
            doctor_data.save(folder, content)  # one that is fine-tuned is trained before
            document = case.healthy.make(str(folder / "data.npz" if case.data else options.data))
        else:
            fault = FAULTS[case.number]
            document, content = planted(fault, str(folder / "data.npz"), content)
            if fault.loop:
                return doctor_loops.run(fault.loop, content, folder)
        doctor_data.save(folder, content)
        document = apply(document, change.edits).document if change else document
        with contextlib.suppress(TrainingError):  # it stopped being finite, which is what the doctor is to explain
            torchwork.train(torchwork.Experiment.parse(document), folder=folder / "run")
    return folder / "run"


def _faults(found: Sequence[Judged], report: Report, options: Options) -> None:
    report.say("\nplanted faults: the rule that found it and after how many epochs (what the records alone said)")
    for item in found:
        report.say(f"  {item.case.name:54}{item.case.data:9}{item.cell}")
    report.say()
    for name in doctor_data.SETS:
        here = [item for item in found if item.case.data == name]
        hits = sum(item.found is not None for item in here)
        least = LEAST_FOUND if not options.quick else len(here) - 1
        report.check(f"found of {len(here)} faults on {name}", float(hits), float(least), least=True)


def _healthy(found: Sequence[Judged], report: Report) -> None:
    report.say("\nhealthy trainings: alarms and warnings at any moment")
    for item in found:
        told = ", ".join(f"{said.rule} {said.epoch}" for said in item.said) or "none"
        told += "" if item.learnt else " (learnt nothing: not counted)"
        told += " (right: its change trains better)" if item.cured else ""
        report.say(f"  {item.case.name:72} {item.case.data or 'its own':9}{told}")
    counted = [item for item in found if item.learnt]
    false = sum(bool(item.said) and not item.cured for item in counted)
    report.say()
    report.check(f"false alarms in {len(counted)} healthy trainings", float(false), float(MOST_FALSE))
