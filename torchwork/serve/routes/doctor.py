"""`/api/doctor`: what is wrong with a run, from its records alone or tried; or with a text, before it is trained."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from fastapi import APIRouter, Request

from torchwork.doctor import diagnose, evidence_of
from torchwork.serve.looks import Diagnosis, DoctorRequest
from torchwork.serve.routes.predict import own_folder
from torchwork.serve.waiting import wanted
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")
KEPT = 32
"""Diagnoses of runs that have not changed since."""


@router.get("/doctor")
def of_run(request: Request, run: str) -> Diagnosis:
    """What is wrong with a run so far."""
    workspace = workbench_of(request).workspace
    folder = workspace.run(run)
    with workspace.reading(run) as tail:
        state = tail.log.records, _changed(folder / "run.json"), _changed(folder / "experiment.yaml")
        kept = _kept(request)
        found = kept.get(folder, state)
        if found is None:
            found = Diagnosis.model_validate(diagnose(evidence_of(folder, tail.log)).as_dict())
            kept.put(folder, state, found)
    return found


@router.post("/doctor/run")
async def of_tried_run(request: Request, run: str) -> Diagnosis:
    """What is wrong with a run, with trials of its network, which take half a minute at most and need its data."""
    workbench = workbench_of(request)
    answer = workbench.worker.call("diagnose_run", run=own_folder(workbench, run))
    return Diagnosis.model_validate(await wanted(request, answer))


@router.post("/doctor")
async def of_document(request: Request, asked: DoctorRequest) -> Diagnosis:
    """What is wrong with a document."""
    answer = workbench_of(request).worker.call("diagnose", **asked.model_dump())
    return Diagnosis.model_validate(await wanted(request, answer))


class _Kept:
    """The last diagnoses, each with the state of the run that it is of."""

    def __init__(self) -> None:
        self._found: OrderedDict[Path, tuple[object, Diagnosis]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, folder: Path, state: object) -> Diagnosis | None:
        with self._lock:
            known = self._found.get(folder)
        return known[1] if known is not None and known[0] == state else None

    def put(self, folder: Path, state: object, found: Diagnosis) -> None:
        with self._lock:
            self._found[folder] = state, found
            self._found.move_to_end(folder)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)


def _kept(request: Request) -> _Kept:
    kept = request.app.state
    if getattr(kept, "diagnoses", None) is None:
        kept.diagnoses = _Kept()
    return kept.diagnoses  # type: ignore[no-any-return]


def _changed(path: Path) -> int:
    """When a file was changed last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
