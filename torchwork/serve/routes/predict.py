"""What the process with torch answers: checks, the schema, predictions, samples, exports."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response

from torchwork.record import RunFolder
from torchwork.serve.inside import inside, run_folder, run_id
from torchwork.serve.messages import Checked, CheckRequest, Prediction, Sample
from torchwork.serve.refusal import RefusedError
from torchwork.serve.upload import receive
from torchwork.serve.waiting import wanted
from torchwork.serve.workbench import Workbench, workbench_of

LONGEST_NAME = 200
PARTS = ("run.json", "experiment.yaml", "checkpoints")
"""What a run is opened from."""

router = APIRouter(prefix="/api")


@router.post("/check")
async def check(request: Request, check: CheckRequest) -> Checked:
    """All that is wrong with a text, and what it describes."""
    found = await workbench_of(request).worker.call("check", text=check.text, path=check.path)
    return Checked.model_validate(found)


@router.get("/schema")
async def schema(request: Request, model: bool = False) -> Response:
    """The JSON Schema of an experiment, or of a model alone."""
    return JSONResponse(await workbench_of(request).worker.call("schema", model=model))


@router.post("/predict")
async def predict(
    request: Request,
    run: str,
    name: str = "picture",
    sample: Annotated[int | None, Query(ge=0)] = None,
    split: str = "",
) -> Prediction:
    """What a run says of the picture in the body, or of a sample of a split (empty: validation)."""
    workbench = workbench_of(request)
    folder = own_folder(workbench, run)
    if sample is not None:
        answer = workbench.worker.call("predict_sample", run=folder, index=sample, split=split)
        return Prediction.model_validate(await wanted(request, answer))
    async with receive(request, name) as picture:
        answer = workbench.worker.call("predict", run=folder, picture=str(picture), name=name[:LONGEST_NAME])
        return Prediction.model_validate(await wanted(request, answer))


@router.get("/samples")
async def samples(
    request: Request,
    run: str,
    n: Annotated[int, Query(ge=1, le=200)] = 12,
    first: Annotated[int, Query(alias="from", ge=0)] = 0,
    split: str = "",
) -> list[Sample]:
    """Pictures of a split (empty: validation)."""
    workbench = workbench_of(request)
    folder = own_folder(workbench, run)
    found = await workbench.worker.call("samples", run=folder, number=n, first=first, split=split)
    return [Sample.model_validate(item) for item in found]


@router.get("/export")
async def export(request: Request, run: str, to: Literal["safetensors", "pt2", "script"]) -> Response:
    """A run's model or script as a download."""
    workbench = workbench_of(request)
    folder = own_folder(workbench, run)
    place = await run_in_threadpool(tempfile.mkdtemp, prefix="torchwork-")
    try:
        path = await workbench.worker.call("export", run=folder, to=to, folder=place)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    name = f"{Path(folder).name}{Path(path).suffix}"
    return FileResponse(path, filename=name, background=BackgroundTask(shutil.rmtree, place, ignore_errors=True))


def own_folder(workbench: Workbench, run: str) -> str:
    """The folder of a run of ours, which alone can predict.

    Raises:
        RefusedError: it is a run of others, or leads out of the opened folder.
    """
    folder = run_folder(workbench.root, run)
    if not (folder / "run.json").is_file():
        raise RefusedError(f"{folder.name} was not made by torchwork: it can be watched and compared, not tried")
    for name in PARTS:  # which a symlink may lead out of the opened folder
        inside(workbench.root, run_id(workbench.root, folder / name))
    return str(RunFolder.open(folder).path)
