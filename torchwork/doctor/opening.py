"""A folder as evidence: a run of ours, of one's own loop, or a TensorBoard log of others."""

from __future__ import annotations

from pathlib import Path

from torchwork.doctor.evidence import Evidence
from torchwork.errors import RunFolderError, TorchworkError
from torchwork.experiment import Experiment
from torchwork.record import Log, RunFolder, RunInfo, event_files, read_run

DOCUMENT = "experiment.yaml"
VALIDATIONS = ("validation", "valid", "val", "eval", "test")
NOT_FINITE = "stopped being finite"
"""How the engine says that it could not go on for that reason."""


def open_folder(path: str | Path) -> Evidence:
    """What is known of the run, or of the event files of others, in a folder.

    Raises:
        RunFolderError: there is neither.
    """
    path = Path(path)
    if not (path / "run.json").exists() and not event_files(path):
        if (halves := _halves(path)) is not None:
            return Evidence(read_run(halves[0]), beside=read_run(halves[1]))
        raise RunFolderError(f"{path} holds neither run.json nor event files; `torchwork runs` lists what there is")
    return evidence_of(path, read_run(path))


def _halves(path: Path) -> tuple[Path, Path] | None:
    """The folders of training and validation, as Keras has them below that of a run."""
    beside = next((path / name for name in VALIDATIONS if _holds_events(path / name)), None)
    return (path / "train", beside) if beside is not None and _holds_events(path / "train") else None


def _holds_events(path: Path) -> bool:
    return path.is_dir() and bool(event_files(path))


def evidence_of(path: Path, log: Log) -> Evidence:
    """The evidence of a folder whose event files were read already."""
    info = RunFolder.open(path).info if (path / "run.json").exists() else RunInfo("", path.name)
    broke = info.error if info.status == "failed" and NOT_FINITE in (info.error or "") else None
    return Evidence(log, _document(path / DOCUMENT), info.data, broke=broke or "")


def _document(path: Path) -> Experiment | None:
    """The run's document; one that another version wrote, or a person broke, says nothing."""
    try:
        return Experiment.load(path) if path.exists() else None
    except TorchworkError:
        return None
