"""READ THIS FIRST. One experiment from document to trained model: build it, record it, train it, hand back the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from torchwork import record
from torchwork.build import Built, build, build_own, with_choice, with_train
from torchwork.data import data_facts
from torchwork.engine import Info, Listener, ProgressBar, Trainer, tune
from torchwork.errors import CheckpointError, DocumentError, RunFolderError
from torchwork.experiment import Experiment
from torchwork.recorder import Recorder, look_of, pictures_of
from torchwork.result import DOCUMENT, Run

Place = str | Path


def train(
    what: Experiment | nn.Module,
    /,
    *,
    runs: Place = "runs",
    folder: Place | None = None,
    trust: bool = False,
    **settings: Any,
) -> Run:
    """Trains an experiment, or one's own module on one's own data, and records everything in a new run folder.

    With a document: `train(Experiment.load("experiment.yaml"))`; `trust` allows it to name code of yours.
    With a module: `train(model, train=..., valid=..., loss=..., optimizer=..., epochs=...)`. `train`, `valid` and
    `test` are (inputs, targets), a `Dataset` or a `DataLoader`; `loss`, `optimizer` and `schedule` are written as in
    the document (`"CrossEntropyLoss"`, `{"Adam": {"lr": 0.01}}`) or are torch objects; `parameters`, `batch_size`,
    `seed`, `classes`, `name` and every field of the document's `train:` section may be given.

    Raises:
        TorchworkError: something is not right, or training cannot go on; the run folder says the same.
    """
    name = settings.pop("name", "run")
    if isinstance(what, nn.Module):
        built = build_own(what, **settings)
    elif settings:
        raise DocumentError(
            f"{', '.join(settings)}: settings of a document stand in it; use `experiment.with_settings(...)`"
        )
    else:
        built, name = build(what, trust=trust), what.name
    written = what.as_dict() if isinstance(what, Experiment) else built.settings.as_dict()
    parent, name = (runs, name) if folder is None else (Path(folder).parent, Path(folder).name)
    place = record.RunFolder.create(parent, name, number=folder is None, **_facts(built, written))
    with _recording(place):
        _save(built.document, place)  # before the trial, so that a run that is killed at any moment can be resumed
        return _fit(_tuned(built), place)


def resume(folder: Place, *, epochs: int | None = None, trust: bool = False) -> Run:
    """Goes on with a run from its newest good checkpoint, exactly as if it had never stopped.

    Raises:
        TorchworkError: no run there, in use by another process, or its data are gone.
    """
    place = record.RunFolder.open(folder)
    if not (place.path / DOCUMENT).exists():
        raise RunFolderError(
            f"{folder} has no document: it was trained from Python; call torchwork.train again with its module"
        )
    document = Experiment.load(place.path / DOCUMENT, [] if epochs is None else [f"train.epochs={epochs}"])
    if place.info.result and not any(place.path.glob("checkpoints/step-*")):
        raise CheckpointError(f"{folder} has no checkpoint to go on from; begin a new run with {place.path / DOCUMENT}")
    with _recording(place):
        built = build(document, base=place.base, trust=trust)
        return _fit(_tuned(built), place)


def _fit(built: Built, place: record.RunFolder) -> Run:
    """The whole of it: the engine trains, the recorder listens, the best weights are measured on the test split."""
    pictures = pictures_of(built.train, built.settings.record.images)
    look = partial(look_of, built.model, built.task, built.valid or built.train, built.settings.record)
    recorder = Recorder(place, built.model, built.settings, pictures, look)
    progress = ProgressBar()
    for note in built.notes:
        progress.on_note(f"· {note}")
    trainer = Trainer(
        built.model,
        built.task,
        built.updates,
        built.train,
        built.valid,
        settings=built.settings,
        seed=built.seed,
        listeners=[_Begun(built.document, place), recorder, progress],
        probes=recorder.probes,
        checkpoints=place.checkpoints,
    )
    outcome = trainer.fit()
    if built.test is not None and outcome.status != "stopped":
        place.update(result={**place.info.result, **trainer.test(built.test)})
    return Run(place, built.model, built.task)


def _tuned(built: Built) -> Built:
    """What is faster here is tried, not believed; the choice becomes part of the run's document.

    So do torch's threads: a sum in two parts is rounded otherwise than one in four, and a resume or a script elsewhere
    must take the same.
    """
    if built.settings.threads is None:
        built = with_train(built, threads=torch.get_num_threads())
    if built.settings.memory_format != "auto":
        return built
    batch = next(iter(built.train.epoch(0)))
    return with_choice(built, tune(built.model, built.task, built.updates, batch, built.settings))


class _Begun(Listener):
    """Keeps the document in the run folder once training begins: a resume that is refused leaves the old one."""

    def __init__(self, document: Experiment | None, place: record.RunFolder) -> None:
        self.document, self.place = document, place

    def on_start(self, info: Info) -> None:
        """The state is restored, or new."""
        _save(self.document, self.place)


def _save(document: Experiment | None, place: record.RunFolder) -> None:
    if document is not None:
        document.save(place.path / DOCUMENT)


def _facts(built: Built, written: dict[str, Any]) -> dict[str, Any]:
    """What `run.json` says of a run from its beginning; `written` are the settings as a person gave them."""
    settings = record.flat({key: value for key, value in written.items() if key not in ("torchwork", "name", "notes")})
    data = {"spec": built.spec.as_dict(), "folder": str(Path.cwd()), "facts": _looked_at(built)}
    return {"settings": settings, "data": data, "environment": record.describe_environment()}


def _looked_at(built: Built) -> dict[str, Any]:
    """What the doctor wants to know of data, loss and optimizer, also where no document says it."""
    optimizers = [type(optimizer).__name__ for update in built.updates for optimizer in update.optimizers]
    criterion = type(getattr(built.task, "criterion", None)).__name__
    found = data_facts(train=built.train, valid=built.valid, test=built.test)
    return {**found, "loss": criterion, "optimizers": optimizers}


@contextmanager
def _recording(place: record.RunFolder) -> Iterator[None]:
    """This process has the run; what it prints is kept, and what goes wrong stands in `run.json`."""
    with place.lock(), record.log_console(place.path / "console.log"):
        record.write_code_diff(place.path)
        try:
            yield
        except Exception as error:
            if place.info.status in ("new", "running"):  # a resume that was refused leaves the run as it was
                with suppress(RunFolderError):  # a full disk must not hide what went wrong
                    place.update(status="failed", error=str(error) or repr(error))
            raise
