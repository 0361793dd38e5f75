"""`/api/jobs`: trainings that run, wait and have ended."""

from __future__ import annotations

from fastapi import APIRouter, Request

from torchwork.serve.jobs import Jobs
from torchwork.serve.messages import Job, JobRequest, Queue
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


def _jobs(request: Request) -> Jobs:
    return workbench_of(request).jobs


@router.get("/jobs")
def queue(request: Request) -> Queue:
    """All jobs now."""
    return _jobs(request).queue()


@router.post("/jobs")
def add(request: Request, job: JobRequest) -> Job:
    """Trains a document, or goes on with a run, when a slot is free."""
    return _jobs(request).add(job)


@router.post("/jobs/stop")
def stop(request: Request, id: str, at_once: bool = False) -> Queue:
    """Asks a job to end; one that was asked already may be told to end at once."""
    return _jobs(request).stop(id, at_once)


@router.delete("/jobs")
def forget(request: Request, id: str) -> Queue:
    """Drops a job that ended from the list."""
    return _jobs(request).forget(id)


@router.put("/jobs/slots")
def set_slots(request: Request, slots: int) -> Queue:
    """How many trainings may run at once."""
    return _jobs(request).set_slots(slots)


@router.post("/runs/stop")
def stop_run(request: Request, run: str, at_once: bool = False) -> Queue:
    """Stops the training of a run, whoever started it."""
    return _jobs(request).stop_run(run, at_once)


@router.post("/runs/resume")
def resume(request: Request, run: str, epochs: int | None = None) -> Job:
    """Goes on with a run, for so many epochs in all if they are given."""
    return _jobs(request).add(JobRequest(resume=run, epochs=epochs))
