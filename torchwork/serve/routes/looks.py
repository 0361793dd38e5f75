"""`/api/inside`: the layers of a run as they were measured, and what the process with torch sees in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from torchwork.serve.inside import inside, run_id
from torchwork.serve.layers import heat, measured, with_shapes
from torchwork.serve.looks import (
    ExplainRequest,
    Explanation,
    Grid,
    GridRequest,
    Heat,
    LayerHeat,
    Layers,
    LiveLayers,
    Mistakes,
    PredictionsView,
    Progress,
    Uploaded,
)
from torchwork.serve.routes.predict import own_folder
from torchwork.serve.upload import receive
from torchwork.serve.waiting import wanted
from torchwork.serve.workbench import Workbench, workbench_of

LONGEST_TEXT = 4 << 20

router = APIRouter(prefix="/api/inside")


@router.get("")
def live(request: Request, run: str) -> LiveLayers:
    """All layers of a run as they were measured last."""
    workbench = workbench_of(request)
    with workbench.workspace.reading(run) as tail:
        step, layers, outputs = measured(tail.log)
    layers = with_shapes(layers, outputs)
    return LiveLayers(run=run, step=step, layers=layers, document=_document(workbench, run))


@router.get("/heat")
def over_time(
    request: Request, run: str, what: Heat = "gradient_norm", columns: Annotated[int, Query(ge=1, le=1000)] = 160
) -> LayerHeat:
    """One number of all layers over time."""
    with workbench_of(request).workspace.reading(run) as tail:
        return heat(tail.log, what, columns)


@router.get("/layers")
async def layers(request: Request, run: str) -> Layers:
    """The layers of a trained network with their costs, and what can be seen of each."""
    return Layers.model_validate(await _asked(request, "layers", run))


@router.post("/grid")
async def grid(request: Request, asked: GridRequest) -> Grid:
    """A page of kernels or feature maps."""
    return Grid.model_validate(await _asked(request, "grid", **asked.model_dump()))


@router.post("/picture")
async def picture(request: Request, name: str = "picture") -> Uploaded:
    """Holds the picture in the body, for explanations of it."""
    async with receive(request, name) as file:
        upload, shown = await run_in_threadpool(workbench_of(request).pictures.hold, file, name)
    return Uploaded(upload=upload, picture=shown)


@router.get("/picture")
def held_picture(request: Request, upload: str) -> Response:
    """A picture as it was sent, for a page that was loaded again."""
    return FileResponse(workbench_of(request).pictures.path(upload), media_type="application/octet-stream")


@router.post("/explain")
async def explain(request: Request, asked: ExplainRequest) -> Explanation:
    """Where the network looked."""
    given = asked.model_dump(exclude_defaults=True)
    if asked.upload:
        given["upload"] = str(workbench_of(request).pictures.path(asked.upload))
    return Explanation.model_validate(await _asked(request, "explain", **given))


@router.get("/explain")
async def progress(request: Request, run: str) -> Progress:
    """How far the explanation is that is being computed for a run."""
    workbench = workbench_of(request)
    return Progress(share=workbench.worker.progress("explain", own_folder(workbench, run)))


@router.get("/predictions")
async def predictions(
    request: Request,
    run: str,
    split: str = "valid",
    projection: Literal["pca", "t-sne"] = "pca",
) -> PredictionsView:
    """What a run says of a whole split."""
    found = await _asked(request, "predictions", run, split=split, projection=projection)
    return PredictionsView.model_validate(found)


@router.get("/mistakes")
async def mistakes(
    request: Request,
    run: str,
    split: str = "valid",
    label: Annotated[int | None, Query(ge=0)] = None,
    predicted: Annotated[int | None, Query(ge=0)] = None,
    order: Literal["loss", "confidence"] = "loss",
    first: Annotated[int, Query(alias="from", ge=0)] = 0,
    n: Annotated[int, Query(ge=1, le=200)] = 24,
) -> Mistakes:
    """The samples of a split that are mistaken, or those of a cell of its confusions."""
    cell = {"label": label, "predicted": predicted}
    found = await _asked(request, "mistakes", run, split=split, order=order, first=first, count=n, **cell)
    return Mistakes.model_validate(found)


async def _asked(request: Request, question: str, /, run: str, **more: Any) -> Any:
    """What the process with torch answers of a run of ours, as long as the page waits for it."""
    workbench = workbench_of(request)
    folder = own_folder(workbench, run)
    return await wanted(request, workbench.worker.call(question, run=folder, **more))


def _document(workbench: Workbench, run: str) -> str:
    """The text that the run was trained from; empty where there is none."""
    folder = workbench.workspace.run(run)
    place = folder / "experiment.yaml"
    if not (folder / "run.json").is_file() or not place.is_file() or place.stat().st_size > LONGEST_TEXT:
        return ""
    inside(workbench.root, run_id(workbench.root, place))  # it may be a symlink that leads out
    return place.read_text("utf-8", "replace")
