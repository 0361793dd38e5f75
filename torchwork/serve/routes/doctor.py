"""`/api/doctor`: what is wrong with a run, from its records alone or tried; or with a text, before it is trained."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request

from torchwork.doctor import diagnose, evidence_of
from torchwork.serve.looks import Diagnosis, DoctorRequest
from torchwork.serve.routes.predict import own_folder
from torchwork.serve.waiting import wanted
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


@router.get("/doctor")
def of_run(request: Request, run: str) -> Diagnosis:
    """What is wrong with a run so far."""
    workbench = workbench_of(request)
    folder = workbench.workspace.run(run)
    with workbench.workspace.reading(run) as tail:
        state = tail.log.records, _changed(folder / "run.json"), _changed(folder / "experiment.yaml")
        kept = workbench.diagnoses
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


def _changed(path: Path) -> int:
    """When a file was changed last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
