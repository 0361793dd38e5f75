"""The pages of data and settings: counts, samples, augmentation, the schedule, parameters."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from torchwork.serve import datasets, pace
from torchwork.serve.views import (
    Augmented,
    AugmentRequest,
    DataSamples,
    DataView,
    ParametersView,
    SamplesRequest,
    ScheduleRequest,
    ScheduleView,
    ViewRequest,
)
from torchwork.serve.workbench import workbench_of

OFFERED = 5
"""Folders that are offered where a document's data are not there."""

router = APIRouter(prefix="/api")


@router.post("/data")
async def data(request: Request, view: ViewRequest) -> DataView:
    """The data of a text, opened as training would open them."""
    workbench = workbench_of(request)
    found = DataView.model_validate(await workbench.worker.call("data", text=view.text, path=view.path))
    if not any(problem.place.startswith("data.source") for problem in found.problems):
        return found
    here = await run_in_threadpool(datasets.found, workbench.root)
    return found.model_copy(update={"notes": [*found.notes, *_offers([each.path for each in here])]})


@router.post("/data/samples")
async def samples(request: Request, view: SamplesRequest) -> DataSamples:
    """Samples of a split before augmentation."""
    return DataSamples.model_validate(await workbench_of(request).worker.call("data_samples", **view.model_dump()))


@router.post("/data/augment")
async def augment(request: Request, view: AugmentRequest) -> Augmented:
    """One training sample, augmented several times."""
    return Augmented.model_validate(await workbench_of(request).worker.call("augment", **view.model_dump()))


@router.post("/schedule")
async def schedule(request: Request, view: ScheduleRequest) -> ScheduleView:
    """Learning rates, steps, and how long it will take: by a run of the same document, else by a trial if wanted."""
    workbench = workbench_of(request)
    known = await run_in_threadpool(pace.expected, workbench.workspace, view.text, view.path)
    measure = view.measure and not known
    found = await workbench.worker.call("schedule", text=view.text, path=view.path, measure=measure)
    return ScheduleView.model_validate({**found, **known})


@router.post("/parameters")
async def parameters(request: Request, view: ViewRequest) -> ParametersView:
    """Every parameter of the network, and what the rules make of it."""
    found = await workbench_of(request).worker.call("parameters", text=view.text, path=view.path)
    return ParametersView.model_validate(found)


def _offers(paths: list[str]) -> list[str]:
    if not paths:
        return ["there are no data below the opened folder; drop a folder of pictures or a .csv file here"]
    more = ", ..." if len(paths) > OFFERED else ""
    return [f"data below the opened folder: {', '.join(paths[:OFFERED])}{more}"]
