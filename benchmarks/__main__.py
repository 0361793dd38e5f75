"""`python -m benchmarks [NAME...]`: runs them, all without a name; the status is 1 if a number is missed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    accuracy,
    capture,
    code,
    doctor,
    drawing,
    explain,
    frames,
    inside,
    kill,
    live,
    memory,
    overhead,
    page,
    recording,
    soak,
    startup,
    templates,
    usual_loop,
    viewer,
)
from benchmarks.measure import DATA, Options, Report, SkippedError
from torchwork.errors import nearest

RESULTS = Path(__file__).parent / "results"
SCRIPTS: dict[str, tuple[Callable[[Options, Report], None], str]] = {
    "overhead": (overhead.run, str(overhead.__doc__)),
    "usual_loop": (usual_loop.run, str(usual_loop.__doc__)),
    "recording": (recording.run, str(recording.__doc__)),
    "startup": (startup.run, str(startup.__doc__)),
    "memory": (memory.run, str(memory.__doc__)),
    "accuracy": (accuracy.run, str(accuracy.__doc__)),
    "cifar": (accuracy.run_cifar, str(accuracy.run_cifar.__doc__)),
    "templates": (templates.run, str(templates.__doc__)),
    "capture": (capture.run, str(capture.__doc__)),
    "code": (code.run, str(code.__doc__)),
    "kill": (kill.run, str(kill.__doc__)),
    "live": (live.run, str(live.__doc__)),
    "viewer": (viewer.run, str(viewer.__doc__)),
    "doctor": (doctor.run, str(doctor.__doc__)),
    "explain": (explain.run, str(explain.__doc__)),
    "drawing": (drawing.run, str(drawing.__doc__)),
    "page": (page.run, str(page.__doc__)),
    "frames": (frames.run, str(frames.__doc__)),
    "inside": (inside.run, str(inside.__doc__)),
    "soak": (soak.run, str(soak.__doc__)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmarks that are named."""
    options, names, save = parse(arguments)
    print("\n".join(f"{name:12}{subject.splitlines()[0]}" for name, (_, subject) in SCRIPTS.items()) + "\n")
    return int(sum(missed(name, options, save) for name in names) > 0)


def parse(arguments: Sequence[str] | None) -> tuple[Options, list[str], bool]:
    """Options, the benchmarks to run, and whether to keep what they say."""
    names = ", ".join(SCRIPTS)
    parser = argparse.ArgumentParser("python -m benchmarks", description="Every number that torchwork claims.")
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"of {names}; all by default")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data sets (default: ../shared/data)")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each side (default: 5)")
    parser.add_argument("--trials", type=int, default=100, help="trainings that are killed (default: 100)")
    parser.add_argument("--minutes", type=float, default=60, help="how long pages stay open (default: 60)")
    parser.add_argument("--pages", type=int, default=20, help="so many pages (default: 20)")
    parser.add_argument("--draw", type=int, metavar="SEED", help="doctor: only healthy trainings, drawn by this seed")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to see that it works; no number means anything"
    )
    parser.add_argument("--save", action="store_true", help="also write to benchmarks/results/<date>-<name>.txt")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.name if name not in SCRIPTS]:
        parser.error(f"there is no benchmark {unknown[0]}; {nearest(unknown[0], SCRIPTS) or f'there are {names}'}")
    options = Options(given.data, given.rounds, given.trials, given.quick, given.minutes, given.pages, given.draw)
    return options, given.name or list(SCRIPTS), given.save


def missed(name: str, options: Options, save: bool) -> int:
    """Runs one benchmark; how many of its numbers were missed."""
    run, subject = SCRIPTS[name]
    report = Report(name)
    report.begin(subject.splitlines()[0])
    try:
        run(options, report)
    except SkippedError as reason:
        report.say(f"skipped: {reason}")
    if save:
        print(f"wrote {report.save(RESULTS)}")
    print()
    return report.missed


if __name__ == "__main__":
    raise SystemExit(main())
