"""What a person changes of runs: `PATCH /api/run`, and deletion with undo."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from torchwork.serve.edits import Edits
from torchwork.serve.messages import Deleted, Run, RunChange
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


class Chosen(BaseModel):
    """The runs that are meant."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str]


@router.patch("/run")
def change(request: Request, run: str, change: RunChange) -> Run:
    """Renames, notes, tags or archives a run; what is left out stays."""
    workbench = workbench_of(request)
    Edits(workbench.root).change(run, change)
    return workbench.workspace.one(run)


@router.post("/runs/delete")
def delete(request: Request, chosen: Chosen) -> Deleted:
    """Moves runs to the trash."""
    workbench = workbench_of(request)
    workbench.jobs.refuse_for(chosen.runs)
    return Edits(workbench.root).delete(chosen.runs)


@router.post("/runs/restore")
def restore(request: Request, undo: str) -> list[str]:
    """Brings back what was deleted, runs and documents; their paths."""
    return Edits(workbench_of(request).root).restore(undo)
