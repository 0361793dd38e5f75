"""What the doctor says of a recorded training, epoch by epoch: as if it had been asked at the end of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torchwork.doctor import Evidence, diagnose, open_folder
from torchwork.doctor.finding import Change
from torchwork.record import read_run

LEARNT, BETTER = 0.9, 0.95


@dataclass(frozen=True)
class Said:
    """A rule that found something (a note is no alarm), and after how many epochs; 0: before the first."""

    rule: str
    epoch: int
    change: Change | None = None
    """the first that it offers"""


def judged(run: Path, *, alone: bool = False) -> list[Said]:
    """All alarms and warnings at any moment of a training, the first first; `alone`: without the document."""
    found = open_folder(run)
    log, ends = read_run(run), found.curve("epoch")
    document = None if alone else found.document
    moments = [0, *([int(step) for step in ends.steps] if ends is not None else [])]
    asked = [Evidence(log, document, found.data, until=moment) for moment in moments]
    if found.broke:
        asked.append(Evidence(log, document, found.data, broke=found.broke))
    first: dict[str, Said] = {}
    for epoch, evidence in enumerate(asked):
        for item in diagnose(evidence).findings:
            if item.severity != "note":
                first.setdefault(item.rule, Said(item.rule, epoch, next(iter(item.changes), None)))
    return list(first.values())


def learnt(run: Path) -> bool:
    """Whether a training came to something: of the mistakes of who guesses it makes nine tenths at most, in training.

    That is no matter of the doctor's: what has learnt nothing is no healthy run, whoever is asked.
    """
    evidence = open_folder(run)
    accuracy, guess = evidence.train_accuracy, evidence.guess
    return accuracy is None or guess is None or 1 - accuracy.last <= LEARNT * (1 - guess)


def better(run: Path, before: Path) -> bool:
    """Whether the best validation loss of a training is lower than before, by more than by luck."""
    losses = [open_folder(folder).valid_loss for folder in (run, before)]
    if losses[0] is None or losses[1] is None or not len(losses[0].finite):
        return False
    return float(losses[0].finite.min()) < BETTER * float(losses[1].finite.min())
