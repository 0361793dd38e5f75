"""Runs: the table, one run, its console, and both as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from torchwork.serve import console, export
from torchwork.serve.contents import contents_of
from torchwork.serve.messages import ConsoleText, Contents, Run
from torchwork.serve.workbench import workbench_of

router = APIRouter(prefix="/api")


@router.get("/runs")
def runs(request: Request) -> list[Run]:
    """All runs, newest first."""
    return workbench_of(request).workspace.runs()


@router.get("/run")
def run(request: Request, run: str) -> Run:
    """One run with its environment."""
    return workbench_of(request).workspace.one(run)


@router.get("/contents")
def contents(request: Request, run: str) -> Contents:
    """The tags of a run."""
    return contents_of(workbench_of(request).workspace, run)


@router.get("/console")
def read_console(request: Request, run: str, offset: int = 0, before: int | None = None) -> ConsoleText:
    """What a run has printed from a byte on, or the part that ends `before` one."""
    if before is not None:
        return console.before(workbench_of(request).workspace, run, before)
    return console.read(workbench_of(request).workspace, run, offset)


@router.get("/runs.csv")
def runs_csv(request: Request) -> Response:
    """The table as CSV."""
    return Response(export.table(workbench_of(request).workspace.runs()), headers=_file("runs.csv"))


@router.get("/scalars.csv")
def scalars_csv(
    request: Request, run: Annotated[list[str], Query()], tag: Annotated[list[str] | None, Query()] = None
) -> StreamingResponse:
    """Every point of some runs; of all curves without `tag`."""
    workspace = workbench_of(request).workspace
    for one in run:
        workspace.listed(one)
    return StreamingResponse(export.scalars(workspace, run, tag or []), headers=_file("scalars.csv"))


def _file(name: str) -> dict[str, str]:
    return {"content-type": "text/csv; charset=utf-8", "content-disposition": f'attachment; filename="{name}"'}
